/**
 * Starts, watches and stops everything slow. The row is written first, then the change is announced, then work begins.
 *
 * A result may hold answers about the owner: it stays in memory, so that nothing here needs to be forgotten.
 */
import type { Database } from 'better-sqlite3';
import type { Job, Progress } from '../../contract/entities/job.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock, JobOrder } from '../dependencies.ts';
import { isActive, jobMoves, transition, type JobError, type JobEvent } from './job-machine.ts';
import { coalesce, createJobQueue, type Lane } from './job-queue.ts';
import { createJobStore } from './job-store.ts';
import { pausedByUser } from './pause.ts';
import { watchChanges } from './watch-changes.ts';

export type JobContext = {
  readonly signal: AbortSignal;
  /** Free to call: announcements are made rare. */
  readonly report: (progress: Progress) => void;
};

export type JobRequest = {
  readonly kind: Job['kind'];
  readonly lane: Lane;
  /** Plain JSON without personal content: it is kept. */
  readonly params: unknown;
  readonly run: (context: JobContext) => Promise<unknown>;
  /** What was done is kept when it is stopped, so that it may be paused. Defaults to false. */
  readonly pausable?: boolean;
  /** Which stopped jobs of the kind it takes the place of. Defaults to all. */
  readonly replaces?: (stopped: Job) => boolean;
};

export type JobServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Gives errors of the disk and the database their code. Defaults to leaving them as they are. */
  readonly nameError?: (error: unknown) => unknown;
  /** Orders that other processes have left for this one. */
  readonly takeOrders?: () => readonly JobOrder[];
  /** The profile that jobs are begun for; those of others are not shown. Defaults to none. */
  readonly profileId?: string;
  /** Hears of every change of a job; progress at most five times a second. */
  readonly onChange?: (job: Job, before: Job['state'] | undefined) => void;
};

export type JobService = ReturnType<typeof createJobService>;

/** How long a shutdown waits for running work, in milliseconds. */
const shutdownMs = 10_000;
/** How often progress is written down while the phase stays the same, in milliseconds. */
const saveEveryMs = 3_000;
/** How often orders of other processes are looked for while something runs, in milliseconds. */
const listenEveryMs = 400;

type Live = { job: Job; readonly abort: AbortController; readonly pausable: boolean };

/** How many ended jobs keep their result in memory. */
const keptResults = 20;

