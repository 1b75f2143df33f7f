import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import type { TrainingRun } from '../../../electron/contract/entities/training.ts';
import { AppError, cancelledError } from '../../../electron/contract/errors.ts';
import { createAdapterService } from '../../../electron/core/adapters/adapter-service.ts';
import { createDatasetService } from '../../../electron/core/datasets/dataset-service.ts';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { ModelRuntime, Trainer } from '../../../electron/core/dependencies.ts';
import { readSystemText } from '../../../electron/core/models/prompt.ts';
import type { Judgement } from '../../../electron/core/retrain/judgement.ts';
import { createPlanner } from '../../../electron/core/retrain/planner.ts';
import { createTaughtStore } from '../../../electron/core/retrain/taught-store.ts';
import { createTrainService, type TrainRequest } from '../../../electron/core/retrain/train-service.ts';
import { createCurveStore } from '../../../electron/core/training/curve-store.ts';
import { createRunWatch } from '../../../electron/core/training/run-watch.ts';
import { createTrainingService } from '../../../electron/core/training/training-service.ts';
import { createTrainingStore } from '../../../electron/core/training/training-store.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { aBase } from '../../helpers/models.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const templates = loadTemplates(resourcesDir);
const pools = loadPools(resourcesDir);
const systemText = readSystemText(resourcesDir);
const approved: Judgement = { verdict: { approved: true, reasons: [] }, facts: [], right: 9, asked: 10 };

/** Stands for a model: every text is one token. */
const runtime = {
  load: () => Promise.resolve({ encodePrompt: () => [1, 2], encodeText: () => [3], endOfTurn: 4 }),
} as unknown as ModelRuntime;

/** The loop over real datasets, runs and adapters in memory; only the model, the trainer and the judge are fakes. */
function aLoop() {
  const folder = tempFolder();
  const paths = {
    runs: join(folder, 'runs'),
    adapters: join(folder, 'adapters'),
    deviceChecks: join(folder, 'device-checks.json'),
  };
  mkdirSync(paths.adapters);
  const db = openMemoryDatabase(profileMigrations);
  const clock = { now: () => 1_780_000_000_000 };
  let ids = 0;
  const newId = (): string => `id-${(ids += 1)}`;
  const facts: Fact[] = [aFact({ attribute: 'city', value: 'Porto' })];
  const adapters = createAdapterService({
    db,
    assertBase: () => Promise.resolve(aBase()),
    releaseAdapter: () => Promise.resolve(),
  });
  const datasets = createDatasetService({
    db,
    clock,
    newId,
    kinds,
    systemText,
    liveFacts: () => [...facts],
    loadTemplates: () => templates,
    loadPools: () => pools,
    findGeneralAnswers: (_base, prompts) => new Map(prompts.map(({ id }) => [id, 'Rain.'])),
  });
  const configs: { output: string; dataset: string; epochs: number; init_adapter: string }[] = [];
  const behaviour = {
    train: (): ReturnType<Trainer['train']> => {
      const output = configs.at(-1)?.output ?? '';
      writeFileSync(output, 'GGUF');
      const figures = { steps: 9, tokens: 900, seconds: 3, loss: 0.1, peakMemoryBytes: 5 };
      return Promise.resolve({ state: 'done', output, ...figures });
    },
    judge: (): Promise<Judgement> => Promise.resolve(approved),
    assertJudgeable: (): void => undefined,
    rebuildNeeded: false,
    /** What the probe questions find, round by round. */
    failing: [] as string[][],
  };
  const trainer: Trainer = {
    checkAdapter: () => Promise.resolve(),
    merge: () => Promise.reject(new Error('not asked for')),
    backendsDir: '/backends',
    backends: [],
    threads: 2,
    devices: () => Promise.reject(new Error('not asked for here')),
    inspect: () => Promise.reject(new Error('not asked for here')),
    score: () => Promise.reject(new Error('not asked for here')),
    train: (configFile) => {
      configs.push(JSON.parse(readFileSync(configFile, 'utf8')) as (typeof configs)[number]);
      return behaviour.train();
    },
  };
  const store = createTrainingStore(db);
  const taught = createTaughtStore(db);
  const training = createTrainingService({
    ...{ store, trainer, runtime, clock, newId, paths, systemText },
    watch: createRunWatch({ store: createCurveStore(db), clock, announce: () => undefined }),
    insertAdapter: (adapter, taughtFacts) => {
      adapters.insertCandidate(adapter);
      taught.insert(adapter.id, taughtFacts);
    },
  });
  const service = createTrainService({
    datasets,
    training,
    resolveBase: () => Promise.resolve(aBase()),
    assertJudgeable: () => {
      behaviour.assertJudgeable();
    },
    planner: createPlanner({
      datasets,
      training,
      listAdapters: () => adapters.list(),
      activeAdapter: () => adapters.active(),
      taughtOf: (adapterId) => taught.list(adapterId),
      ledgerOf: () => [],
      isRebuildNeeded: () => behaviour.rebuildNeeded,
    }),
    assertFits: () => ({ exclusive: false }),
    getAdapter: (id) => adapters.get(id),
    judge: () => behaviour.judge(),
    probe: () => Promise.resolve(behaviour.failing.shift() ?? []),
    discard: (adapter) => adapters.discard(adapter.id),
    conclude: (adapter, { verdict }) => {
      const judged = adapters.setVerdict(adapter.id, verdict);
      if (judged.state === 'approved') adapters.setActive(judged.id);
    },
  });
  const options = { signal: new AbortController().signal, report: () => undefined };
  return {
    ...{ adapters, behaviour, configs, datasets, facts, paths },
    runs: (): readonly TrainingRun[] => store.list(),
    train: (more: Partial<TrainRequest> = {}) =>
      service.train(
        { recipe: 'quick', seed: 42, resume: false, rebuild: false, repair: true, ...more },
        options,
      ),
  };
}

