import { describe, expect, it } from 'vitest';
import { jobState, type Job, type JobState } from '../../../electron/contract/entities/job.ts';
import { isActive, isTerminal, transition, type JobEvent } from '../../../electron/core/jobs/job-machine.ts';

const progress = { done: 1, total: 2, unit: 'steps', title: 'Learning' } as const;
const error = { code: 'disk-full', message: 'The disk is full.', hint: 'Free some space.' };

const events: readonly JobEvent[] = [
  { type: 'start', at: 5 },
  { type: 'report', progress },
  { type: 'cancel', at: 5 },
  { type: 'stop', at: 5 },
  { type: 'pause' },
  { type: 'interrupt', at: 5 },
  { type: 'resume' },
  { type: 'succeed', at: 5, result: { adapterId: 'x' } },
  { type: 'fail', at: 5, error },
];

/** The whole table, written down a second time: rows are states, columns the events above; '-' is illegal. */
const table = `
             start   report     cancel     stop      pause  interrupt   resume succeed   fail
queued       running -          cancelled  -         -      interrupted -      -         -
running      -       running    cancelling -         paused interrupted -      succeeded failed
cancelling   -       cancelling -          cancelled -      interrupted -      succeeded failed
paused       -       -          cancelled  -         -      -           queued -         -
interrupted  -       -          cancelled  -         -      -           queued -         failed
cancelled    -       -          -          -         -      -           -      -         -
failed       -       -          -          -         -      -           -      -         -
succeeded    -       -          -          -         -      -           -      -         -
`;

const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/u));

function aJob(state: JobState): Job {
  return {
    id: 'job-1',
    kind: 'train',
    state,
    params: {},
    progress: null,
    error: null,
    createdAt: 1,
    startedAt: null,
    endedAt: null,
  };
}

describe('the table of moves', () => {
  it('names every state and every event', () => {
    expect(rows.map(([state]) => state).sort()).toEqual([...jobState.options].sort());
    expect(header).toEqual(events.map((event) => event.type));
  });

  const cells = rows.flatMap(([from = '', ...targets]) =>
    targets.map((to, index) => ({ from: jobState.parse(from), event: events[index], to })),
  );

  it.each(cells)('$from + $event.type = $to', ({ from, event, to }) => {
    if (event === undefined) throw new Error('the table has more columns than there are events');
    if (to === '-') expect(() => transition(aJob(from), event)).toThrow(`${from} cannot ${event.type}`);
    else expect(transition(aJob(from), event).state).toBe(to);
  });
});

describe('what a move writes down', () => {
  it('keeps the time of the start and of the end', () => {
    const started = transition(aJob('queued'), { type: 'start', at: 5 });
    expect(started).toMatchObject({ startedAt: 5, endedAt: null });
    expect(transition(started, { type: 'succeed', at: 9, result: 1 })).toMatchObject({
      startedAt: 5,
      endedAt: 9,
    });
  });

  it('has no end while it is only asked to stop', () => {
    const cancelling = transition(aJob('running'), { type: 'cancel', at: 5 });
    expect(cancelling.endedAt).toBeNull();
    expect(transition(cancelling, { type: 'stop', at: 7 }).endedAt).toBe(7);
    expect(transition(aJob('queued'), { type: 'cancel', at: 5 }).endedAt).toBe(5);
  });

  it('keeps result, error and progress', () => {
    expect(transition(aJob('running'), { type: 'report', progress }).progress).toEqual(progress);
    expect(transition(aJob('running'), { type: 'fail', at: 5, error }).error).toEqual(error);
    expect(transition(aJob('cancelling'), { type: 'succeed', at: 5, result: 'late' }).result).toBe('late');
  });

  it('begins anew when it is resumed', () => {
    const interrupted: Job = { ...aJob('interrupted'), progress, startedAt: 2, endedAt: 3 };
    expect(transition(interrupted, { type: 'resume' })).toEqual(aJob('queued'));
  });

  it('leaves the job that went in as it was', () => {
    const job = Object.freeze(aJob('queued'));
    transition(job, { type: 'start', at: 5 });
    expect(job.state).toBe('queued');
  });
});

describe('groups of states', () => {
  it('tell the ended from the active ones', () => {
    expect(jobState.options.filter(isTerminal)).toEqual(['cancelled', 'failed', 'succeeded']);
    expect(jobState.options.filter(isActive)).toEqual(['queued', 'running', 'cancelling']);
  });
});
