import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer, ArmResult } from '../../../electron/contract/entities/evaluation.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { loadBenchmarks, type Benchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { createEvaluationStore } from '../../../electron/core/evaluation/evaluation-store.ts';
import { mcnemar } from '../../../electron/core/evaluation/mcnemar.ts';
import { summarise } from '../../../electron/core/evaluation/metrics.ts';
import { createReportService } from '../../../electron/core/evaluation/report-service.ts';
import { aFact, resourcesDir } from '../../helpers/a-fact.ts';
import { anAdapter } from '../../helpers/models.ts';

const adapter = anAdapter({ verdict: { approved: false, reasons: ['failed: recall'] } });
const cat = aFact({ id: 'cat', attribute: 'cat', value: 'Luna', category: 'home' });
const job = aFact({ id: 'job', attribute: 'job', value: 'nurse', category: 'work', tier: 'temporal' });
const benchmarks: Benchmarks = loadBenchmarks(resourcesDir);
const ability = benchmarks.general.filter((each) => each.expected.length > 0).map(({ id }) => id);

let store: ReturnType<typeof createEvaluationStore>;
let report: ReturnType<typeof createReportService>;
let count: number;

beforeEach(() => {
  const db = openMemoryDatabase(profileMigrations);
  store = createEvaluationStore(db);
  count = 0;
  report = createReportService({
    db,
    listFacts: () => [cat, job],
    findAdapter: () => adapter,
    versionOf: () => 12,
    findBaseId: () => undefined,
    loadBenchmarks: () => benchmarks,
  });
});

function anAnswer(fields: Partial<Answer>): Answer {
  count += 1;
  return {
    id: `question-${count}`,
    question: 'What is my cat called?',
    answer: 'Luna',
    right: true,
    answeredBy: 'adapter',
    stopped: true,
    kind: 'recall',
    group: 'test',
    ...fields,
  };
}

/** Keeps an examination; a later one is newer. */
function keep(
  arm: ArmResult['arm'],
  answers: readonly Answer[],
  { questionSet = 'quick', baseModelId = 'base-1' } = {},
): void {
  const adapterId = arm === 'base' || arm === 'prompt' ? null : adapter.id;
  const result = { arm, adapterId, answers: [...answers], ...summarise(answers, []) };
  count += 1;
  store.insert({
    ...{ id: `evaluation-${count}`, adapterId, questionSet, result, verdict: null },
    ...{ createdAt: count, baseModelId },
  });
}

describe('a report', () => {
  it('is nothing before the first examination', () => {
    expect(report(undefined)).toBeNull();
  });

  it('counts unseen wordings by arm, category and tier, with n', () => {
    keep('base', [anAnswer({ factId: 'cat', right: false })], { questionSet: 'full' });
    keep('tuned', [
      ...[true, true, false].map((right) => anAnswer({ factId: 'cat', right })),
      anAnswer({ factId: 'job', group: 'natural' }),
      // Taught and steering wordings prove nothing.
      anAnswer({ factId: 'job', group: 'seen', right: false }),
      anAnswer({ factId: 'job', group: 'probe', right: false }),
    ]);
    const { arms, cells, version, verdict, failures } = report(undefined) ?? {};
    expect([version, verdict]).toEqual([12, adapter.verdict]);
    expect(arms?.map(({ arm, recall: { right, n } }) => [arm, right, n])).toEqual([
      ['base', 0, 1],
      ['tuned', 3, 4],
    ]);
    expect(cells?.map(({ category, tier, rate: { right, n } }) => [category, tier, right, n])).toEqual([
      ['home', 'simple', 2, 3],
      ['work', 'temporal', 1, 1],
    ]);
    expect(failures).toHaveLength(1);
  });

  it('tells each failure with what was expected and its kind', () => {
    keep('tuned', [
      anAnswer({ factId: 'cat', right: false, answer: 'nurse', expected: ['Luna'], failure: 'mixed-up' }),
      anAnswer({ kind: 'abstain', group: 'unknown', right: false, answer: '43', failure: 'invented' }),
      // Of an earlier version of the app.
      anAnswer({ factId: 'job', right: false, answer: 'pilot' }),
    ]);
    expect(report(undefined)?.failures).toMatchObject([
      { kind: 'mixed-up', expected: ['Luna'], answered: 'nurse', tier: 'simple', category: 'home' },
      { kind: 'invented', expected: [], tier: null, category: null, factId: null },
      { kind: 'wrong', expected: ['nurse'], tier: 'temporal', factId: 'job' },
    ]);
    expect(report(undefined)?.abstention).toMatchObject({ right: 0, n: 1 });
  });

  it('takes the newest examination of each arm, and never one of own questions', () => {
    keep('tuned', [anAnswer({ factId: 'cat', right: false })]);
    keep('tuned', [anAnswer({ factId: 'cat' })]);
    keep('tuned', [anAnswer({ factId: 'cat', right: false })], { questionSet: 'own' });
    expect(report(undefined)?.arms).toMatchObject([{ arm: 'tuned', recall: { right: 1, n: 1 } }]);
  });

  it('leaves out what another base answered', () => {
    keep('tuned', [anAnswer({ factId: 'cat' })]);
    keep('base', [anAnswer({ factId: 'cat' })], { baseModelId: 'base-2' });
    expect(report(undefined)?.arms.map(({ arm }) => arm)).toEqual(['tuned']);
  });
});

describe('general ability beside the base', () => {
  /** The first `lost` questions were right without the adapter only. */
  const answersOf = (lost: number, isTuned: boolean): Answer[] =>
    ability
      .slice(0, 60)
      .map((id, index) =>
        anAnswer({ id, kind: 'general', group: 'general', right: !(isTuned && index < lost) }),
      );

  it.each([
    [0, true],
    [5, true],
    // 2 x 0.5^6 = 0.031
    [6, false],
  ])('could be chance with %i of 60 lost and none gained: %s', (lost, couldBeChance) => {
    keep('tuned', answersOf(lost, true));
    keep('base', answersOf(lost, false));
    expect(report(undefined)?.general).toMatchObject({
      tuned: { right: 60 - lost, n: 60 },
      base: { right: 60, n: 60 },
      couldBeChance,
    });
  });

  it('is compared with nothing where the base was not asked the same', () => {
    keep('tuned', answersOf(3, true));
    keep('base', answersOf(3, false).slice(1));
    expect(report(undefined)?.general).toMatchObject({ tuned: { right: 57 }, base: null });
  });
});

describe('the exact test of McNemar', () => {
  it.each([
    [0, 0, 1],
    [1, 1, 1],
    [0, 5, 0.0625],
    [5, 0, 0.0625],
    [1, 9, 0.021484375],
    [10, 20, 0.0987],
  ])('of %i and %i is %f', (first, second, probability) => {
    expect(mcnemar(first, second)).toBeCloseTo(probability, 4);
  });
});
