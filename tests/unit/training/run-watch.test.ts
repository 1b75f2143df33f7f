import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppEvent } from '../../../electron/contract/events.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { TrainerEvent } from '../../../electron/core/dependencies.ts';
import { createCurveStore } from '../../../electron/core/training/curve-store.ts';
import { assertModelFree } from '../../../electron/core/training/model-free.ts';
import { createRunWatch } from '../../../electron/core/training/run-watch.ts';
import { mostPoints, thinPoints } from '../../../electron/core/training/thin-points.ts';
import { chooseProbes, probeInterval } from '../../../electron/core/training/run-config.ts';

let db: ReturnType<typeof openMemoryDatabase>;
let told: Omit<Extract<AppEvent, { type: 'training' }>, 'type'>[];

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  db = openMemoryDatabase(profileMigrations);
  db.prepare(
    `INSERT INTO training_runs (id, dataset_id, base_model_id, recipe, seed, state, folder, created_at, mode)
     VALUES ('run-1', 'd', 'b', 'routed', 42, 'running', '/nowhere', 1, 'rebuild')`,
  ).run();
});
afterEach(() => {
  vi.useRealTimers();
});

function create() {
  const store = createCurveStore(db);
  const clock = { now: () => Date.now() };
  return { store, watch: createRunWatch({ store, clock, announce: (event) => told.push(event) }) };
}

const hello: TrainerEvent = { type: 'hello', device: 'cpu', threads: 2, gemm: 'f32' };
const step = (number: number): TrainerEvent => ({
  type: 'step',
  step: number,
  steps: 400,
  loss: 1 / number,
  lr: 1e-3,
  gradNorm: 1,
  tokens: number * 100,
  tokensPerSecond: 500,
});

describe('the watch over a run', () => {
  it('loses at most half a second of points to a kill', () => {
    const { store, watch } = create();
    const sink = watch.begin('run-1');
    sink.take(hello, null);
    for (let number = 1; number <= 100; number += 1) {
      sink.take(step(number), null);
      vi.advanceTimersByTime(50);
      const written = store.points('run-1').length;
      expect(number - written).toBeLessThanOrEqual(10);
    }
  });

  it('continues the curve of a run that is gone on with, no step lost and none doubled', () => {
    const first = create();
    const killed = first.watch.begin('run-1');
    killed.take(hello, null);
    for (let number = 1; number <= 180; number += 1) killed.take(step(number), null);
    killed.take({ type: 'probe', step: 150, right: 3, total: 4, rightIds: null }, null);
    killed.take({ type: 'probe', step: 180, right: 4, total: 4, rightIds: null }, null);
    vi.advanceTimersByTime(600);
    // The app was killed: the checkpoint is that of step 160.
    const second = create();
    const resumed = second.watch.begin('run-1');
    resumed.take(hello, null);
    for (let number = 161; number <= 400; number += 1) resumed.take(step(number), null);
    resumed.end();
    expect(second.store.points('run-1').map((point) => point.step)).toEqual(
      Array.from({ length: 400 }, (_unused, index) => index + 1),
    );
    expect(second.store.probes('run-1').map((probe) => probe.step)).toEqual([150]);
  });

  it('begins the curve anew where the checkpoint was of no use', () => {
    const { store, watch } = create();
    const sink = watch.begin('run-1');
    sink.take(hello, null);
    for (let number = 1; number <= 50; number += 1) sink.take(step(number), null);
    sink.take(hello, null);
    for (let number = 1; number <= 3; number += 1) sink.take(step(number), null);
    sink.end();
    expect(store.points('run-1').map((point) => point.step)).toEqual([1, 2, 3]);
  });

  it('tells at most five times a second, every step once, and the end', () => {
    const { watch } = create();
    const sink = watch.begin('run-1');
    sink.take(hello, null);
    for (let number = 1; number <= 100; number += 1) {
      sink.take(step(number), 90 - number);
      vi.advanceTimersByTime(20);
    }
    sink.end();
    expect(told.length).toBeLessThanOrEqual(13);
    expect(told.flatMap((event) => event.points.map((point) => point.step))).toEqual(
      Array.from({ length: 100 }, (_unused, index) => index + 1),
    );
    expect(told.map((event) => event.phase)).toEqual(expect.arrayContaining(['prepare', 'learn', 'ended']));
    expect(told.at(-1)?.phase).toBe('ended');
    expect(watch.running()).toBeNull();
  });

  it('hears a heartbeat as a sign of life and knows the phases', () => {
    const { watch } = create();
    const sink = watch.begin('run-1');
    expect(watch.find('run-1')).toMatchObject({ phase: 'prepare', lastSignAt: null });
    sink.take(hello, null);
    sink.take({ type: 'phase', name: 'device-check' }, null);
    expect(watch.find('run-1')?.phase).toBe('load');
    sink.take({ type: 'phase', name: 'train' }, null);
    expect(watch.find('run-1')?.phase).toBe('learn');
    vi.advanceTimersByTime(30_000);
    const before = watch.find('run-1')?.lastSignAt ?? 0;
    sink.take({ type: 'heartbeat' }, 12);
    expect((watch.find('run-1')?.lastSignAt ?? 0) - before).toBe(30_000);
    sink.take({ type: 'phase', name: 'write' }, null);
    expect(watch.find('run-1')).toMatchObject({ phase: 'save' });
    sink.end();
    expect(watch.find('run-1')).toBeUndefined();
  });

  it('ends no training where the curve cannot be written, and writes it later', () => {
    const { store, watch } = create();
    const sink = watch.begin('run-1');
    db.pragma('query_only = 1');
    for (let number = 1; number <= 5; number += 1) sink.take(step(number), null);
    vi.advanceTimersByTime(600);
    db.pragma('query_only = 0');
    vi.advanceTimersByTime(600);
    expect(store.points('run-1')).toHaveLength(5);
    sink.end();
  });

  it('lets the curve go with its run', () => {
    const { store, watch } = create();
    const sink = watch.begin('run-1');
    sink.details({ settings: { rank: 16 }, probeFacts: ['fact-1', null] });
    sink.take(step(1), null);
    sink.take({ type: 'probe', step: 1, right: 1, total: 2, rightIds: ['0'] }, null);
    sink.end();
    expect(store.details('run-1')).toEqual({ settings: { rank: 16 }, probeFacts: ['fact-1', null] });
    db.prepare('DELETE FROM training_runs').run();
    expect([store.points('run-1'), store.probes('run-1'), store.details('run-1')]).toEqual([
      [],
      [],
      undefined,
    ]);
  });

  it('refuses a second model only while the memory is the training’s alone', () => {
    const { watch } = create();
    const sink = watch.begin('run-1');
    sink.phase('load', { exclusive: false });
    expect(() => assertModelFree(watch.running())).not.toThrow();
    sink.phase('load', { exclusive: true });
    sink.take(step(180), null);
    expect(() => assertModelFree(watch.running())).toThrow(
      'The model is learning. Pause to chat now; it goes on from step 180.',
    );
    sink.end();
    expect(() => assertModelFree(watch.running())).not.toThrow();
  });
});