describe('one press of train', () => {
  it('ends with an approved adapter that is active, its tokens by kind, and no trace of the samples', async () => {
    const loop = aLoop();
    const report = await loop.train();
    const { tokensByKind, ...rest } = report;
    expect(rest).toEqual({
      runId: loop.runs()[0]?.id,
      adapterId: loop.adapters.active()?.id,
      ...{ verdict: approved.verdict, seconds: 3, tokens: 900, loss: 0.1, changed: true, resumed: false },
      ...{ mode: 'rebuild', parentAdapterId: null, repairs: [] },
    });
    const { general, ...others } = tokensByKind ?? {};
    expect(Object.values(others).every((tokens) => tokens > 0)).toBe(true);
    expect(general).toBe(0);
    expect([loop.runs()[0]?.state, existsSync(loop.runs()[0]?.folder ?? '')]).toEqual(['succeeded', false]);
  });

  it('with nothing changed trains nothing and tells the verdict that was', async () => {
    const loop = aLoop();
    const first = await loop.train();
    const second = await loop.train();
    expect(second).toEqual({ ...first, changed: false, tokensByKind: null, mode: 'nothing' });
    expect(loop.configs).toHaveLength(1);
  });

  it('a rejected adapter stays with its reasons, and what answered goes on', async () => {
    const loop = aLoop();
    const { adapterId } = await loop.train();
    loop.facts.push(aFact({ attribute: 'job', value: 'nurse' }));
    const rejected = { ...approved, verdict: { approved: false, reasons: ['recall 0.10'] } };
    loop.behaviour.judge = () => Promise.resolve(rejected);
    const report = await loop.train();
    expect([report.verdict, loop.adapters.active()?.id]).toEqual([rejected.verdict, adapterId]);
    expect(loop.adapters.get(report.adapterId).state).toBe('rejected');
  });

  it('trains anew for another seed, other facts, or when the adapter file is gone', async () => {
    const loop = aLoop();
    const { adapterId } = await loop.train();
    await loop.train({ seed: 43 });
    loop.facts.push(aFact({ attribute: 'job', value: 'nurse' }));
    await loop.train();
    loop.facts.pop();
    rmSync(join(loop.paths.adapters, `${adapterId}.gguf`));
    const last = await loop.train();
    expect([loop.configs.length, last.changed, last.adapterId === adapterId]).toEqual([4, true, false]);
  });

  it('looks for the question files before anything is trained', async () => {
    const loop = aLoop();
    loop.behaviour.assertJudgeable = () => {
      throw new AppError('setup-missing', 'A question file was changed.');
    };
    expect((await appErrorOf(() => loop.train())).code).toBe('setup-missing');
    expect([loop.configs, loop.runs()]).toEqual([[], []]);
  });

  it('refuses without facts', async () => {
    const loop = aLoop();
    loop.facts.pop();
    expect((await appErrorOf(() => loop.train())).code).toBe('no-facts');
  });
});

describe('a training after an edit', () => {
  const others = ['hobby', 'pet', 'job', 'car'].map((attribute) =>
    aFact({ attribute, value: `x ${attribute}` }),
  );

  it('starts from the active adapter, and what comes of it has seen what that saw', async () => {
    const loop = aLoop();
    loop.facts.push(...others);
    const first = await loop.train();
    const before = loop.facts[0]?.id ?? '';
    loop.facts[0] = aFact({ attribute: 'city', value: 'Ghent', supersedes: before });
    const second = await loop.train();
    expect([second.mode, second.parentAdapterId]).toEqual(['warm', first.adapterId]);
    expect(loop.configs[1]?.init_adapter).toBe(loop.adapters.get(first.adapterId).file);
    expect(loop.adapters.get(second.adapterId).factIds).toContain(before);
    expect((await loop.train()).mode).toBe('nothing');
  });

  it('starts from the base where that is asked for, and after something was forgotten', async () => {
    const loop = aLoop();
    loop.facts.push(...others);
    await loop.train();
    expect((await loop.train({ rebuild: true })).mode).toBe('rebuild');
    loop.facts.push(aFact({ attribute: 'sport', value: 'judo' }));
    loop.behaviour.rebuildNeeded = true;
    expect((await loop.train()).mode).toBe('rebuild');
    expect(loop.configs.map((config) => config.init_adapter)).toEqual(['', '', '']);
  });

  it('that is rejected as a warm start is made up for from the base', async () => {
    const loop = aLoop();
    loop.facts.push(...others);
    await loop.train();
    loop.facts.push(aFact({ attribute: 'sport', value: 'judo' }));
    loop.behaviour.judge = () =>
      Promise.resolve({ ...approved, verdict: { approved: false, reasons: ['no'] } });
    expect((await loop.train()).mode).toBe('warm');
    loop.behaviour.judge = () => Promise.resolve(approved);
    expect((await loop.train()).mode).toBe('rebuild');
  });
});

