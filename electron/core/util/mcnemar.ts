/**
 * The exact two-sided McNemar test: how likely a difference at least this large is by chance alone, of `better` pairs
 * that only the second got right and `worse` ones that only the first did.
 */
export function mcNemar(better: number, worse: number): number {
  const count = better + worse;
  if (count === 0) return 1;
  const fewer = Math.min(better, worse);
  // The sum of the binomial's lower tail at one half, in logarithms: 2^-count is 0 from 1075 on.
  let term = -count * Math.LN2;
  let tail = Math.exp(term);
  for (let index = 1; index <= fewer; index += 1) {
    term += Math.log(count - index + 1) - Math.log(index);
    tail += Math.exp(term);
  }
  return Math.min(1, 2 * tail);
}
