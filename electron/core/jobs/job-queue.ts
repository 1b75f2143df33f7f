/** Lanes in which work waits for its resource, and reports that are made rare enough to be announced. */

export type Lane = 'compute' | 'network' | 'disk';

/** How many jobs a lane runs at once. */
const laneWidths: Readonly<Record<Lane, number>> = { compute: 1, network: 2, disk: 1 };

/** At most five announcements a second. */
const quietMs = 200;

export type JobQueue = ReturnType<typeof createJobQueue>;

/** Runs work in order, each lane at its own width. Work must not reject: it settles its own job. */
export function createJobQueue() {
  const waiting: Record<Lane, { readonly id: string; readonly work: () => Promise<void> }[]> = {
    compute: [],
    network: [],
    disk: [],
  };
  const running: Record<Lane, Set<Promise<void>>> = {
    compute: new Set(),
    network: new Set(),
    disk: new Set(),
  };

  const next = (lane: Lane): void => {
    while (running[lane].size < laneWidths[lane]) {
      const entry = waiting[lane].shift();
      if (entry === undefined) return;
      const done = entry.work().finally(() => {
        running[lane].delete(done);
        next(lane);
      });
      running[lane].add(done);
    }
  };

  return {
    enqueue: (lane: Lane, id: string, work: () => Promise<void>): void => {
      waiting[lane].push({ id, work });
      next(lane);
    },
    /** Takes work out that has not begun. */
    remove: (id: string): void => {
      for (const lane of Object.values(waiting)) {
        const index = lane.findIndex((entry) => entry.id === id);
        if (index !== -1) lane.splice(index, 1);
      }
    },
    /** Resolves when nothing runs any more. */
    idle: async (): Promise<void> => {
      for (;;) {
        const all = Object.values(running).flatMap((lane) => [...lane]);
        if (all.length === 0) return;
        await Promise.all(all);
      }
    },
  };
}

export type Coalescer<Value> = {
  readonly push: (value: Value) => void;
  /** Sends what is held back, at once. */
  readonly flush: () => void;
};

/** Passes values on at most five times a second; of those in between the last one counts. */
export function coalesce<Value>(now: () => number, send: (value: Value) => void): Coalescer<Value> {
  let held: { readonly value: Value } | undefined;
  let sentAt = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (held === undefined) return;
    const { value } = held;
    held = undefined;
    sentAt = now();
    send(value);
  };
  return {
    push: (value) => {
      held = { value };
      const wait = sentAt + quietMs - now();
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    },
    flush,
  };
}
