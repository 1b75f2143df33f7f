/**
 * What the active adapter knows of a fact. Computed on reading from its ledger entry, never stored on the fact.
 *
 * Proved = at least 80 % of the test questions that were asked about this version were answered right; a version that
 * was never asked is not proved.
 */
import type { Fact, FactState } from '../../contract/entities/fact.ts';

/** Share of right answers from which a fact may leave the prompt. */
export const provedShare = 0.8;

/** How the test questions about one fact version were answered by one adapter. */
export type LedgerEntry = {
  readonly factId: string;
  readonly right: number;
  readonly asked: number;
};

/** True when the adapter answers for the fact by itself. */
export function isProved(entry: Pick<LedgerEntry, 'right' | 'asked'>): boolean {
  return entry.asked > 0 && entry.right / entry.asked >= provedShare;
}

/** The state a reader sees. `trained`: the active adapter learnt this version; false where none is active. */
export function factStateOf(input: {
  readonly fact: Pick<Fact, 'current' | 'neverTrain'>;
  readonly trained: boolean;
  readonly entry: Pick<LedgerEntry, 'right' | 'asked'> | undefined;
  /** True when it should ride in the prompt and finds no room there. */
  readonly waiting: boolean;
}): FactState {
  const { fact, trained, entry, waiting } = input;
  if (!fact.current) return 'retired';
  if (trained && entry !== undefined && isProved(entry)) return 'in-weights';
  if (waiting) return 'waiting';
  if (fact.neverTrain) return 'in-prompt';
  if (!trained) return 'pending';
  return entry === undefined || entry.asked === 0 ? 'in-prompt' : 'weak';
}
