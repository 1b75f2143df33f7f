import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Job, Progress } from '../../../electron/contract/entities/job.ts';
import { AppError } from '../../../electron/contract/errors.ts';
import { appMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import {
  createJobService,
  type JobContext,
  type JobRequest,
  type JobService,
} from '../../../electron/core/jobs/job-service.ts';
import { appErrorOf } from '../../helpers/errors.ts';

let db: ReturnType<typeof openMemoryDatabase>;
let jobs: JobService;
let count: number;

const create = (): JobService =>
  createJobService({
    db,
    clock: { now: () => Date.now() },
    newId: () => `job-${(count += 1)}`,
    nameError: (error) =>
      String(error).includes('ENOSPC') ? new AppError('disk-full', 'The disk is full.') : error,
  });

beforeEach(() => {
  db = openMemoryDatabase(appMigrations);
  count = 0;
  jobs = create();
});

type Work = {
  request: JobRequest;
  context: () => JobContext;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
};

/** Work that ends as the test says, or with the reason of its signal when `stopsOnAbort`. */
function work(part: Partial<JobRequest> & { stopsOnAbort?: boolean } = {}): Work {
  const { stopsOnAbort = true, ...rest } = part;
  const { promise, resolve, reject } = Promise.withResolvers();
  let seen: JobContext | undefined;
  return {
    resolve,
    reject,
    context: () => {
      if (seen === undefined) throw new Error('the work has not begun');
      return seen;
    },
    request: {
      kind: 'train',
      lane: 'compute',
      params: { seed: 42 },
      run: (context) => {
        seen = context;
        if (stopsOnAbort) context.signal.addEventListener('abort', () => reject(context.signal.reason));
        return promise;
      },
      ...rest,
    },
  };
}

const step = (done: number, title = 'Learning'): Progress => ({ done, total: 10, unit: 'steps', title });

async function lastOf(id: string): Promise<Job> {
  let last: Job | undefined;
  for await (const job of jobs.watch(id)) last = job;
  if (last === undefined) throw new Error('nothing was watched');
  return last;
}

function storedState(id: string): unknown {
  return db.prepare('SELECT state FROM jobs WHERE id = ?').pluck().get(id);
}

describe('a job that ends well', () => {
  it('is running at once and has succeeded with its result at the end', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    expect(job).toMatchObject({ id: 'job-1', state: 'running', kind: 'train', params: { seed: 42 } });
    resolve({ adapterId: 'new' });
    expect(await lastOf(job.id)).toMatchObject({
      state: 'succeeded',
      result: { adapterId: 'new' },
      error: null,
    });
    expect(jobs.get(job.id).result).toEqual({ adapterId: 'new' });
  });

  it('has its row before its work begins', () => {
    let rowAtStart: unknown;
    const id = 'job-1';
    jobs.start({
      ...work().request,
      run: () => {
        rowAtStart = storedState(id);
        return Promise.resolve(null);
      },
    });
    expect(rowAtStart).toBe('running');
  });

  it('keeps its result out of the database', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    resolve({ answer: 'The secret is Luna.' });
    await lastOf(job.id);
    expect(JSON.stringify(db.prepare('SELECT * FROM jobs').all())).not.toContain('Luna');
    expect(create().get(job.id)).toMatchObject({ state: 'succeeded' });
  });

  it('is no longer among the open ones', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    expect(jobs.listOpen().map((each) => each.id)).toEqual([job.id]);
    resolve(null);
    await lastOf(job.id);
    expect(jobs.listOpen()).toEqual([]);
  });
});

