/** A telephone's file of reports: each is sent to the plan it was made for. */
import type { ResultsOut } from "./api-types";

/**
 * Part a file by the plans that its reports name: a telephone may still hold the plan whose place
 * the one shown has taken. What cannot be parted goes to the plan shown, for the server to judge.
 */
export function byPlan(file: string, shown: number): ReadonlyMap<number, string> {
  const whole = new Map([[shown, file]]);
  const document = parsed(file);
  if (!Array.isArray(document?.records) || document.records.length === 0) return whole;
  const parts = new Map<number, unknown[]>();
  for (const record of document.records as unknown[]) {
    const named = (record as { plan_id?: unknown } | null)?.plan_id;
    const plan = Number.isInteger(named) ? (named as number) : shown;
    parts.set(plan, [...(parts.get(plan) ?? []), record]);
  }
  return new Map(
    [...parts].map(([plan, records]) => [plan, JSON.stringify({ ...document, records })]),
  );
}

/** Sum up what became of the parts. */
export function together(answers: readonly ResultsOut[]): ResultsOut {
  const sum = (name: "accepted" | "known" | "contradicts" | "refused"): number =>
    answers.reduce((total, one) => total + one[name], 0);
  return {
    accepted: sum("accepted"),
    known: sum("known"),
    contradicts: sum("contradicts"),
    refused: sum("refused"),
    records: answers.flatMap((one) => one.records),
  };
}

function parsed(file: string): { records?: unknown } | null {
  try {
    return JSON.parse(file) as { records?: unknown } | null;
  } catch {
    return null;
  }
}
