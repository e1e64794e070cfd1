import { describe, expect, it } from "vitest";
import { clock, createFormat, mondayOf, NOTHING } from "../src/format";

const id = createFormat("id");
const en = createFormat("en");

describe("times", () => {
  it.each([
    ["2026-11-30T09:12:00+07:00", "Asia/Jakarta", "09:12"],
    ["2026-11-30T02:12:00Z", "Asia/Jakarta", "09:12"],
    ["2026-11-30T02:12:00Z", "Asia/Makassar", "10:12"],
    ["2026-11-30T02:12:00Z", "Asia/Jayapura", "11:12"],
    ["2026-11-29T17:00:00Z", "Asia/Jakarta", "00:00"],
  ])("%s in %s is %s, whatever the browser's zone", (iso, zone, expected) => {
    expect(clock(iso, zone)).toBe(expected);
  });

  it("names the day without shifting it into another zone", () => {
    // 30 November 2026 is a Monday.
    expect(id.longDay("2026-11-30")).toBe("Senin, 30 November 2026");
    expect(en.weekday("2026-11-30")).toBe("Mon");
  });
});

describe("ISO weeks", () => {
  // From the ISO 8601 calendar: 2026 has 53 weeks, 2021 begins in week 53 of 2020.
  it.each([
    ["2026-W49", "2026-11-30"],
    ["2026-W53", "2026-12-28"],
    ["2027-W01", "2027-01-04"],
    ["2026-W01", "2025-12-29"],
    ["2021-W01", "2021-01-04"],
  ])("%s begins on Monday %s", (week, monday) => {
    expect(mondayOf(week)).toBe(monday);
  });

  it("shows what is no week as it came", () => {
    expect(mondayOf("minggu depan")).toBeNull();
    expect(id.week("minggu depan")).toBe("minggu depan");
  });

  it("shows the span of a week, across a year too", () => {
    expect(id.week("2026-W49")).toBe("30 Nov – 6 Des 2026");
    expect(en.week("2026-W53")).toBe("28 Dec – 3 Jan 2027");
  });
});

describe("numbers", () => {
  it("follow the language", () => {
    expect(id.count(308309)).toBe("308.309");
    expect(en.count(308309)).toBe("308,309");
    expect(id.rupiah(24_560_000)).toBe("Rp 24.560.000");
    expect(id.percent(300110 / 308309)).toBe("97,34%");
    expect(en.km(3_412_330)).toBe("3,412 km");
    expect(id.hours(192.5)).toBe("192,5 jam");
  });

  it("give estimates of people one decimal below 100 and none from there", () => {
    expect(id.people(99.94)).toBe("99,9");
    expect(id.people(100)).toBe("100");
    expect(id.people(163.4)).toBe("163");
  });

  it("show a dash for what is not known, and zero for zero", () => {
    expect([id.count(null), id.rupiah(null), id.percent(undefined), id.km(null)]).toEqual(
      Array(4).fill(NOTHING),
    );
    expect(id.count(0)).toBe("0");
  });
});
