/**
 * When a fact leaves the prompt: the served adapter was asked at least five questions about it in wordings that were
 * never taught, at least 80 % of the answers were right, none gave another fact's value or the one it replaced, and its
 * owner has not called an answer of chat about it wrong since.
 */
import type { Grade, LedgerEntry } from '../ledger/fact-state.ts';

/** Test questions that it takes. */
export const testsNeeded = 5;
/** Share of right answers from which a fact may leave the prompt. */
export const learnedShare = 0.8;

/** What the test of a fact came to. */
export function gradeOf(entry: Omit<LedgerEntry, 'factId'> | undefined): Grade {
  if (entry === undefined || entry.asked === 0) return 'untested';
  if (entry.mixedUp > 0 || entry.toldWrong === true) return 'weak';
  // Too few questions can fail a fact, never pass it.
  if (entry.right / entry.asked < learnedShare) return 'weak';
  return entry.asked < testsNeeded ? 'untested' : 'learned';
}
