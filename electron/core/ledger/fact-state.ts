/**
 * What the active adapter knows of a fact. Computed on reading from its ledger entry, never stored on the fact.
 *
 * Which entries let a fact leave the prompt is the rule of retrain/graduate.ts, which is passed in.
 */
import type { Fact, FactFlag, FactState } from '../../contract/entities/fact.ts';

/** How the test questions about one fact version were answered by one adapter. */
export type LedgerEntry = {
  readonly factId: string;
  readonly right: number;
  readonly asked: number;
  /** Answers that gave another fact's value, or the one it replaced. */
  readonly mixedUp: number;
  /** Its owner called an answer about it wrong: whatever the test said, it rides in the prompt. */
  readonly toldWrong?: boolean;
};

/** What the test of a fact came to: learned, not learned, or too few questions to tell. */
export type Grade = 'learned' | 'weak' | 'untested';

/** The state a reader sees. `trained`: the active adapter learnt this version; false where none is active. */
export function factStateOf(input: {
  readonly fact: Pick<Fact, 'current' | 'neverTrain'>;
  readonly trained: boolean;
  readonly grade: Grade;
}): FactState {
  const { fact, trained, grade } = input;
  if (!fact.current) return 'retired';
  if (trained && grade === 'learned') return 'in-weights';
  if (fact.neverTrain) return 'in-prompt';
  if (!trained) return 'pending';
  return grade === 'untested' ? 'in-prompt' : 'weak';
}

/** What stands beside the state. `waiting`: it should ride in the prompt and finds no room there. */
export function factFlagsOf(
  fact: Pick<Fact, 'current' | 'conflictsWith'>,
  state: FactState,
  waiting: boolean,
): FactFlag[] {
  const flags: FactFlag[] = [];
  if (fact.conflictsWith.length > 0) flags.push('conflict');
  if (waiting && fact.current && state !== 'in-weights') flags.push('waiting');
  return flags;
}
