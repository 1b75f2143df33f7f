/**
 * The one place from which the app announces what happens, to any number of readers in this process.
 *
 * A slow reader costs a bounded amount of memory: of what waits for it, topics are put together, of a job the last
 * state counts, and curves are cut. It may miss steps in between, never that something changed.
 */
import type { Job } from '../../contract/entities/job.ts';
import { topic, type AppEvent, type Topic } from '../../contract/events.ts';

type TrainingEvent = Extract<AppEvent, { type: 'training' }>;

/** How many events wait for one reader at most. */
const mostWaiting = 256;
const everything: AppEvent = { type: 'changed', topics: [...topic.options] };
/** How many points of a curve wait for one reader at most. */
const mostPoints = 2_000;

export type EventHub = {
  /** Says that something of these topics may have changed. */
  readonly announce: (topics: readonly Topic[]) => void;
  readonly announceJob: (job: Job) => void;
  readonly announceTraining: (event: Omit<TrainingEvent, 'type'>) => void;
  /** Everything from now on, `hello` first, until the reader leaves, its signal is aborted or the app ends. */
  readonly watch: (signal?: AbortSignal) => EventReader;
  readonly readers: () => number;
  /** Ends every reader. */
  readonly close: () => void;
};

export type EventReader = AsyncIteratorObject<AppEvent, undefined, undefined> & {
  readonly next: () => Promise<IteratorResult<AppEvent, undefined>>;
  readonly return: () => Promise<IteratorResult<AppEvent, undefined>>;
};

/** Creates a hub without readers. */
export function createEventHub(): EventHub {
  const readers = new Set<Reader>();
  let isClosed = false;
  const send = (event: AppEvent): void => {
    for (const reader of readers) reader.push(event);
  };
  return {
    announce: (topics) => {
      if (topics.length > 0) send({ type: 'changed', topics: [...topics] });
    },
    announceJob: (job) => send({ type: 'job', job }),
    announceTraining: (event) => send({ type: 'training', ...event }),
    watch: (signal) => {
      const reader = createReader(() => {
        readers.delete(reader);
        signal?.removeEventListener('abort', reader.end);
      });
      if (isClosed || signal?.aborted === true) {
        reader.end();
        return reader.iterator;
      }
      readers.add(reader);
      signal?.addEventListener('abort', reader.end);
      return reader.iterator;
    },
    readers: () => readers.size,
    close: () => {
      isClosed = true;
      for (const reader of [...readers]) reader.end();
    },
  };
}

type Reader = ReturnType<typeof createReader>;

/** What waits for one reader. Not a generator: one that leaves while it waits would never be let go. */
function createReader(onEnd: () => void) {
  const waiting = new Map<string, AppEvent>([['hello', { type: 'hello' }]]);
  const asking: ((result: IteratorResult<AppEvent, undefined>) => void)[] = [];
  let isOver = false;

  const put = (event: AppEvent): void => {
    const key = keyOf(event);
    const before = waiting.get(key);
    waiting.set(key, before === undefined ? event : together(before, event));
  };

  const push = (event: AppEvent): void => {
    if (isOver) return;
    const ask = asking.shift();
    if (ask !== undefined) {
      ask({ done: false, value: event });
      return;
    }
    put(event);
    const isCut = event.type === 'training' && cutPoints(waiting, keyOf(event));
    if (isCut) put({ type: 'changed', topics: ['runs'] });
    if (waiting.size <= mostWaiting) return;
    // The reader begins anew: it asks again for whatever it shows.
    waiting.clear();
    for (const anew of [{ type: 'hello' } as const, everything]) waiting.set(keyOf(anew), anew);
  };

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    waiting.clear();
    for (const ask of asking.splice(0)) ask({ done: true, value: undefined });
    onEnd();
  };

  const iterator: EventReader = {
    next: () => {
      const [first] = waiting;
      if (first !== undefined) {
        waiting.delete(first[0]);
        return Promise.resolve({ done: false, value: first[1] });
      }
      if (isOver) return Promise.resolve({ done: true, value: undefined });
      return new Promise((resolve) => asking.push(resolve));
    },
    return: () => {
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]: () => iterator,
    [Symbol.asyncDispose]: () => {
      end();
      return Promise.resolve();
    },
  };
  return { push, end, iterator };
}

function keyOf(event: AppEvent): string {
  if (event.type === 'job') return `job ${event.job.id}`;
  if (event.type === 'training') return `training ${event.runId}`;
  return event.type;
}

/** Two events of one key as one. */
function together(before: AppEvent, after: AppEvent): AppEvent {
  if (before.type === 'changed' && after.type === 'changed') {
    return { type: 'changed', topics: [...new Set([...before.topics, ...after.topics])] };
  }
  if (before.type === 'training' && after.type === 'training') {
    return {
      ...after,
      points: [...before.points, ...after.points],
      probes: [...before.probes, ...after.probes],
    };
  }
  return after;
}

/** Lets go of the oldest points of a curve that grew too long; true where it did. */
function cutPoints(waiting: Map<string, AppEvent>, key: string): boolean {
  const event = waiting.get(key);
  if (event?.type !== 'training' || event.points.length <= mostPoints) return false;
  waiting.set(key, { ...event, points: event.points.slice(-mostPoints) });
  return true;
}
