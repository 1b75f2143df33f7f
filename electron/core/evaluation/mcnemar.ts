/**
 * Two sets of answers to the same questions: could their difference be chance? The exact test of McNemar
 * (Psychometrika 12, 1947): only questions that one answered right and the other wrong count, and by chance each of
 * them falls to either side alike.
 */

/** The two-sided probability of a difference at least as large. */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  let term = 0.5 ** n;
  // Too many questions for a power: a sum of logarithms would be needed; the app asks far fewer.
  if (term === 0) return onlyFirst === onlySecond ? 1 : 0;
  let tail = 0;
  for (let k = 0; k <= least; k += 1) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return Math.min(1, 2 * tail);
}
