import { describe, expect, it } from "vitest";
import { byPlan, together } from "../src/reports";

const HEAD = { format: "jemput-bola-results", format_version: 1 };

describe("a telephone's file", () => {
  it("goes to the plans that its reports name, whichever is shown", () => {
    const records = [
      { key: "a", plan_id: 1 },
      { key: "b", plan_id: 3 },
      { key: "c", plan_id: 1 },
      { key: "d" },
    ];
    const parts = byPlan(JSON.stringify({ ...HEAD, records }), 3);
    expect([...parts].map(([plan, body]) => [plan, JSON.parse(body)])).toEqual([
      [1, { ...HEAD, records: [records[0], records[2]] }],
      [3, { ...HEAD, records: [records[1], records[3]] }],
    ]);
  });

  it.each(["{", "null", "[]", "{}", '{"records": 5}', '{"records": []}'])(
    "is left to the server when it is none: %s",
    (text) => expect([...byPlan(text, 3)]).toEqual([[3, text]]),
  );

  it("is told of in one sum", () => {
    const one = { accepted: 1, known: 2, contradicts: 0, refused: 0, records: [] };
    const other = { accepted: 3, known: 0, contradicts: 1, refused: 2, records: [] };
    expect(together([one, other])).toEqual({
      accepted: 4,
      known: 2,
      contradicts: 1,
      refused: 2,
      records: [],
    });
  });
});
