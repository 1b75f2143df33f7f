/**
 * Starts, watches and stops everything slow. The row is written first, then the change is announced, then work begins.
 */
import type { Database } from 'better-sqlite3';
import type { Job, Progress } from '../../contract/entities/job.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock, Logger } from '../dependencies.ts';
import { isActive, jobMoves, transition, type JobError, type JobEvent } from './job-machine.ts';
import { coalesce, createJobQueue, type Lane } from './job-queue.ts';
import { createJobStore } from './job-store.ts';
import { watchChanges } from './watch-changes.ts';

export type JobContext = {
  readonly signal: AbortSignal;
  /** Free to call: announcements are made rare. */
  readonly report: (progress: Progress) => void;
};

/** One kind of slow work. */
export type JobKind = {
  readonly kind: Job['kind'];
  readonly lane: Lane;
  /** True when an interrupted job can go on. */
  readonly resumable: boolean;
  /** Checks the parameters and gives the work. Throws on parameters that make no sense. */
  readonly prepare: (params: unknown) => (context: JobContext) => Promise<unknown>;
};

export type JobServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
  readonly kinds: readonly JobKind[];
};

export type JobService = ReturnType<typeof createJobService>;

/** How long a shutdown waits for running work, in milliseconds. */
const shutdownMs = 10_000;
/** How often progress is written down while the phase stays the same, in milliseconds. */
const saveEveryMs = 3_000;

