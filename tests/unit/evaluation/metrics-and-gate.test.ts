import { describe, expect, it } from 'vitest';
import type { Answer, ArmResult, Question } from '../../../electron/contract/entities/evaluation.ts';
import { decideVerdict } from '../../../electron/core/evaluation/gate.ts';
import { factResults, summarise, toRate } from '../../../electron/core/evaluation/metrics.ts';

describe('a rate', () => {
  it.each([
    // Wilson score intervals, computed by hand from the formula.
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [5, 10, 0.2366, 0.7634],
    [90, 100, 0.8256, 0.9448],
  ])('%i of %i lies between %f and %f', (right, n, low, high) => {
    const rate = toRate(right, n);
    expect(rate.low).toBeCloseTo(low, 3);
    expect(rate.high).toBeCloseTo(high, 3);
    expect(rate.rate).toBe(right / n);
  });

  it('of nothing is no rate', () => {
    expect(toRate(0, 0)).toEqual({ right: 0, n: 0, rate: null, low: 0, high: 1 });
  });
});

function answerOf(part: Partial<Answer>): Answer {
  return {
    id: 'a',
    question: '?',
    answer: 'Porto',
    right: true,
    answeredBy: 'adapter',
    stopped: true,
    kind: 'recall',
    group: 'test',
    ...part,
  };
}

function questionOf(part: Partial<Question>): Question {
  return { id: 'a', question: '?', expected: [], forbidden: [], kind: 'recall', group: 'test', ...part };
}

describe('a summary', () => {
  const answers = [
    answerOf({ id: '1', factId: 'f1' }),
    answerOf({ id: '2', factId: 'f1', right: false }),
    answerOf({ id: '3', factId: 'f2', group: 'natural' }),
    answerOf({ id: '4', factId: 'f2', group: 'seen', right: false }),
    answerOf({ id: '5', kind: 'abstain', group: 'unknown', answeredBy: 'base', right: false }),
    answerOf({ id: '6', kind: 'general', group: 'general', answeredBy: 'base' }),
    answerOf({ id: '7', kind: 'general', group: 'general', answeredBy: 'adapter', right: false }),
    answerOf({ id: '8', kind: 'general', group: 'advice', answeredBy: 'base' }),
    answerOf({ id: '9', group: 'bridge-contradict', answer: 'It is Lisbon.', right: false }),
    answerOf({ id: '10', group: 'bridge-contradict', answer: 'It is Porto.' }),
  ];
  const questions = [
    questionOf({ id: '6', kind: 'general', expected: ['Rome'] }),
    questionOf({ id: '7', kind: 'general' }),
    questionOf({ id: '9', group: 'bridge-contradict', forbidden: ['Lisbon'] }),
    questionOf({ id: '10', group: 'bridge-contradict', forbidden: ['Lisbon'] }),
  ];
  const summary = summarise(answers, questions);

  it('counts by kind and by group', () => {
    expect(summary.kinds.recall).toMatchObject({ right: 3, n: 6 });
    expect(summary.groups.test).toMatchObject({ right: 1, n: 2 });
    expect(summary.groups.unknown).toMatchObject({ right: 0, n: 1 });
  });
  it('counts general ability only where an answer is given', () => {
    expect(summary.groups['general-ability']).toMatchObject({ right: 1, n: 1 });
  });
  it('counts the old value of contradicted facts', () => {
    expect(summary.groups['bridge-contradict-old']).toMatchObject({ right: 1, n: 2 });
  });
  it('counts the routing both ways and advice apart', () => {
    expect(summary.routing.handedOver).toMatchObject({ right: 1, n: 2 });
    expect(summary.routing.wronglyKept).toMatchObject({ right: 1, n: 2 });
    expect(summary.routing.wronglyHandedOver).toMatchObject({ right: 1, n: 7 });
    expect(summary.groups.advice).toMatchObject({ right: 1, n: 1 });
  });
  it('gives each fact its right test answers, seen forms left out', () => {
    expect(factResults(answers)).toEqual([
      { factId: 'f1', right: 1, asked: 2, mixedUp: 0 },
      { factId: 'f2', right: 1, asked: 1, mixedUp: 0 },
    ]);
  });
});

describe('the gate', () => {
  type Numbers = {
    readonly test?: readonly [number, number];
    readonly unknown?: readonly [number, number];
    readonly handedOver?: readonly [number, number];
    readonly lost?: readonly [number, number];
    readonly ability?: readonly [number, number];
  };
  const armOf = (numbers: Numbers): ArmResult => {
    const groups: ArmResult['groups'] = {};
    groups.test = toRate(...(numbers.test ?? ([90, 100] as const)));
    groups.unknown = toRate(...(numbers.unknown ?? ([40, 50] as const)));
    groups['general-ability'] = toRate(...(numbers.ability ?? ([50, 100] as const)));
    return {
      arm: 'tuned',
      adapterId: 'a',
      answers: [],
      kinds: {},
      groups,
      routing: {
        handedOver: toRate(...(numbers.handedOver ?? ([95, 100] as const))),
        wronglyKept: toRate(5, 100),
        wronglyHandedOver: toRate(...(numbers.lost ?? ([2, 100] as const))),
      },
    };
  };
  const base = armOf({ ability: [52, 100] });

  it('approves what keeps every limit and says the numbers', () => {
    const verdict = decideVerdict(armOf({}), base);
    expect(verdict.approved).toBe(true);
    expect(verdict.reasons[0]).toContain('0.90 (90 of 100)');
  });
  it.each<[string, Numbers]>([
    ['recall', { test: [79, 100] }],
    ['abstention', { unknown: [29, 50] }],
    ['general questions handed over', { handedOver: [89, 100] }],
    ['personal questions handed over', { lost: [11, 100] }],
    ['general ability', { ability: [46, 100] }],
    ['recall', { test: [0, 0] }],
    ['abstention', { unknown: [0, 0] }],
    ['general ability', { ability: [0, 0] }],
    ['general ability', { ability: [40, 80] }],
  ])('rejects on %s (%j)', (what, numbers) => {
    const verdict = decideVerdict(armOf(numbers), base);
    expect(verdict.approved).toBe(false);
    const failed = verdict.reasons.filter((reason) => reason.startsWith('failed'));
    expect(failed).toHaveLength(1);
    expect(failed[0]).toContain(what);
  });
  it.each<[string, Numbers]>([
    ['recall', { test: [80, 100] }],
    ['abstention', { unknown: [30, 50] }],
    ['handed over', { handedOver: [90, 100] }],
    ['wrongly handed over', { lost: [10, 100] }],
    ['general ability', { ability: [47, 100] }],
  ])('approves %s at its limit', (_what, numbers) => {
    expect(decideVerdict(armOf(numbers), base).approved).toBe(true);
  });
  it('rejects where a set is missing altogether', () => {
    const empty = { ...armOf({}), groups: {} };
    expect(decideVerdict(empty, base).approved).toBe(false);
    expect(decideVerdict(armOf({}), { ...base, groups: {} }).approved).toBe(false);
  });
});
