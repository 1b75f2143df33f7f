/**
 * The one state machine of everything slow.
 *
 * queued -> running -> succeeded | failed | paused | interrupted; running -> cancelling -> cancelled. Work that ended
 * before it heard of the cancellation keeps its real end. Terminal states never change.
 */
import type { Job, JobState, Progress } from '../../contract/entities/job.ts';

export type JobError = NonNullable<Job['error']>;

/** What may happen to a job; `at` is in milliseconds UTC. */
export type JobEvent =
  | { readonly type: 'start'; readonly at: number }
  | { readonly type: 'report'; readonly progress: Progress }
  | { readonly type: 'cancel'; readonly at: number }
  /** The work has stopped after a cancellation. */
  | { readonly type: 'stop'; readonly at: number }
  | { readonly type: 'pause' }
  /** The app ended while the job was waiting or running. */
  | { readonly type: 'interrupt'; readonly at: number }
  | { readonly type: 'resume' }
  | { readonly type: 'succeed'; readonly at: number; readonly result: unknown }
  | { readonly type: 'fail'; readonly at: number; readonly error: JobError };

/** The table: state and event give the next state; what is missing is illegal. */
export const jobMoves: Readonly<Record<JobState, Partial<Record<JobEvent['type'], JobState>>>> = {
  queued: { start: 'running', cancel: 'cancelled', interrupt: 'interrupted' },
  running: {
    report: 'running',
    cancel: 'cancelling',
    pause: 'paused',
    interrupt: 'interrupted',
    succeed: 'succeeded',
    fail: 'failed',
  },
  cancelling: {
    report: 'cancelling',
    stop: 'cancelled',
    interrupt: 'interrupted',
    succeed: 'succeeded',
    fail: 'failed',
  },
  paused: { resume: 'queued', cancel: 'cancelled' },
  interrupted: { resume: 'queued', cancel: 'cancelled', fail: 'failed' },
  cancelled: {},
  failed: {},
  succeeded: {},
};

/** True for a state that never changes again. */
export function isTerminal(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

/** True while somebody works on the job or will soon. */
export function isActive(state: JobState): boolean {
  return state === 'queued' || state === 'running' || state === 'cancelling';
}

/** The job after an event. Throws on a move that the table does not have. */
export function transition(job: Job, event: JobEvent): Job {
  const state = jobMoves[job.state][event.type];
  if (state === undefined) throw new Error(`A job that is ${job.state} cannot ${event.type} (${job.id}).`);
  switch (event.type) {
    case 'start':
      return { ...job, state, startedAt: event.at };
    case 'report':
      return { ...job, state, progress: event.progress };
    case 'cancel':
      return { ...job, state, endedAt: isTerminal(state) ? event.at : null };
    case 'stop':
    case 'interrupt':
      return { ...job, state, endedAt: event.at };
    case 'pause':
      return { ...job, state };
    case 'resume':
      return { ...job, state, progress: null, startedAt: null, endedAt: null };
    case 'succeed':
      return { ...job, state, result: event.result, endedAt: event.at };
    case 'fail':
      return { ...job, state, error: event.error, endedAt: event.at };
  }
}
