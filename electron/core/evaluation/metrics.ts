/** Rates with Wilson score intervals, by kind, by group, and of the routing. */
import type { Answer, ArmResult, Question, Rate } from '../../contract/entities/evaluation.ts';
import { holdsValue } from './score-answer.ts';

/** The normal quantile of a two-sided 95 % interval. */
const quantile = 1.959963984540054;

/** A proportion with its 95 % Wilson score interval; without observations the rate is null. */
export function toRate(right: number, n: number): Rate {
  if (n === 0) return { right: 0, n: 0, rate: null, low: 0, high: 1 };
  const share = right / n;
  const square = quantile * quantile;
  const centre = (share + square / (2 * n)) / (1 + square / n);
  const half = (quantile * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n))) / (1 + square / n);
  return { right, n, rate: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Kinds, groups and routing of an arm's answers; nothing is counted as routing where nothing can be handed over. */
export function summarise(
  answers: readonly Answer[],
  questions: readonly Question[],
  { isRouted }: { readonly isRouted: boolean } = { isRouted: true },
): Pick<ArmResult, 'kinds' | 'groups' | 'routing'> {
  const byId = new Map(questions.map((question) => [question.id, question]));
  const general = answers.filter((answer) => answer.kind === 'general' && answer.group !== 'advice');
  const personal = answers.filter((answer) => answer.kind !== 'general');
  const groups = rateBy(answers, (answer) => answer.group);
  const knowledge = answers.filter(
    (answer) => answer.kind === 'general' && (byId.get(answer.id)?.expected.length ?? 0) > 0,
  );
  if (knowledge.length > 0) groups['general-ability'] = countRight(knowledge);
  const contradicted = answers.filter((answer) => answer.group === 'bridge-contradict');
  if (contradicted.length > 0) {
    const old = contradicted.filter((answer) =>
      holdsValue(answer.answer, byId.get(answer.id)?.forbidden ?? []),
    );
    groups['bridge-contradict-old'] = toRate(old.length, contradicted.length);
  }
  const byBase = (list: readonly Answer[]): number =>
    list.filter((answer) => answer.answeredBy === 'base').length;
  return {
    kinds: rateBy(answers, (answer) => answer.kind),
    groups,
    routing: !isRouted
      ? { handedOver: toRate(0, 0), wronglyKept: toRate(0, 0), wronglyHandedOver: toRate(0, 0) }
      : {
          handedOver: toRate(byBase(general), general.length),
          wronglyKept: toRate(general.length - byBase(general), general.length),
          wronglyHandedOver: toRate(byBase(personal), personal.length),
        },
  };
}

/** Groups of questions about facts in wordings that no training saw. */
export const testGroups: readonly string[] = ['test', 'natural', 'former'];

/** How the test questions of each fact were answered, natural wordings included. */
export function factResults(answers: readonly Answer[]): {
  readonly factId: string;
  readonly right: number;
  readonly asked: number;
  /** Answers that gave another fact's value, or the one it replaced. */
  readonly mixedUp: number;
}[] {
  const counts = new Map<string, { right: number; asked: number; mixedUp: number }>();
  for (const answer of answers) {
    if (answer.factId === undefined || !testGroups.includes(answer.group)) continue;
    const { right, asked, mixedUp } = counts.get(answer.factId) ?? { right: 0, asked: 0, mixedUp: 0 };
    const isMixedUp = !answer.right && (answer.failure === 'mixed-up' || answer.failure === 'stale');
    counts.set(answer.factId, {
      right: right + (answer.right ? 1 : 0),
      asked: asked + 1,
      mixedUp: mixedUp + (isMixedUp ? 1 : 0),
    });
  }
  return [...counts].map(([factId, count]) => ({ factId, ...count }));
}

function rateBy(answers: readonly Answer[], keyOf: (answer: Answer) => string): Record<string, Rate> {
  const lists = new Map<string, Answer[]>();
  for (const answer of answers) lists.set(keyOf(answer), [...(lists.get(keyOf(answer)) ?? []), answer]);
  return Object.fromEntries([...lists].map(([key, list]) => [key, countRight(list)]));
}

function countRight(answers: readonly Answer[]): Rate {
  return toRate(answers.filter((answer) => answer.right).length, answers.length);
}
