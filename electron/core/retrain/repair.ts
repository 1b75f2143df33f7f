/**
 * Repair rounds after a training: facts whose probe questions were answered wrong get a short warm round, and what
 * comes of it is kept only if the examination is not worse for it.
 */
import type { Judgement } from './judgement.ts';

/** Rounds after one training. */
export const mostRounds = 2;

/** True where a repaired adapter may take the place of the one before: it passes if that did, with as much right. */
export function isNotWorse(repaired: Judgement, before: Judgement): boolean {
  if (before.verdict.approved && !repaired.verdict.approved) return false;
  return repaired.asked === before.asked && repaired.right >= before.right;
}
