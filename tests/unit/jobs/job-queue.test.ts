import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { coalesce, createJobQueue, type Lane } from '../../../electron/core/jobs/job-queue.ts';

/** Work that says when it began and ends when it is told to. */
function setUp() {
  const queue = createJobQueue();
  const begun: string[] = [];
  const endings = new Map<string, () => void>();
  const add = (lane: Lane, id: string): void => {
    queue.enqueue(lane, id, () => {
      begun.push(id);
      return new Promise<void>((resolve) => endings.set(id, resolve));
    });
  };
  const end = async (id: string): Promise<void> => {
    endings.get(id)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, begun, add, end };
}

describe('lanes', () => {
  it.each([
    ['compute', 1],
    ['network', 2],
    ['disk', 1],
  ] as const)('%s runs %i at once and the others in order', async (lane, width) => {
    const { begun, add, end } = setUp();
    for (const id of ['a', 'b', 'c', 'd']) add(lane, id);
    expect(begun).toEqual(['a', 'b', 'c', 'd'].slice(0, width));
    await end('a');
    expect(begun).toEqual(['a', 'b', 'c', 'd'].slice(0, width + 1));
  });

  it('do not wait for each other', () => {
    const { begun, add } = setUp();
    add('compute', 'training');
    add('disk', 'import');
    expect(begun).toEqual(['training', 'import']);
  });

  it('leave out work that was removed while it waited', async () => {
    const { queue, begun, add, end } = setUp();
    for (const id of ['a', 'b', 'c']) add('compute', id);
    queue.remove('b');
    await end('a');
    expect(begun).toEqual(['a', 'c']);
  });

  it('are idle when all work has ended, work that was waiting included', async () => {
    const { queue, add, end } = setUp();
    await queue.idle();
    add('compute', 'a');
    add('compute', 'b');
    let isIdle = false;
    const idle = queue.idle().then(() => (isIdle = true));
    await end('a');
    expect(isIdle).toBe(false);
    await end('b');
    await idle;
    expect(isIdle).toBe(true);
  });
});

describe('coalescing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('sends at most five values a second, and the last one always', () => {
    const sent: number[] = [];
    const reports = coalesce<number>(
      () => Date.now(),
      (value) => sent.push(value),
    );
    for (let value = 0; value <= 1000; value += 1) {
      reports.push(value);
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(500);
    expect(sent[0]).toBe(0);
    expect(sent.length).toBeLessThanOrEqual(7);
    expect(sent.length).toBeGreaterThanOrEqual(5);
    expect(sent.at(-1)).toBe(1000);
  });

  it('sends a value after a pause at once', () => {
    const sent: string[] = [];
    const reports = coalesce<string>(
      () => Date.now(),
      (value) => sent.push(value),
    );
    reports.push('first');
    vi.advanceTimersByTime(200);
    reports.push('second');
    expect(sent).toEqual(['first', 'second']);
  });

  it('sends what is held back on a flush, once', () => {
    const sent: string[] = [];
    const reports = coalesce<string>(
      () => Date.now(),
      (value) => sent.push(value),
    );
    reports.push('first');
    reports.push('second');
    reports.flush();
    reports.flush();
    vi.advanceTimersByTime(1000);
    expect(sent).toEqual(['first', 'second']);
  });
});
