import { beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../electron/contract/entities/job.ts';
import type { KnowledgeSummary } from '../../../electron/contract/entities/knowledge.ts';
import type { Adapter } from '../../../electron/contract/entities/model.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { factFlagsOf } from '../../../electron/core/ledger/fact-state.ts';
import { setRebuildNeeded } from '../../../electron/core/retrain/forget.ts';
import { createKnowledge, type KnowledgeInput } from '../../../electron/core/retrain/knowledge-service.ts';
import { aFact } from '../../helpers/a-fact.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import type { FactState } from '../../../electron/contract/entities/fact.ts';

let db: ReturnType<typeof openMemoryDatabase>;
let given: Partial<KnowledgeInput>;
let planned: number;

beforeEach(() => {
  db = openMemoryDatabase(profileMigrations);
  planned = 0;
  given = {};
});

function summary(more: Partial<KnowledgeInput> = {}): KnowledgeSummary {
  given = { ...given, ...more };
  return read();
}

/** One reader over inputs that a test changes. */
const read = (): KnowledgeSummary => reader()();
function reader(): () => KnowledgeSummary {
  const { summary } = createKnowledge({
    ...{ db, today: () => '2026-06-15', listFacts: () => [], promptTokens: () => 96 },
    ...{ activeAdapter: () => null, standingKey: () => '', listAdapters: () => [], numberOf: () => 12 },
    recipeOf: () => 'quick',
    ...{ testedAt: () => 7, findBase: () => aBase(), newestTraining: () => undefined },
    ...{ openRun: () => undefined, runStatus: () => null, changes: () => [] },
    decide: () => {
      planned += 1;
      return { mode: 'rebuild', reasons: ['first'], taught: [] };
    },
    estimate: () => ({ lowSeconds: 120, highSeconds: 300, basis: 'measured', runs: 5 }),
    ...{ sharing: () => 'coexist', countProposals: () => 3 },
    ...given,
  });
  return summary;
}

/** Facts in these states. */
function inStates(...states: (FactState | 'waits')[]): Pick<KnowledgeInput, 'listFacts'> {
  const listed = states.map((each, place) => {
    const state = each === 'waits' ? 'pending' : each;
    const current = state !== 'retired';
    const fact = aFact({ attribute: `thing ${place}`, value: `${place}`, current });
    return { fact, state, flags: factFlagsOf(fact, state, each === 'waits'), place };
  });
  return { listFacts: () => listed };
}

function aJob(part: Partial<Job>): Pick<KnowledgeInput, 'newestTraining'> {
  const job: Job = {
    ...{ id: 'job-1', kind: 'train', state: 'running', params: {}, progress: null, error: null },
    ...{ createdAt: 1, startedAt: 10, endedAt: null },
    ...part,
  };
  return { newestTraining: () => job };
}

const rejected: Adapter = anAdapter({
  state: 'rejected',
  verdict: { approved: false, reasons: ['ok: recall 0.98', 'failed: general ability 0.40 (60 of 150)'] },
});
const failure = { code: 'not-enough-memory', message: 'It needs 6.2 GB, 4.8 GB is free.' };
const aProgress = (unit: 'steps' | 'questions') => ({ done: 112, total: 196, unit, title: 'x' });

describe('the standing status', () => {
  it('asks for a base before everything else', () => {
    expect(summary({ findBase: () => undefined, ...inStates('pending') })).toMatchObject({
      ...{ state: 'no-model', time: null, toTeach: 1 },
    });
  });

  it('asks for facts', () => {
    expect(summary()).toMatchObject({ state: 'empty', time: null, toTeach: 0, proposals: 3 });
  });

  it('offers the first training with its time', () => {
    expect(summary(inStates('pending', 'pending', 'in-prompt'))).toMatchObject({
      ...{ state: 'first', toTeach: 2, isRebuild: true, promptTokens: 96, activeVersion: null },
      time: { lowSeconds: 120, highSeconds: 300, basis: 'measured', runs: 5 },
    });
  });

  it('is clean where everything is learned, or rides in the prompt by choice', () => {
    const active = { activeAdapter: () => anAdapter(), listAdapters: () => [anAdapter()] };
    expect(summary({ ...active, ...inStates('in-weights', 'in-prompt', 'retired') })).toMatchObject({
      ...{ state: 'clean', time: null, testedAt: 7, activeVersion: 12 },
      facts: { total: 2, learned: 1, inPrompt: 1, retired: 1, pending: 0, weak: 0, waiting: 0 },
    });
  });

  it('counts what is not learned, weak facts included', () => {
    const listAdapters = (): Adapter[] => [anAdapter()];
    expect(summary({ listAdapters, ...inStates('in-weights', 'pending', 'weak') })).toMatchObject({
      ...{ state: 'edited', toTeach: 2 },
    });
  });

  it('is clean where a training would teach nothing, though a fact is weak', () => {
    const decide: KnowledgeInput['decide'] = () => ({ mode: 'nothing', adapterId: 'adapter-1' });
    const listAdapters = (): Adapter[] => [anAdapter()];
    expect(summary({ decide, listAdapters, ...inStates('in-weights', 'weak') })).toMatchObject({
      ...{ state: 'clean', toTeach: 0, time: null, isRebuild: false },
      facts: { weak: 1 },
    });
  });

  it('says how many facts are not in chat where the prompt is full', () => {
    const status = summary({ listAdapters: () => [anAdapter()], ...inStates('pending', 'waits', 'waits') });
    expect(status).toMatchObject({ state: 'prompt-full', toTeach: 3, facts: { waiting: 2, pending: 3 } });
  });

  it('counts what was forgotten until a rebuild', () => {
    setRebuildNeeded(db, true);
    db.prepare(`INSERT INTO profile_values VALUES ('forgotten-since-training', '2')`).run();
    const status = summary({ listAdapters: () => [anAdapter()], ...inStates('pending') });
    expect(status).toMatchObject({ state: 'deleted', deleted: 2 });
    setRebuildNeeded(db, false);
    expect(read()).toMatchObject({ state: 'edited', deleted: 0 });
  });

  it('says with a number why the newest version did not pass', () => {
    expect(summary({ listAdapters: () => [rejected], ...inStates('pending') })).toMatchObject({
      state: 'rejected',
      ...{ toTeach: 1, time: { lowSeconds: 120 } },
      rejected: {
        ...{ adapterId: rejected.id, version: 12, reason: 'general ability 0.40 (60 of 150)' },
        recipe: 'quick',
      },
    });
  });

  it('no longer does so once a person uses it all the same, or another one was trained', () => {
    const all = inStates('pending');
    expect(summary({ listAdapters: () => [{ ...rejected, override: 'mine' }], ...all }).state).toBe('edited');
    expect(summary({ listAdapters: () => [anAdapter(), rejected], ...all }).state).toBe('edited');
  });

  it('tells a training that failed, until a later one made a version', () => {
    const failed = aJob({ state: 'failed', error: failure, endedAt: 100 });
    const status = summary({ ...failed, ...inStates('pending') });
    expect(status).toMatchObject({ state: 'failed', failed: { jobId: 'job-1', error: failure }, job: null });
    expect(summary({ listAdapters: () => [anAdapter({ createdAt: 101 })] })).toMatchObject({
      ...{ state: 'edited', failed: null },
    });
  });

  it.each([
    ['running', 'steps', 'running'],
    ['queued', 'steps', 'running'],
    ['cancelling', 'steps', 'running'],
    ['running', 'questions', 'testing'],
    ['paused', 'steps', 'interrupted'],
    ['interrupted', 'steps', 'interrupted'],
  ] as const)('says of a job that is %s with %s: %s', (state, unit, expected) => {
    const status = summary({ ...aJob({ state, progress: aProgress(unit) }), ...inStates('pending') });
    expect(status.state).toBe(expected);
    expect(status.job).toMatchObject({ jobId: 'job-1', step: 112, steps: 196, isPaused: state === 'paused' });
  });

  it('counts edits made while a training runs', () => {
    const change = { id: 1, kind: 'edit', detail: null, facts: 2 } as const;
    const changes: KnowledgeInput['changes'] = () => [
      { ...change, undone: false, createdAt: 11 },
      { ...change, undone: true, createdAt: 12 },
      { ...change, undone: false, createdAt: 9 },
    ];
    expect(summary({ ...aJob({}), changes, ...inStates('pending') }).editedDuringRun).toBe(2);
    expect(summary({ ...aJob({ state: 'cancelled' }) }).editedDuringRun).toBe(0);
  });

  it('plans once until something is written', () => {
    given = inStates('pending');
    const status = reader();
    status();
    status();
    expect(planned).toBe(1);
    setRebuildNeeded(db, true);
    status();
    expect(planned).toBe(2);
  });
});
