/** Numbers, times and lengths as words, in the user's language and in the office's zone. */
import type { Lang } from "./state";

const LOCALES: Readonly<Record<Lang, string>> = { id: "id-ID", en: "en-GB" };
export const NOTHING = "–";

type Maybe = number | null | undefined;

export interface Format {
  readonly count: (value: Maybe) => string;
  /** Expected people are estimates: one decimal below 100, none above. */
  readonly people: (value: Maybe) => string;
  /** A fraction as percent with two decimals: a week moves coverage by hundredths. */
  readonly percent: (fraction: Maybe) => string;
  readonly decimal: (value: Maybe, digits: number) => string;
  readonly rupiah: (value: Maybe) => string;
  readonly km: (metres: Maybe) => string;
  readonly hours: (hours: Maybe) => string;
  readonly minutes: (minutes: Maybe) => string;
  /** `Sen, 30 Nov`. */
  readonly day: (day: string) => string;
  /** `Senin, 30 November 2026`. */
  readonly longDay: (day: string) => string;
  /** `31 Des 2024`. */
  readonly date: (day: string) => string;
  /** `Sen`. */
  readonly weekday: (day: string) => string;
  /** `30 Nov – 6 Des 2026` of `2026-W49`. */
  readonly week: (week: string) => string;
  /** Date and time of an instant in the office's zone. */
  readonly instant: (iso: string, zone: string) => string;
}

export function createFormat(lang: Lang): Format {
  const locale = LOCALES[lang];
  const fixed = (digits: number): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const plain = [fixed(0), fixed(1), fixed(2)] as const;
  const number = (value: Maybe, digits: number): string =>
    value === null || value === undefined
      ? NOTHING
      : (plain[digits] ?? fixed(digits)).format(value);
  const unit = (text: string, word: string): string =>
    text === NOTHING ? text : `${text} ${word}`;
  const date = (day: string, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }).format(noonOf(day));
  const hour = lang === "id" ? "jam" : "h";
  const minute = lang === "id" ? "mnt" : "min";
  return {
    count: (value) => number(value, 0),
    people: (value) => number(value, Math.abs(value ?? 0) >= 100 ? 0 : 1),
    percent: (fraction) => {
      const text = number(scaled(fraction, 100), 2);
      return text === NOTHING ? text : `${text}%`;
    },
    decimal: number,
    rupiah: (value) => {
      const text = number(value, 0);
      return text === NOTHING ? text : `Rp ${text}`;
    },
    km: (metres) => unit(number(scaled(metres, 0.001), 0), "km"),
    hours: (value) => unit(number(value, 1), hour),
    minutes: (value) => unit(number(value, 0), minute),
    day: (day) => date(day, { weekday: "short", day: "numeric", month: "short" }),
    longDay: (day) =>
      date(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    date: (day) => date(day, { day: "numeric", month: "short", year: "numeric" }),
    weekday: (day) => date(day, { weekday: "short" }),
    week: (week) => {
      const monday = mondayOf(week);
      if (monday === null) return week;
      const ends = [monday, addDays(monday, 6)].map((day) =>
        date(day, { day: "numeric", month: "short" }),
      );
      return `${ends.join(" – ")} ${date(addDays(monday, 6), { year: "numeric" })}`;
    },
    instant: (iso, zone) =>
      `${new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: zone }).format(new Date(iso))} ${clock(iso, zone)}`,
  };
}

/** `09:12` in the office's zone, in every language: the office's own papers are written so. */
export function clock(iso: string, zone: string): string {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone } as const;
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(iso));
}

/** Monday of an ISO week, `2026-11-30` of `2026-W49`; null when the text is no such week. */
export function mondayOf(week: string): string | null {
  const match = /^(\d{4})-W(\d{2})$/.exec(week);
  if (!match) return null;
  // 4 January always lies in week 1.
  const fourth = new Date(Date.UTC(Number(match[1]), 0, 4));
  const toMonday = (fourth.getUTCDay() + 6) % 7;
  return addDays(isoDay(fourth), (Number(match[2]) - 1) * 7 - toMonday);
}

function addDays(day: string, n: number): string {
  const date = noonOf(day);
  date.setUTCDate(date.getUTCDate() + n);
  return isoDay(date);
}

function noonOf(day: string): Date {
  return new Date(`${day}T12:00:00Z`);
}

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function scaled(value: Maybe, factor: number): Maybe {
  return value === null || value === undefined ? value : value * factor;
}
