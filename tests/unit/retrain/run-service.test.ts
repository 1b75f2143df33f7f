import { beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../electron/contract/entities/evaluation.ts';
import type { Adapter } from '../../../electron/contract/entities/model.ts';
import type { TrainingRun } from '../../../electron/contract/entities/training.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { compareAnswers, differingSettings } from '../../../electron/core/retrain/compare-runs.ts';
import { createRunService } from '../../../electron/core/retrain/run-service.ts';
import { createCurveStore } from '../../../electron/core/training/curve-store.ts';
import { describeSettings, settingsToKeep } from '../../../electron/core/training/run-settings.ts';
import { createRunWatch } from '../../../electron/core/training/run-watch.ts';
import { createTrainingStore } from '../../../electron/core/training/training-store.ts';
import { mcNemar } from '../../../electron/core/util/mcnemar.ts';

const aRun = (id: string, part: Partial<TrainingRun> = {}): TrainingRun => ({
  id,
  datasetId: 'd',
  baseModelId: 'b',
  recipe: 'routed',
  seed: 42,
  state: 'succeeded',
  folder: '/nowhere',
  adapterId: null,
  seconds: null,
  tokens: null,
  loss: null,
  error: null,
  createdAt: 1,
  mode: 'rebuild',
  parentAdapterId: null,
  settings: null,
  device: null,
  tokensPerSecond: null,
  peakMemoryBytes: null,
  step: null,
  steps: null,
  ...part,
});

const answer = (factId: string, number: number, right: boolean): Answer => ({
  id: `test/${factId}/${number}`,
  question: `question ${number}?`,
  answer: '',
  right,
  answeredBy: 'adapter',
  stopped: true,
  kind: 'recall',
  group: 'test',
  factId,
});

const adapters = ['one', 'two'].map(
  (id) =>
    ({
      id,
      runId: `run-${id}`,
      verdict: { approved: id === 'two', reasons: ['a reason'] },
    }) as unknown as Adapter,
);
const answers: Readonly<Record<string, readonly Answer[]>> = {
  one: Array.from({ length: 12 }, (_unused, index) => answer(index < 6 ? 'cat' : 'city', index, index < 2)),
  two: Array.from({ length: 12 }, (_unused, index) => answer(index < 6 ? 'cat' : 'city', index, index > 0)),
};

let db: ReturnType<typeof openMemoryDatabase>;
let create: () => ReturnType<typeof createRunService>;
let curves: ReturnType<typeof createCurveStore>;
let watch: ReturnType<typeof createRunWatch>;
let runs: ReturnType<typeof createTrainingStore>;

beforeEach(() => {
  db = openMemoryDatabase(profileMigrations);
  runs = createTrainingStore(db);
  curves = createCurveStore(db);
  watch = createRunWatch({ store: curves, clock: { now: () => 7 }, announce: () => undefined });
  runs.insert(aRun('run-one', { adapterId: 'one', createdAt: 1 }));
  runs.insert(aRun('run-two', { adapterId: 'two', createdAt: 2, mode: 'warm', device: 'cpu/bf16' }));
  runs.insert(aRun('run-three', { state: 'interrupted', createdAt: 3, step: 180, steps: 260 }));
  create = () =>
    createRunService({
      ...{ curves, watch, listRuns: () => runs.list(), findRun: (id) => runs.find(id) },
      findAdapter: (id) => adapters.find((each) => each.id === id),
      versionOf: (id) => (id === 'one' ? 1 : 2),
      evaluationsOf: (id) => [{ verdict: {}, result: { answers: answers[id] ?? [] } }],
      statements: () =>
        new Map([
          ['cat', 'My cat is called Luna'],
          ['city', 'I live in Porto'],
        ]),
      openJobs: () => [
        {
          id: 'job-1',
          kind: 'train',
          state: 'interrupted',
          params: {},
          progress: null,
          error: null,
          createdAt: 3,
          startedAt: 3,
          endedAt: 4,
        },
      ],
    });
});

describe('kept trainings', () => {
  it('are listed newest first, a page at a time, with version and verdict', () => {
    const first = create().list({ limit: 2 });
    expect(first.runs.map(({ id, version, approved }) => [id, version, approved])).toEqual([
      ['run-three', null, null],
      ['run-two', 2, true],
    ]);
    const second = create().list({ limit: 2, cursor: first.nextCursor ?? '' });
    expect([second.runs.map((run) => run.id), second.nextCursor, second.total]).toEqual([
      ['run-one'],
      null,
      3,
    ]);
    expect(() => create().list({ limit: 2, cursor: 'x' })).toThrow('not one of this list');
  });

  it('name the job that an interrupted one is gone on with by', () => {
    expect(create().get('run-three')).toMatchObject({ jobId: 'job-1', phase: 'ended', lastSignAt: null });
    expect(create().get('run-two').jobId).toBeNull();
  });

  it('say which facts fail by the last probe, the worst first, and never those that are gone', () => {
    curves.setDetails('run-two', {
      settings: {},
      probeFacts: ['cat', 'cat', 'city', 'gone', null, 'city'],
    });
    curves.append(
      'run-two',
      [],
      [
        { step: 50, right: 0, asked: 6, rightIds: [] },
        { step: 100, right: 2, asked: 6, rightIds: ['0', '4'] },
      ],
    );
    expect(create().get('run-two')).toMatchObject({
      probes: [
        { step: 50, right: 0, asked: 6 },
        { step: 100, right: 2, asked: 6 },
      ],
      failing: [
        { factId: 'city', statement: 'I live in Porto', right: 0, asked: 2 },
        { factId: 'cat', statement: 'My cat is called Luna', right: 1, asked: 2 },
      ],
      result: { approved: true, reasons: ['a reason'], right: 11, asked: 12 },
    });
  });

  it('show the points of a run that is worked on up to the last step', () => {
    const sink = watch.begin('run-three');
    sink.take(
      { type: 'step', step: 1, steps: 9, loss: 2, lr: 1, gradNorm: 1, tokens: 5, tokensPerSecond: 5 },
      30,
    );
    expect(create().get('run-three')).toMatchObject({
      phase: 'learn',
      points: [{ step: 1, loss: 2, tokensPerSecond: 5 }],
      secondsLeft: 30,
      lastSignAt: 7,
    });
    sink.end();
  });

  it('beside each other show what was set otherwise and which facts came out better or worse', () => {
    const comparison = create().compare({ a: 'run-one', b: 'run-two' });
    expect(comparison.settings.map(({ key, a, b }) => [key, a, b])).toEqual([
      ['mode', 'From the beginning', 'Only what changed'],
      ['device', 'not known', 'cpu/bf16'],
    ]);
    expect(comparison).toMatchObject({
      rightA: { right: 2, asked: 12 },
      rightB: { right: 11, asked: 12 },
      better: [
        { factId: 'cat', a: '2 of 6', b: '5 of 6' },
        { factId: 'city', a: '0 of 6', b: '6 of 6' },
      ],
      worse: [],
      couldBeChance: false,
    });
    expect(create().compare({ a: 'run-one', b: 'run-one' })).toMatchObject({
      ...{ settings: [], better: [], worse: [], couldBeChance: true },
    });
    expect(() => create().get('run-nine')).toThrow('There is no training run-nine');
  });
});

describe('settings of a run', () => {
  it('are kept without paths and shown with a name and a reason each', () => {
    const kept = settingsToKeep({
      base: '/models/base.gguf',
      rank: 16,
      learning_rate: 4.5e-4,
      average_last: 0.15,
    });
    expect(Object.keys(kept)).toEqual(['rank', 'learning_rate', 'average_last']);
    const shown = describeSettings(aRun('x'), kept);
    expect(shown.map(({ key, value }) => [key, value])).toEqual([
      ['mode', 'From the beginning'],
      ['recipe', 'Standard'],
      ['learning_rate', '4.5e-4'],
      ['rank', '16'],
      ['average_last', '15 %'],
      ['seed', '42'],
    ]);
    expect(shown.every(({ label, why }) => label.length > 3 && why.endsWith('.'))).toBe(true);
    expect(differingSettings(shown, shown)).toEqual([]);
  });
});

describe('the exact test for chance', () => {
  // Two-sided binomial tails at one half, by hand.
  it.each([
    [0, 0, 1],
    [1, 0, 1],
    [5, 0, 0.0625],
    [6, 0, 0.03125],
    [8, 1, 0.0390625],
    [7, 2, 0.1796875],
    [3, 3, 1],
  ])('of %i better and %i worse is %f', (better, worse, chance) => {
    expect(mcNemar(better, worse)).toBeCloseTo(chance, 10);
    expect(mcNemar(worse, better)).toBeCloseTo(chance, 10);
  });

  it('bears thousands of pairs', () => {
    expect(mcNemar(2_000, 1_900)).toBeGreaterThan(0.1);
    expect(mcNemar(2_500, 1_900)).toBeLessThan(1e-10);
  });

  it('counts only questions that both were asked in the same words', () => {
    const a = [1, 2, 3, 4, 5, 6].map((number) => answer('cat', number, false));
    const other = a.map((each) => ({ ...each, right: true, question: 'in other words?' }));
    expect(compareAnswers(a, other, () => 'Luna').couldBeChance).toBe(true);
    const same = a.map((each) => ({ ...each, right: true }));
    expect(compareAnswers(a, same, () => 'Luna').couldBeChance).toBe(false);
  });
});
