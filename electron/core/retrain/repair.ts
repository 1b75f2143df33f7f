/**
 * Repair rounds after a training: facts whose probe questions were answered wrong get a short warm round, and what
 * comes of it is kept only if the examination is not worse for it.
 */
import { gradeOf } from './graduate.ts';
import type { Judgement } from './judgement.ts';

/** Rounds after one training. */
export const mostRounds = 2;

/** True where a repaired adapter may take the place of the one before: it passes, or does as much right and knows as many facts. */
export function isNotWorse(repaired: Judgement, before: Judgement): boolean {
  if (repaired.asked !== before.asked) return false;
  if (repaired.verdict.approved !== before.verdict.approved) return repaired.verdict.approved;
  return repaired.right >= before.right && learnedOf(repaired) >= learnedOf(before);
}

function learnedOf({ facts }: Judgement): number {
  return facts.filter((fact) => gradeOf(fact) === 'learned').length;
}