describe('a job that fails', () => {
  it('keeps code, message and hint', async () => {
    const { request, reject } = work();
    const job = jobs.start(request);
    reject(new AppError('worker-failed', 'The worker ended.', { hint: 'Try again.' }));
    const error = { code: 'worker-failed', message: 'The worker ended.', hint: 'Try again.' };
    expect(await lastOf(job.id)).toMatchObject({ state: 'failed', error });
    expect(create().get(job.id).error).toEqual(error);
  });

  it.each([
    [new Error('odd'), 'internal', 'odd'],
    ['just text', 'internal', 'just text'],
    [new Error('ENOSPC: no space left'), 'disk-full', 'The disk is full.'],
  ])('names %s', async (thrown, code, message) => {
    const { request, reject } = work();
    const job = jobs.start(request);
    reject(thrown);
    expect((await lastOf(job.id)).error).toMatchObject({ code, message });
  });

  it('fails where its work throws before its first await', async () => {
    const run = (): Promise<unknown> => {
      throw new AppError('no-facts', 'There are no facts.');
    };
    const job = jobs.start({ ...work().request, run });
    expect((await lastOf(job.id)).error?.code).toBe('no-facts');
  });

  it('lets the next one begin', async () => {
    const first = work();
    const second = work();
    const failing = jobs.start(first.request);
    const waiting = jobs.start(second.request);
    expect(waiting.state).toBe('queued');
    first.reject(new Error('odd'));
    await lastOf(failing.id);
    await vi.waitFor(() => {
      expect(jobs.get(waiting.id).state).toBe('running');
    });
  });
});

describe('cancelling', () => {
  it('before the start ends at once and the work never begins', async () => {
    const first = work();
    const second = work();
    jobs.start(first.request);
    const waiting = jobs.start(second.request);
    expect(jobs.cancel(waiting.id).state).toBe('cancelled');
    first.resolve(null);
    await lastOf('job-1');
    expect(() => second.context()).toThrow('has not begun');
    expect(storedState(waiting.id)).toBe('cancelled');
  });

  it('in the middle aborts the work and ends as cancelled, not as a failure', async () => {
    const { request, context } = work();
    const job = jobs.start(request);
    expect(jobs.cancel(job.id).state).toBe('cancelling');
    expect(context().signal.aborted).toBe(true);
    expect(await lastOf(job.id)).toMatchObject({ state: 'cancelled', error: null });
  });

  it('at the very end keeps what was done', async () => {
    const { request, resolve } = work({ stopsOnAbort: false });
    const job = jobs.start(request);
    jobs.cancel(job.id);
    resolve('done');
    expect(await lastOf(job.id)).toMatchObject({ state: 'succeeded', result: 'done' });
  });

  it('does not hide a failure on the way out', async () => {
    const { request, reject } = work({ stopsOnAbort: false });
    const job = jobs.start(request);
    jobs.cancel(job.id);
    reject(new AppError('worker-failed', 'It fell over.'));
    expect(await lastOf(job.id)).toMatchObject({ state: 'failed', error: { code: 'worker-failed' } });
  });

  it('twice, or after the end, changes nothing', async () => {
    const { request } = work();
    const job = jobs.start(request);
    jobs.cancel(job.id);
    expect(jobs.cancel(job.id).state).toBe('cancelling');
    await lastOf(job.id);
    expect(jobs.cancel(job.id).state).toBe('cancelled');
  });

  it('by the work itself is cancelled too', async () => {
    const { request, reject } = work();
    const job = jobs.start(request);
    reject(new AppError('cancelled', 'Stopped.'));
    expect((await lastOf(job.id)).state).toBe('cancelled');
  });

  it('of an unknown job is refused', async () => {
    expect(await appErrorOf(() => jobs.cancel('nobody'))).toMatchObject({ code: 'not-found' });
  });
});

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
  });

  it('reaches the watcher, the last report before the end included', async () => {
    const { request, resolve, context } = work();
    const job = jobs.start(request);
    const seen: (number | undefined)[] = [];
    const watched = (async () => {
      for await (const each of jobs.watch(job.id)) seen.push(each.progress?.done);
    })();
    for (let done = 1; done <= 950; done += 1) {
      context().report(step(done));
      await vi.advanceTimersByTimeAsync(1);
    }
    resolve(null);
    await watched;
    expect(seen.length).toBeLessThan(12);
    expect(seen.at(-1)).toBe(950);
  });

  it('is written down when the phase changes and every few seconds', async () => {
    const { request, context } = work();
    const job = jobs.start(request);
    const stored = (): unknown => create().get(job.id).progress;
    context().report(step(1));
    expect(stored()).toEqual(step(1));
    await vi.advanceTimersByTimeAsync(300);
    context().report(step(2));
    expect(stored()).toEqual(step(1));
    expect(jobs.get(job.id).progress).toEqual(step(2));
    await vi.advanceTimersByTimeAsync(300);
    context().report(step(1, 'Saving'));
    expect(stored()).toEqual(step(1, 'Saving'));
    await vi.advanceTimersByTimeAsync(3000);
    context().report(step(2, 'Saving'));
    expect(stored()).toEqual(step(2, 'Saving'));
  });

  it('of work that has ended is not heard', async () => {
    const { request, resolve, context } = work();
    const job = jobs.start(request);
    const { report } = context();
    resolve(null);
    await vi.runAllTimersAsync();
    report(step(9));
    await vi.runAllTimersAsync();
    expect(jobs.get(job.id)).toMatchObject({ state: 'succeeded', progress: null });
  });
});

