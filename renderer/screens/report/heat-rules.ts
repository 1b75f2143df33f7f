/** What a cell of the heat table shows. */
import type { Rate } from '../../../electron/contract/entities/evaluation.ts';
import type { EvaluationReport } from '../../../electron/contract/entities/report.ts';

const target = 0.95;
const fewest = 5;

type Cell = EvaluationReport['cells'][number];

/** The cell of a category and tier, if any of its questions was asked. */
export function cellOf(cells: readonly Cell[], category: string, tier: string): Cell | undefined {
  return cells.find((cell) => cell.category === category && cell.tier === tier && cell.rate.n > 0);
}

/** Fewer questions than can say anything. */
export const isTooFew = ({ n }: Rate): boolean => n < fewest;

/** Enough questions, too few of them right. */
export const isBelowTarget = (rate: Rate): boolean => !isTooFew(rate) && rate.right / rate.n < target;

/** Name of the class that colours it: grey below 5 questions, else by its share. */
export function cellLevel(rate: Rate): string {
  if (isTooFew(rate)) return 'heat-few';
  const share = rate.right / rate.n;
  return `heat-${share >= 0.99 ? 4 : share >= 0.95 ? 3 : share >= 0.8 ? 2 : share >= 0.5 ? 1 : 0}`;
}
