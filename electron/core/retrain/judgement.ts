import type { Verdict } from '../../contract/entities/evaluation.ts';

/** Share of right answers to a fact's test questions. */
export type FactVerdict = {
  readonly factId: string;
  readonly right: number;
  readonly asked: number;
  /** Answers that gave another fact's value, or the one it replaced. */
  readonly mixedUp: number;
};

export type Judgement = {
  readonly verdict: Verdict;
  readonly facts: readonly FactVerdict[];
  /** Of all questions of the examination, those of abstention and handing over included. */
  readonly right: number;
  readonly asked: number;
};