describe('watching', () => {
  it('an ended job gives it once', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    resolve(1);
    await lastOf(job.id);
    const seen: Job[] = [];
    for await (const each of jobs.watch(job.id)) seen.push(each);
    expect(seen.map((each) => each.state)).toEqual(['succeeded']);
  });

  it('ends when the reader goes, and the job goes on', async () => {
    const job = jobs.start(work().request);
    const reader = new AbortController();
    const seen: Job[] = [];
    const watched = (async () => {
      for await (const each of jobs.watch(job.id, reader.signal)) seen.push(each);
    })();
    await new Promise((resolve) => setImmediate(resolve));
    reader.abort();
    await watched;
    expect(seen).toHaveLength(1);
    expect(jobs.get(job.id).state).toBe('running');
  });

  it('by several readers gives each the end', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    const both = Promise.all([lastOf(job.id), lastOf(job.id)]);
    resolve(null);
    expect((await both).map((each) => each.state)).toEqual(['succeeded', 'succeeded']);
  });

  it('an unknown job is refused at the call', async () => {
    expect(await appErrorOf(() => jobs.watch('nobody'))).toMatchObject({ code: 'not-found' });
  });
});

describe('after a killed process', () => {
  it('what waited or ran is interrupted', () => {
    const running = jobs.start(work().request);
    const waiting = jobs.start(work().request);
    const next = create();
    next.markInterrupted();
    expect([next.get(running.id).state, next.get(waiting.id).state]).toEqual(['interrupted', 'interrupted']);
    expect(next.listOpen()).toHaveLength(2);
  });

  it('an ended job stays as it was', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    resolve(null);
    await lastOf(job.id);
    const next = create();
    next.markInterrupted();
    expect(next.get(job.id).state).toBe('succeeded');
  });

  it('a new job of the same kind takes the place of the interrupted one', () => {
    const old = jobs.start(work().request);
    const other = jobs.start({ ...work().request, kind: 'import', lane: 'disk' });
    const next = create();
    next.markInterrupted();
    next.start(work().request);
    expect(next.get(old.id).state).toBe('cancelled');
    expect(next.get(other.id).state).toBe('interrupted');
  });
});

describe('closing', () => {
  it('interrupts what runs and what waits, and takes nothing new', async () => {
    const running = jobs.start(work().request);
    const waiting = jobs.start(work().request);
    await jobs.dispose();
    expect([storedState(running.id), storedState(waiting.id)]).toEqual(['interrupted', 'interrupted']);
    expect(await appErrorOf(() => jobs.start(work().request))).toMatchObject({ code: 'cancelled' });
  });

  it('keeps a job that was being cancelled as cancelled', async () => {
    const job = jobs.start(work().request);
    jobs.cancel(job.id);
    await jobs.dispose();
    expect(storedState(job.id)).toBe('cancelled');
  });

  it('waits for work that stops slowly, ten seconds at most', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    jobs.start(work({ stopsOnAbort: false }).request);
    let isClosed = false;
    const closing = jobs.dispose().then(() => (isClosed = true));
    await vi.advanceTimersByTimeAsync(9_900);
    expect(isClosed).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    await closing;
    expect(isClosed).toBe(true);
  });
});

describe('a database that cannot be written any more', () => {
  it('still tells the watcher how the job ended', async () => {
    const { request, resolve } = work();
    const job = jobs.start(request);
    db.exec(`CREATE TRIGGER full BEFORE UPDATE ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    resolve('done');
    expect((await lastOf(job.id)).state).toBe('succeeded');
  });
});
