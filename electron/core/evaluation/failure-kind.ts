/**
 * Why an answer counts as wrong. Pure; values are compared as the scorer compares them.
 *
 * stale: gives a value that the asked one replaced; mixed-up: gives a value of another fact; did-not-say: says that it
 * does not know, or passes the question on; invented: answers what was never told; wrong: everything else.
 */
import type { FailureKind, Question } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import { slotOf } from '../variations/generate-variations.ts';
import { holdsBeside, isAbstention, type AnswerToScore } from './score-answer.ts';

/** What is told, as far as an answer can be mistaken by it. */
export type ToldValues = {
  /** Of every fact, other names included. */
  readonly all: readonly string[];
  readonly byFact: ReadonlyMap<string, OwnValues>;
};

type OwnValues = {
  /** Values that the fact replaced. */
  readonly stale: readonly string[];
  /** Values that a right answer may give beside its own: of the same thing, and of the facts it follows from. */
  readonly beside: readonly string[];
};

/** Gathers the values of all facts, ended and derived ones included. */
export function toldValues(facts: readonly Fact[]): ToldValues {
  const slots = new Map<string, Fact[]>();
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  for (const fact of facts) {
    const slot = slots.get(slotOf(fact));
    if (slot === undefined) slots.set(slotOf(fact), [fact]);
    else slot.push(fact);
  }
  const byFact = new Map<string, OwnValues>();
  for (const fact of facts) {
    const slot = slots.get(slotOf(fact)) ?? [];
    const parents = fact.source.type === 'derived' ? fact.source.parents.map((id) => byId.get(id)) : [];
    const beside = [
      ...slot.filter((other) => other.current === fact.current),
      ...parents.filter((parent) => parent !== undefined),
    ];
    byFact.set(fact.id, {
      stale: fact.current ? slot.filter((other) => !other.current).flatMap(namesOf) : [],
      beside: beside.flatMap(namesOf),
    });
  }
  return { all: [...new Set(facts.flatMap(namesOf))], byFact };
}

/** The kind of a wrong answer. */
export function failureOf(
  question: Question,
  answer: AnswerToScore,
  context: { readonly abstentionPatterns: readonly string[]; readonly told: ToldValues },
): FailureKind {
  if (question.kind === 'general') return 'wrong';
  const { told } = context;
  const own = question.factId === undefined ? undefined : told.byFact.get(question.factId);
  const allowed = [...question.expected, ...(own?.beside ?? [])];
  const gives = (values: readonly string[]): boolean =>
    holdsBeside(answer.text, values, { allowed, asked: question.question });
  if (question.kind === 'abstain') return gives(told.all) ? 'mixed-up' : 'invented';
  // What the base says to a question that was passed on it has from nowhere.
  if (answer.answeredBy === 'base' || isAbstention(answer.text, context.abstentionPatterns))
    return 'did-not-say';
  if (own !== undefined && gives(own.stale)) return 'stale';
  return gives(told.all) ? 'mixed-up' : 'wrong';
}

function namesOf(fact: Fact): string[] {
  return [fact.value, ...fact.aliases];
}