describe('a long curve', () => {
  const points = Array.from({ length: 50_000 }, (_unused, index) => ({
    step: index + 1,
    loss: index === 31_234 ? 99 : index === 7_777 ? -99 : Math.sin(index),
    tokensPerSecond: 1,
  }));

  it('is drawn with at most 2,000 points, its ends and its extremes among them, in order', () => {
    const thin = thinPoints(points);
    expect(thin.length).toBeLessThanOrEqual(mostPoints);
    expect(thin.length).toBeGreaterThan(mostPoints / 2);
    const steps = thin.map((point) => point.step);
    expect(steps).toEqual([...new Set(steps)].sort((left, right) => left - right));
    expect([steps[0], steps.at(-1)]).toEqual([1, 50_000]);
    expect(steps).toEqual(expect.arrayContaining([31_235, 7_778]));
  });

  it('stays as it is up to 2,000 points', () => {
    expect(thinPoints(points.slice(0, 2_000))).toEqual(points.slice(0, 2_000));
  });
});

describe('probes in the middle of a run', () => {
  it.each([1, 4, 5, 19, 40, 97, 250, 1_000, 5_000, 112_000])(
    'come often enough, not too often: %i steps',
    (steps) => {
      const every = probeInterval(steps);
      const looks = Math.floor(steps / every);
      expect(looks).toBeGreaterThanOrEqual(Math.min(4, steps));
      expect(looks).toBeLessThanOrEqual(Math.max(100, 5));
    },
  );

  it('are a part of very many', () => {
    const probes = Array.from({ length: 20_000 }, (_unused, index) => ({
      kind: 'fact' as const,
      messages: [],
      answer: String(index),
      factIds: [String(index)],
      family: 'f',
      split: 'probe' as const,
    }));
    const chosen = chooseProbes(probes);
    expect(chosen).toHaveLength(512);
    expect(new Set(chosen.map((each) => each.answer)).size).toBe(512);
    expect(chooseProbes(probes.slice(0, 500))).toHaveLength(500);
  });
});