/** Use cases of jobs. */
export function createJobService(input: JobServiceInput) {
  const store = createJobStore(input.db);
  const queue = createJobQueue();
  const live = new Map<string, { job: Job; readonly abort: AbortController }>();
  const listeners = new Map<string, Set<() => void>>();
  let isStopping = false;

  const find = (id: string): Job | undefined => live.get(id)?.job ?? store.find(id);

  const get = (id: string): Job => {
    const found = find(id);
    if (found === undefined) throw new AppError('not-found', `There is no job ${id}.`);
    return found;
  };

  const announce = (job: Job): void => {
    for (const listener of [...(listeners.get(job.id) ?? [])]) listener();
  };

  const subscribe = (id: string, listener: () => void): (() => void) => {
    const set = (listeners.get(id) ?? new Set()).add(listener);
    listeners.set(id, set);
    return () => {
      set.delete(listener);
      if (set.size === 0) listeners.delete(id);
    };
  };

  /** Moves a job on: row first, then the announcement. */
  const move = (job: Job, event: JobEvent): Job => {
    const moved = transition(job, event);
    store.update(moved);
    const entry = live.get(job.id);
    if (entry !== undefined) entry.job = moved;
    if (!isActive(moved.state)) live.delete(job.id);
    announce(moved);
    return moved;
  };

  const kindOf = (name: string): JobKind => {
    const kind = input.kinds.find((each) => each.kind === name);
    if (kind === undefined) throw new AppError('internal', `Nothing is known of jobs of the kind ${name}.`);
    return kind;
  };

  const settle = (id: string, error: unknown): void => {
    const job = get(id);
    const at = input.clock.now();
    if (job.state === 'cancelling' && isCancellation(error)) move(job, { type: 'stop', at });
    else if (isStopping) move(job, { type: 'interrupt', at });
    else {
      input.log.log('error', 'jobs', { jobId: id, kind: job.kind, message: String(error) });
      move(job, { type: 'fail', at, error: toJobError(error) });
    }
  };

  const runJob = async (id: string, work: (context: JobContext) => Promise<unknown>): Promise<void> => {
    const entry = live.get(id);
    if (entry === undefined) return;
    move(entry.job, { type: 'start', at: input.clock.now() });
    let savedAt = input.clock.now();
    const progress = coalesce<Progress>(input.clock.now, (value) => {
      const before = entry.job;
      entry.job = transition(before, { type: 'report', progress: value });
      const now = input.clock.now();
      if (before.progress?.title !== value.title || now - savedAt >= saveEveryMs) {
        savedAt = now;
        store.update(entry.job);
      }
      announce(entry.job);
    });
    let isOver = false;
    const report = (value: Progress): void => {
      if (!isOver) progress.push(value);
    };
    try {
      const result = await work({ signal: entry.abort.signal, report });
      isOver = true;
      progress.flush();
      move(entry.job, { type: 'succeed', at: input.clock.now(), result });
    } catch (error) {
      isOver = true;
      progress.flush();
      settle(id, error);
    }
  };

  const launch = (job: Job, kind: JobKind, work: (context: JobContext) => Promise<unknown>): Job => {
    live.set(job.id, { job, abort: new AbortController() });
    announce(job);
    queue.enqueue(kind.lane, job.id, () => runJob(job.id, work));
    return get(job.id);
  };

  const assertOpen = (): void => {
    if (isStopping) throw new AppError('cancelled', 'Keepsake is closing: no new work is begun.');
  };

  return {
    get,
    /** Newest first. */
    list: (): Job[] => store.list().map((job) => live.get(job.id)?.job ?? job),

    /** Begins a job as soon as its lane is free. Throws on wrong parameters, before anything is written. */
    start: (name: Job['kind'], params: unknown): Job => {
      assertOpen();
      const kind = kindOf(name);
      const work = kind.prepare(params);
      const job: Job = {
        id: input.newId(),
        kind: name,
        state: 'queued',
        params,
        progress: null,
        error: null,
        createdAt: input.clock.now(),
        startedAt: null,
        endedAt: null,
      };
      store.insert(job);
      return launch(job, kind, work);
    },

    /** Goes on with a paused or interrupted job; one of a kind that cannot go on fails. */
    resume: (id: string): Job => {
      assertOpen();
      const job = get(id);
      const kind = kindOf(job.kind);
      if (job.state === 'interrupted' && !kind.resumable) {
        const error = {
          code: 'cancelled',
          message: 'The work was interrupted and cannot go on.',
          hint: 'Start it again.',
        };
        return move(job, { type: 'fail', at: input.clock.now(), error });
      }
      const work = kind.prepare(job.params);
      return launch(move(job, { type: 'resume' }), kind, work);
    },

    /** Stops a job; one that has ended stays as it is. */
    cancel: (id: string): Job => {
      const job = get(id);
      if (jobMoves[job.state].cancel === undefined) return job;
      const entry = live.get(id);
      queue.remove(id);
      const moved = move(job, { type: 'cancel', at: input.clock.now() });
      entry?.abort.abort(new AppError('cancelled', 'Stopped by the user.'));
      return moved;
    },

    /** The job now and after each change, until it is over. A slow reader misses steps in between, never the last. */
    watch: (id: string, options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<Job> => {
      get(id);
      return watchChanges({
        read: () => get(id),
        isLast: (job) => !isActive(job.state),
        subscribe: (listener) => subscribe(id, listener),
        signal: options.signal,
      });
    },

    /** Called once at start-up by the one writer: whatever waited or ran then was killed. */
    interruptUnfinished: (): Job[] =>
      store.listUnfinished().map((job) => move(job, { type: 'interrupt', at: input.clock.now() })),

    /** Takes no new work, stops what runs (it is `interrupted`) and waits for it, at most 10 s. */
    shutdown: async (): Promise<void> => {
      isStopping = true;
      for (const [id, { job, abort }] of [...live]) {
        if (job.state === 'queued') {
          queue.remove(id);
          move(job, { type: 'interrupt', at: input.clock.now() });
        }
        abort.abort(new AppError('cancelled', 'Keepsake is closing.'));
      }
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, shutdownMs);
      });
      await Promise.race([queue.idle(), patience]);
      clearTimeout(timer);
    },
  };
}

function isCancellation(error: unknown): boolean {
  return (
    (error instanceof AppError && error.code === 'cancelled') ||
    (error instanceof Error && error.name === 'AbortError')
  );
}

function toJobError(error: unknown): JobError {
  if (!(error instanceof AppError)) {
    return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
  }
  const { code, message, hint } = error;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}
