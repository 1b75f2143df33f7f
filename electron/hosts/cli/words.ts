/** "1 fact", "3 facts". */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** "0.84 (0.77-0.89, n = 125)". */
export function share(rate: {
  readonly rate: number | null;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}): string {
  if (rate.rate === null) return '- (n = 0)';
  return `${rate.rate.toFixed(2)} (${rate.low.toFixed(2)}-${rate.high.toFixed(2)}, n = ${rate.n})`;
}
