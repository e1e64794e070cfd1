/** Classes of a count that read well: nobody, then up to five classes with rounded limits. */

const N_CLASSES = 5;
const STEPS = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The round number nearest to `value` (at least 1), in proportion: 137 becomes 150. */
export function roundLimit(value: number): number {
  if (value <= 10) return Math.max(1, Math.round(value));
  const power = 10 ** Math.floor(Math.log10(value));
  const distance = (step: number): number => Math.abs(Math.log((step * power) / value));
  return STEPS.reduce((best, step) => (distance(step) < distance(best) ? step : best)) * power;
}

/**
 * Lower limits of the classes above zero, ascending, the first being 1.
 *
 * Quantiles of the positive values, rounded; limits that fall together are merged, so a regency with
 * few distinct values gets fewer classes.
 */
export function classLimits(values: readonly number[]): readonly number[] {
  const positive = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (positive.length === 0) return [];
  const limits = new Set([1]);
  for (let i = 1; i < N_CLASSES; i++) {
    limits.add(roundLimit(positive[Math.floor((i * positive.length) / N_CLASSES)]!));
  }
  return [...limits].sort((a, b) => a - b);
}

/** 0 for nobody, else the 1-based class of `value`; -1 when the count is not known. */
export function classOf(value: number | null, limits: readonly number[]): number {
  if (value === null) return -1;
  return limits.filter((limit) => value >= limit).length;
}
