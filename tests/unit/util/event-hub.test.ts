import { describe, expect, it } from 'vitest';
import type { Job } from '../../../electron/contract/entities/job.ts';
import { topic, type AppEvent } from '../../../electron/contract/events.ts';
import { createEventHub, type EventReader } from '../../../electron/core/util/event-hub.ts';

const job = (id: string, state: Job['state'], done = 0): Job => ({
  id,
  kind: 'train',
  state,
  params: {},
  progress: { done, total: null, unit: 'steps', title: 'Learning' },
  error: null,
  createdAt: 1,
  startedAt: null,
  endedAt: null,
});

const training = (step: number) => ({
  runId: 'run-1',
  points: [{ step, loss: 1 / step, tokensPerSecond: 100 }],
  probes: [],
  phase: 'learn',
  steps: 1000,
  secondsLeft: null,
  lastSignAt: step,
});

/** What waits for a reader now. */
async function readAll(reader: EventReader): Promise<AppEvent[]> {
  const events: AppEvent[] = [];
  for (;;) {
    const next = await Promise.race([
      reader.next(),
      new Promise<'idle'>((resolve) => setTimeout(resolve, 5, 'idle')),
    ]);
    if (next === 'idle' || next.done === true) return events;
    events.push(next.value);
  }
}

describe('the event hub', () => {
  it('says hello first and then everything, to every reader', async () => {
    const hub = createEventHub();
    const readers = [hub.watch(), hub.watch(), hub.watch()];
    hub.announce(['facts']);
    hub.announceJob(job('a', 'running'));
    for (const reader of readers) {
      expect((await readAll(reader)).map((event) => event.type)).toEqual(['hello', 'changed', 'job']);
    }
  });

  it('gives an event at once to a reader that waits', async () => {
    const hub = createEventHub();
    const reader = hub.watch();
    await reader.next();
    const next = reader.next();
    hub.announce(['models']);
    expect(await next).toEqual({ done: false, value: { type: 'changed', topics: ['models'] } });
  });

  it('puts together what a slow reader has not read', async () => {
    const hub = createEventHub();
    const reader = hub.watch();
    for (let step = 1; step <= 1000; step += 1) {
      hub.announce(step % 2 === 0 ? ['facts'] : ['facts', 'adapters']);
      hub.announceJob(job('a', 'running', step));
      hub.announceTraining(training(step));
    }
    hub.announceJob(job('a', 'succeeded', 1000));
    const [hello, changed, last, curve, ...more] = await readAll(reader);
    expect(hello).toEqual({ type: 'hello' });
    expect(changed).toEqual({ type: 'changed', topics: ['facts', 'adapters'] });
    expect(last).toMatchObject({ type: 'job', job: { state: 'succeeded', progress: { done: 1000 } } });
    expect(curve).toMatchObject({ type: 'training', lastSignAt: 1000 });
    expect(curve?.type === 'training' && curve.points.map((point) => point.step)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
    expect(more).toEqual([]);
  });

  it('cuts a curve that nobody reads, and says that the run changed', async () => {
    const hub = createEventHub();
    const reader = hub.watch();
    for (let step = 1; step <= 5000; step += 1) hub.announceTraining(training(step));
    const events = await readAll(reader);
    const curve = events.find((event) => event.type === 'training');
    expect(curve?.points).toHaveLength(2000);
    expect(curve?.points.at(-1)?.step).toBe(5000);
    expect(events).toContainEqual({ type: 'changed', topics: ['runs'] });
  });

  it('lets a reader that slept through hundreds of jobs begin anew', async () => {
    const hub = createEventHub();
    const reader = hub.watch();
    for (let count = 0; count < 10_000; count += 1) hub.announceJob(job(`job-${count}`, 'queued'));
    const events = await readAll(reader);
    expect(events.length).toBeLessThanOrEqual(258);
    expect(events[0]).toEqual({ type: 'hello' });
    expect(events[1]).toEqual({ type: 'changed', topics: topic.options });
  });

  it('forgets a reader that leaves while it waits, by return or by its signal', async () => {
    const hub = createEventHub();
    const abort = new AbortController();
    const byReturn = hub.watch();
    const bySignal = hub.watch(abort.signal);
    const [first, second] = [byReturn, bySignal].map(async (reader) => {
      await reader.next();
      return reader.next();
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hub.readers()).toBe(2);
    await byReturn.return();
    abort.abort();
    expect(await first).toEqual({ done: true, value: undefined });
    expect(await second).toEqual({ done: true, value: undefined });
    expect(hub.readers()).toBe(0);
    hub.announce(['facts']);
    expect(await byReturn.next()).toEqual({ done: true, value: undefined });
  });

  it('ends every reader with the app, and those that come after it', async () => {
    const hub = createEventHub();
    const reader = hub.watch();
    hub.close();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await hub.watch().next()).toEqual({ done: true, value: undefined });
    expect(hub.readers()).toBe(0);
  });
});