/** Use cases of jobs. */
export function createJobService(input: JobServiceInput) {
  const store = createJobStore(input.db, input.profileId ?? null);
  const queue = createJobQueue();
  const live = new Map<string, Live>();
  let listening: ReturnType<typeof setInterval> | undefined;
  const ended = new Map<string, Job>();
  const listeners = new Map<string, Set<() => void>>();
  let isStopping = false;

  const get = (id: string): Job => {
    const found = live.get(id)?.job ?? ended.get(id) ?? store.find(id);
    if (found === undefined) throw new AppError('not-found', `There is no job ${id}.`);
    return found;
  };

  const announce = (job: Job, before?: Job['state']): void => {
    for (const listener of [...(listeners.get(job.id) ?? [])]) listener();
    input.onChange?.(job, before);
  };

  const subscribe = (id: string, listener: () => void): (() => void) => {
    const set = (listeners.get(id) ?? new Set()).add(listener);
    listeners.set(id, set);
    return () => {
      set.delete(listener);
      if (set.size === 0) listeners.delete(id);
    };
  };

  const keepEnded = (job: Job): void => {
    ended.set(job.id, job);
    const [oldest] = ended.keys();
    if (ended.size > keptResults && oldest !== undefined) ended.delete(oldest);
  };

  /** Moves a job on: row first, then the announcement. */
  const move = (job: Job, event: JobEvent): Job => {
    const moved = transition(job, event);
    try {
      store.update(moved);
    } finally {
      const entry = live.get(job.id);
      if (entry !== undefined) entry.job = moved;
      if (entry !== undefined && !isActive(moved.state)) {
        live.delete(job.id);
        keepEnded(moved);
      }
      announce(moved, job.state);
    }
    return moved;
  };

  const settle = (job: Job, error: unknown): void => {
    const at = input.clock.now();
    if (isCancellation(error) && live.get(job.id)?.abort.signal.reason === pausedByUser) {
      move(job, { type: 'pause' });
    } else if (isCancellation(error) && (job.state === 'cancelling' || !isStopping)) {
      const cancelling = job.state === 'running' ? move(job, { type: 'cancel', at }) : job;
      move(cancelling, { type: 'stop', at });
    } else if (isStopping) {
      move(job, { type: 'interrupt', at });
    } else {
      move(job, { type: 'fail', at, error: toJobError(input.nameError?.(error) ?? error) });
    }
  };

  /** Progress that cannot be written (a full disk) ends no job: the work itself will say so if it matters. */
  const saveProgress = (job: Job): void => {
    try {
      store.update(job);
    } catch {
      // The next report tries again.
    }
  };

  const runJob = async (id: string, run: JobRequest['run']): Promise<void> => {
    const entry = live.get(id);
    if (entry === undefined) return;
    let savedAt = input.clock.now();
    const progress = coalesce<Progress>(input.clock.now, (value) => {
      const before = entry.job;
      entry.job = transition(before, { type: 'report', progress: value });
      const now = input.clock.now();
      if (before.progress?.title !== value.title || now - savedAt >= saveEveryMs) {
        savedAt = now;
        saveProgress(entry.job);
      }
      announce(entry.job, before.state);
    });
    let isOver = false;
    try {
      move(entry.job, { type: 'start', at: savedAt });
      const report = (value: Progress): void => {
        if (!isOver) progress.push(value);
      };
      const result = await run({ signal: entry.abort.signal, report });
      isOver = true;
      progress.flush();
      move(entry.job, { type: 'succeed', at: input.clock.now(), result });
    } catch (error) {
      isOver = true;
      progress.flush();
      settleSafely(entry.job, error);
    }
  };

  /** A disk that fills up must not leave a watcher waiting: the end is announced even where it cannot be written. */
  const settleSafely = (job: Job, error: unknown): void => {
    if (!isActive(job.state)) return;
    try {
      settle(job, error);
    } catch {
      announce(job);
    }
  };

  /** What was interrupted is done by the new job of its kind. */
  const closeInterrupted = ({ kind, replaces = () => true }: JobRequest): void => {
    for (const job of store.listOpen()) {
      const isStopped = job.state === 'interrupted' || job.state === 'paused';
      if (job.kind === kind && isStopped && replaces(job))
        move(job, { type: 'cancel', at: input.clock.now() });
    }
  };

  const cancel = (id: string): Job => {
    const job = get(id);
    if (jobMoves[job.state].cancel === undefined) return job;
    const abort = live.get(id)?.abort;
    queue.remove(id);
    const moved = move(job, { type: 'cancel', at: input.clock.now() });
    abort?.abort(new AppError('cancelled', 'Stopped by the user.'));
    return moved;
  };

  const pause = (id: string): Job => {
    const job = get(id);
    if (job.state === 'paused') return job;
    const entry = live.get(id);
    if (entry === undefined || job.state !== 'running' || !entry.pausable) {
      const why =
        entry?.pausable === false ? `A job of the kind ${job.kind} cannot` : `It is ${job.state} and cannot`;
      throw new AppError('conflict', `${why} be paused.`, { hint: 'See: keepsake jobs list' });
    }
    entry.abort.abort(pausedByUser);
    return job;
  };

  /** Hears what other processes ask for, as long as something runs. */
  const listen = (): void => {
    const { takeOrders } = input;
    if (takeOrders === undefined || listening !== undefined) return;
    listening = setInterval(() => {
      if (live.size === 0) {
        clearInterval(listening);
        listening = undefined;
      }
      for (const { jobId, order } of takeOrders()) {
        if (!live.has(jobId)) continue;
        try {
          if (order === 'pause') pause(jobId);
          else cancel(jobId);
        } catch {
          // It ended in between, or cannot be paused: whoever asked sees that by its state.
        }
      }
    }, listenEveryMs);
    listening.unref();
  };

  return {
    get,
    /** The newest job of a kind, whatever became of it. */
    newest: (kind: Job['kind']): Job | undefined => {
      const found = store.findNewest(kind);
      return found === undefined ? undefined : (live.get(found.id)?.job ?? found);
    },
    /** Jobs that have not come to an end, newest first. */
    listOpen: (): Job[] => store.listOpen().map((job) => live.get(job.id)?.job ?? job),

    /** Begins a job as soon as its lane is free. */
    start: (request: JobRequest): Job => {
      if (isStopping) throw new AppError('cancelled', 'Keepsake is closing: no new work is begun.');
      const job: Job = {
        id: input.newId(),
        kind: request.kind,
        state: 'queued',
        params: request.params,
        progress: null,
        error: null,
        createdAt: input.clock.now(),
        startedAt: null,
        endedAt: null,
      };
      closeInterrupted(request);
      store.insert(job);
      live.set(job.id, { job, abort: new AbortController(), pausable: request.pausable ?? false });
      announce(job);
      listen();
      queue.enqueue(request.lane, job.id, () => runJob(job.id, request.run));
      return get(job.id);
    },

    /** Stops a job; one that has ended or is stopping stays as it is. */
    cancel,

    /** Stops a job so that it can be gone on with; it is `paused` once its work has stopped. */
    pause,

    /** The job now and after each change, until it is over. A slow reader misses steps in between, never the last. */
    watch: (id: string, signal?: AbortSignal): AsyncGenerator<Job, void, undefined> => {
      get(id);
      return watchChanges({
        read: () => get(id),
        isLast: (job) => !isActive(job.state),
        subscribe: (listener) => subscribe(id, listener),
        signal,
      });
    },

    /** Called once at start-up by the one writer: whatever waited or ran then was killed. */
    markInterrupted: (): void => {
      for (const job of store.listOpenOfAll()) {
        if (isActive(job.state)) move(job, { type: 'interrupt', at: input.clock.now() });
      }
    },

    /** Takes no new work, stops what runs (it is `interrupted`) and waits for it, at most 10 s. */
    dispose: async (): Promise<void> => {
      isStopping = true;
      clearInterval(listening);
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
