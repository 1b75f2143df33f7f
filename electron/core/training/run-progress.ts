/**
 * What the steps of a run say: how fast it is, how long it still takes, how far it came.
 *
 * Speeds are the worker's own, of the time in its steps; the middle one of the last steps counts, so that a machine
 * that slept or was busy for a moment changes nothing.
 */
import type { Progress } from '../../contract/entities/job.ts';
import type { TrainerEvent } from '../dependencies.ts';

/** How many steps the speed is taken from. */
const recentSteps = 21;
/** Before that many steps nobody can tell how long it takes. */
const measuringSteps = 10;

export type RunMeasures = {
  readonly device: string | null;
  readonly tokensPerSecond: number | null;
  readonly step: number | null;
  readonly steps: number | null;
};

export type RunProgress = {
  /** Takes an event in; gives what to report after a step. */
  readonly take: (event: TrainerEvent) => Progress | undefined;
  readonly measures: () => RunMeasures;
  /** Null before enough steps were seen. */
  readonly secondsLeft: () => number | null;
};

/** Follows one run of the worker. */
export function createRunProgress(): RunProgress {
  let device: string | null = null;
  let planned = 0;
  let last: { step: number; steps: number; tokens: number } | undefined;
  let trained = { tokens: 0, seconds: 0 };
  const speeds: number[] = [];
  const secondsLeft = (): number | null => {
    const speed = middle(speeds);
    if (planned === 0 || speed === 0 || last === undefined || speeds.length < measuringSteps) return null;
    return Math.max(0, planned - last.tokens) / speed;
  };
  return {
    take: (event) => {
      if (event.type === 'hello') device = `${event.device}/${event.gemm}`;
      if (event.type === 'plan') planned = event.tokens;
      if (event.type === 'phase' && event.name === 'device-check') {
        return says('Checking the device against the processor (once)');
      }
      if (event.type === 'plan' && event.device !== 'cpu' && event.device !== '') {
        return says(`Training on ${event.deviceDescription} (${event.device})`);
      }
      // A device that was passed over is never passed over silently.
      if (event.type === 'warning' && event.code === 'device-skipped') return says(event.message);
      if (event.type !== 'step') return undefined;
      const tokens = last === undefined ? 0 : event.tokens - last.tokens;
      last = { step: event.step, steps: event.steps, tokens: event.tokens };
      if (event.tokensPerSecond > 0) {
        speeds.push(event.tokensPerSecond);
        if (speeds.length > recentSteps) speeds.shift();
        const seconds = tokens / event.tokensPerSecond;
        trained = { tokens: trained.tokens + tokens, seconds: trained.seconds + seconds };
      }
      const speed = middle(speeds);
      const left = secondsLeft();
      const time = left === null ? '' : `, about ${sayDuration(left)} left`;
      return {
        done: event.step,
        total: event.steps,
        unit: 'steps',
        title: 'Learning',
        detail: `loss ${event.loss.toFixed(3)}, ${Math.round(speed)} tokens/s${time}`,
      };
    },
    secondsLeft,
    measures: () => ({
      device,
      tokensPerSecond: trained.seconds > 0 ? trained.tokens / trained.seconds : null,
      step: last?.step ?? null,
      steps: last?.steps ?? null,
    }),
  };
}

/** A sentence before the first step. */
function says(title: string): Progress {
  return { done: 0, total: null, unit: 'steps', title };
}

/** "40 s", "3 min", "1.5 h". */
export function sayDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
