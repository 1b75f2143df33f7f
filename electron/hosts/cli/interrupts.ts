/** Presses within this time of the first are one: a terminal, npm and its wrapper all pass a Ctrl-C on. */
const onePressMs = 500;

/** Exit code of a process that was stopped by a person. */
const cancelledExitCode = 3;

/**
 * A signal that the first Ctrl-C (or a polite request to end) aborts; a second press ends the process at once.
 *
 * The worker sees its parent go and ends by itself.
 */
export function createInterruptSignal(): { readonly signal: AbortSignal; readonly dispose: () => void } {
  const controller = new AbortController();
  let firstAt: number | null = null;
  const interrupt = (): void => {
    const now = Date.now();
    if (firstAt === null) {
      firstAt = now;
      controller.abort();
    } else if (now - firstAt > onePressMs) {
      process.exit(cancelledExitCode);
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, interrupt);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of names) process.off(name, interrupt);
    },
  };
}