describe('repair rounds', () => {
  it('are two at most, each from the one before, and the last that is not worse answers', async () => {
    const loop = aLoop();
    const [id = ''] = loop.facts.map((fact) => fact.id);
    loop.behaviour.failing = [[id], [id], [id]];
    const report = await loop.train({ recipe: 'routed' });
    expect(report.repairs).toEqual([
      { facts: 1, kept: true, seconds: 3 },
      { facts: 1, kept: true, seconds: 3 },
    ]);
    expect([loop.adapters.active()?.id, loop.configs.length]).toEqual([report.adapterId, 3]);
    expect((await loop.train({ recipe: 'routed' })).mode).toBe('nothing');
  });

  it('that make the examination worse leave nothing behind', async () => {
    const loop = aLoop();
    loop.behaviour.failing = [loop.facts.map((fact) => fact.id)];
    const judgements = [approved, { ...approved, right: 8 }];
    loop.behaviour.judge = () => Promise.resolve(judgements.shift() ?? approved);
    const report = await loop.train({ recipe: 'routed' });
    expect(report.repairs.map((each) => each.kept)).toEqual([false]);
    expect(loop.adapters.list().map((adapter) => adapter.id)).toEqual([report.adapterId]);
    expect(existsSync(loop.configs[1]?.output ?? '')).toBe(false);
  });

  it('that are stopped leave the trained adapter in use', async () => {
    const loop = aLoop();
    loop.behaviour.failing = [loop.facts.map((fact) => fact.id)];
    const finish = loop.behaviour.train;
    let runs = 0;
    loop.behaviour.train = () =>
      (runs += 1) === 1 ? finish() : Promise.resolve({ state: 'cancelled', step: 2, reason: 'cancel' });
    expect((await appErrorOf(() => loop.train({ recipe: 'routed' }))).code).toBe('cancelled');
    const [active] = loop.adapters.list();
    expect([loop.adapters.active()?.id, loop.adapters.list().length]).toEqual([active?.id, 1]);
    expect(loop.runs().some((run) => existsSync(run.folder))).toBe(false);
  });
});

describe('a training that was stopped', () => {
  it('is gone on with in the same run, towards the same adapter', async () => {
    const loop = aLoop();
    const finish = loop.behaviour.train;
    loop.behaviour.train = () => Promise.resolve({ state: 'cancelled', step: 4, reason: 'cancel' });
    const stopped = await appErrorOf(() => loop.train());
    expect([stopped.code, stopped.message]).toEqual(['cancelled', 'Training was stopped at step 4.']);
    expect([loop.runs()[0]?.state, existsSync(loop.configs[0]?.dataset ?? '')]).toEqual(['cancelled', true]);
    loop.behaviour.train = finish;
    const report = await loop.train({ resume: true });
    expect([report.resumed, loop.runs().length]).toEqual([true, 1]);
    expect(loop.configs[1]).toEqual(loop.configs[0]);
  });

  it('by a fault keeps the error with its run', async () => {
    const loop = aLoop();
    loop.behaviour.train = () =>
      Promise.reject(new AppError('worker-failed', 'It died.', { hint: 'Again.' }));
    await appErrorOf(() => loop.train());
    expect([loop.runs()[0]?.state, loop.runs()[0]?.error]).toEqual([
      'failed',
      { code: 'worker-failed', message: 'It died.', hint: 'Again.' },
    ]);
  });

  it('before its examination is examined only', async () => {
    const loop = aLoop();
    loop.behaviour.judge = () => Promise.reject(cancelledError());
    expect((await appErrorOf(() => loop.train())).code).toBe('cancelled');
    expect(loop.adapters.active()).toBeNull();
    loop.behaviour.judge = () => Promise.resolve(approved);
    const report = await loop.train({ resume: true });
    expect([report.resumed, report.tokensByKind, loop.configs.length]).toEqual([true, null, 1]);
    expect(loop.adapters.active()?.id).toBe(report.adapterId);
  });

  it('is asked for in vain where there is none', async () => {
    const loop = aLoop();
    expect((await appErrorOf(() => loop.train({ resume: true }))).code).toBe('not-found');
    expect(loop.runs()).toEqual([]);
  });
});
