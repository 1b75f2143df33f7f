/** The longest stretch of a piece of work in which nothing else of this process gets its turn. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of processor time of this thread: what other programs take of the machine does not count. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Does work; gives its result, its processor time and its longest stretch in milliseconds of processor time. */
export async function longestStretch<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly took: number; readonly longest: number }> {
  let isOver = false;
  let longest = 0;
  const watch = async (): Promise<void> => {
    for (let before = threadTime(); !isOver;) {
      await setImmediate();
      const now = threadTime();
      longest = Math.max(longest, now - before);
      before = now;
    }
  };
  const watching = watch();
  const begun = threadTime();
  try {
    const result = await work();
    const took = threadTime() - begun;
    isOver = true;
    await watching;
    return { result, took, longest };
  } finally {
    isOver = true;
  }
}
