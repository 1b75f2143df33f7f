/** Questions change nothing, so that one whose connection broke is asked again before the reader hears of it. */
const tries = 3;
const pauseMs = 700;

/** The answer of a question; only a connection that failed is tried again. */
export async function askAgain<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError) || failures >= tries || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * failures));
    }
  }
}
