import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AppEvent } from '../../electron/contract/events.ts';
import { compose, type ComposedApp } from '../../electron/hosts/compose.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { makeTinyGguf } from '../helpers/tiny-gguf.ts';

const fakeWorker = fileURLToPath(new URL('../helpers/fake-worker.mjs', import.meta.url));
type Training = Extract<AppEvent, { type: 'training' }>;

afterEach(() => {
  vi.unstubAllEnvs();
});

function open(data: string): ComposedApp {
  const app = compose({ data, access: 'write' });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await app.dispose();
    isOpen = false;
  };
  onTestFinished(close);
  return { ...app, dispose: close };
}

/** A folder with ten facts and a tiny base of random weights, which is the one that was chosen. */
async function aFolder(): Promise<string> {
  const data = tempFolder();
  const file = join(data, 'tiny.gguf');
  makeTinyGguf(file, { type: 'q8_0' });
  const app = open(data);
  const { id } = await app.client.models.add({ file });
  await app.client.settings.set({ baseModelId: id });
  for (const [index, attribute] of [
    'city',
    'cat',
    'dog',
    'job',
    'hobby',
    'car',
    'phone',
    'school',
    'friend',
    'boss',
  ].entries())
    await app.client.facts.add({ attribute, value: `Value ${index}` });
  await app.dispose();
  return data;
}

/** Every event from now on, and a wait for one of them. */
async function listen(app: ComposedApp) {
  const events: AppEvent[] = [];
  const times: number[] = [];
  const waiting: { readonly wanted: () => boolean; readonly resolve: () => void }[] = [];
  const reader = await app.client.events.watch({});
  void (async () => {
    for await (const event of reader) {
      events.push(event);
      if (event.type === 'training') times.push(Date.now());
      for (const each of [...waiting]) if (each.wanted()) each.resolve();
    }
  })();
  const trainings = (): Training[] => events.filter((event) => event.type === 'training');
  return {
    events,
    trainings,
    times,
    steps: (): number[] => trainings().flatMap((event) => event.points.map((point) => point.step)),
    until: (wanted: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        if (wanted()) resolve();
        else waiting.push({ wanted, resolve });
      }),
  };
}

const oneTo = (last: number): number[] => Array.from({ length: last }, (_unused, index) => index + 1);

describe('a training that is watched', () => {
  it('is told step by step, paused, and continues its own curve after the app was opened again', async () => {
    const data = await aFolder();
    const first = open(data);
    const heard = await listen(first);
    const { jobId } = await first.client.training.start({});
    await heard.until(() => heard.steps().length >= 40);
    const askedAt = Date.now();
    await first.client.jobs.pause({ jobId });
    await heard.until(() =>
      heard.events.some((event) => event.type === 'job' && event.job.state === 'paused'),
    );
    expect(Date.now() - askedAt).toBeLessThan(3_000);
    expect(heard.events[0]).toEqual({ type: 'hello' });
    const steps = heard.steps();
    expect(steps).toEqual(oneTo(steps.length));
    expect(new Set(heard.trainings().map((event) => event.phase))).toEqual(
      new Set(['prepare', 'load', 'learn', 'ended']),
    );
    const [run] = (await first.client.runs.list({})).runs;
    expect(run).toMatchObject({ state: 'paused', version: null, approved: null });
    await first.dispose();

    const second = open(data);
    const runId = run?.id ?? '';
    const kept = await second.client.runs.get({ id: runId });
    expect(kept).toMatchObject({ jobId, phase: 'ended', lastSignAt: null, result: null });
    expect(kept.points.map((point) => point.step)).toEqual(steps);
    expect(kept.settings.find((each) => each.key === 'rank')).toMatchObject({ label: 'Rank', value: '16' });
    const again = await listen(second);
    await second.client.jobs.resume({ jobId });
    await again.until(() => again.steps().length >= 15);
    await second.client.jobs.pause({ jobId: (await second.client.jobs.list({})).jobs[0]?.id ?? '' });
    await again.until(() => again.trainings().at(-1)?.phase === 'ended');
    const detail = await second.client.runs.get({ id: runId });
    // Paused at a whole step: the next one follows it, none is missing and none is there twice.
    expect(again.steps()[0]).toBe((steps.at(-1) ?? 0) + 1);
    expect(detail.points.map((point) => point.step)).toEqual(oneTo(detail.points.length));
    expect(detail.points.length).toBe(steps.length + again.steps().length);
    // At most five times a second, over both halves.
    for (const { times } of [heard, again]) {
      const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000;
      expect(times.length).toBeLessThanOrEqual(5 * seconds + 5);
    }
    const comparison = await second.client.runs.compare({ a: runId, b: runId });
    expect(comparison).toMatchObject({ settings: [], couldBeChance: true });
  });

  it('whose worker dies in the middle is a failure within 2 s, and its curve is kept', async () => {
    const data = await aFolder();
    vi.stubEnv('KEEPSAKE_WORKER', fakeWorker);
    vi.stubEnv('FAKE_WORKER', 'dies');
    const app = open(data);
    const heard = await listen(app);
    await app.client.training.start({});
    await heard.until(() =>
      heard.events.some((event) => event.type === 'job' && event.job.state === 'failed'),
    );
    const failed = heard.events.find((event) => event.type === 'job' && event.job.state === 'failed');
    const endedAt = failed?.type === 'job' ? (failed.job.endedAt ?? 0) : 0;
    const lastSignAt = heard.trainings().at(-1)?.lastSignAt ?? 0;
    expect(endedAt - lastSignAt).toBeLessThan(2_000);
    expect(heard.steps()).toEqual(oneTo(5));
    const [run] = (await app.client.runs.list({})).runs;
    const detail = await app.client.runs.get({ id: run?.id ?? '' });
    expect(detail).toMatchObject({
      phase: 'ended',
      run: { state: 'failed', error: { code: 'worker-failed' } },
    });
    expect(detail.points).toHaveLength(5);
  });
});
