/**
 * Tells a worker that hangs from a machine that slept: time in which this process did not run either does not count.
 *
 * Looks once a second. A look that comes much later than that means that the machine slept, or that this process was
 * stopped, and the worker with it: the count begins anew.
 */
export type SilenceWatch = {
  /** A line came. */
  readonly heard: () => void;
  readonly isHung: () => boolean;
  readonly stop: () => void;
};

export type SilenceOptions = {
  /** Silence after which the worker counts as hung, in milliseconds. */
  readonly limitMs: number;
  readonly onHung: () => void;
  /** Wall clock, which goes on while a machine sleeps. Defaults to the system's. */
  readonly now?: () => number;
  /** Time between two looks. Defaults to a second. */
  readonly tickMs?: number;
};

/** Looks this many times too late mean that nothing ran. */
const lateFactor = 5;

/** Watches from now on. */
export function watchSilence({
  limitMs,
  onHung,
  now = Date.now,
  tickMs = 1000,
}: SilenceOptions): SilenceWatch {
  let silentMs = 0;
  let hung = false;
  let lookedAt = now();
  const timer = setInterval(() => {
    const at = now();
    const passed = at - lookedAt;
    lookedAt = at;
    // A clock that was set back, and a sleep.
    silentMs = passed < 0 || passed > lateFactor * tickMs ? 0 : silentMs + passed;
    if (hung || silentMs < limitMs) return;
    hung = true;
    onHung();
  }, tickMs);
  return {
    heard: () => {
      silentMs = 0;
    },
    isHung: () => hung,
    stop: () => {
      clearInterval(timer);
    },
  };
}
