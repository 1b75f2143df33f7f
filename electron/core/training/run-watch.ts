/**
 * What a run says while it runs: its curves written down in small batches, its state told to whoever looks.
 *
 * A kill loses at most half a second of points. A run that is gone on with continues its own curve: what lies beyond
 * the checkpoint is let go when its first step comes.
 */
import type { RunDetail } from '../../contract/entities/run-detail.ts';
import type { AppEvent } from '../../contract/events.ts';
import type { Clock, TrainerEvent } from '../dependencies.ts';
import type { CurveStore, ProbeRow, RunDetails } from './curve-store.ts';

export type { ProbeRow };
/** What is kept of a run's course. */
export type RunCurves = Pick<CurveStore, 'points' | 'probes' | 'details'>;

export type RunPhase = RunDetail['phase'];
type TrainingEvent = Omit<Extract<AppEvent, { type: 'training' }>, 'type'>;

/** How long points wait before they are written, in milliseconds. */
const writeEveryMs = 500;
/** At most five announcements a second. */
const announceEveryMs = 200;
/** Points that cannot be written (a full disk) are held up to this many. */
const mostUnwritten = 10_000;

/** A run of this process that has not ended. */
export type LiveRun = {
  readonly runId: string;
  readonly phase: RunPhase;
  readonly step: number | null;
  readonly steps: number | null;
  readonly probe: { readonly right: number; readonly asked: number } | null;
  readonly secondsLeft: number | null;
  /** When the worker last said anything; null while none runs. */
  readonly lastSignAt: number | null;
  /** True while the memory is the training's alone, so that nothing else may load a model. */
  readonly exclusive: boolean;
};

export type RunWatchInput = {
  readonly store: CurveStore;
  readonly clock: Clock;
  readonly announce: (event: TrainingEvent) => void;
};

/** One run's part of the watch. */
export type RunSink = {
  readonly details: (details: RunDetails) => void;
  readonly phase: (phase: RunPhase, options?: { readonly exclusive?: boolean }) => void;
  /** `secondsLeft` of the run after this event. */
  readonly take: (event: TrainerEvent, secondsLeft: number | null) => void;
  readonly end: () => void;
};

type Entry = { state: LiveRun; readonly flush: () => void };

export type RunWatch = ReturnType<typeof createRunWatch>;

/** Creates the watch over one profile's runs. */
export function createRunWatch({ store, clock, announce }: RunWatchInput) {
  const live = new Map<string, Entry>();

  function begin(runId: string, phase: RunPhase = 'prepare'): RunSink {
    const unwritten = createBatch(store, runId);
    let points: TrainingEvent['points'] = [];
    let probes: TrainingEvent['probes'] = [];
    /** True until the first step of a worker, which says where it goes on. */
    let isFresh = true;
    let announcedAt = -Infinity;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const set = (change: Partial<LiveRun>): void => {
      const known = live.get(runId)?.state ?? { ...unknown, runId };
      live.set(runId, { state: { ...known, ...change }, flush: unwritten.flush });
    };
    const tell = (): void => {
      clearTimeout(timer);
      timer = undefined;
      announcedAt = clock.now();
      const state = live.get(runId)?.state ?? { ...unknown, runId, phase: 'ended' as const };
      const { phase: now, steps, secondsLeft } = state;
      const lastSignAt = state.lastSignAt ?? announcedAt;
      announce({ runId, points, probes, phase: now, steps, secondsLeft, lastSignAt });
      [points, probes] = [[], []];
    };
    const tellSoon = (): void => {
      const wait = announcedAt + announceEveryMs - clock.now();
      if (wait <= 0) tell();
      else timer ??= setTimeout(tell, wait);
    };

    set({ phase });
    tellSoon();
    return {
      details: (details) => store.setDetails(runId, details),
      phase: (next, { exclusive } = {}) => {
        set({ phase: next, ...(exclusive !== undefined && { exclusive }) });
        tellSoon();
      },
      take: (event, secondsLeft) => {
        set({ lastSignAt: clock.now(), secondsLeft });
        if (event.type === 'hello') isFresh = true;
        const next = phaseOf(event);
        if (next !== undefined) set({ phase: next });
        if (event.type === 'step') {
          const { step, steps, loss, tokensPerSecond } = event;
          if (isFresh) unwritten.cutFrom(step);
          isFresh = false;
          set({ step, steps });
          points.push({ step, loss, tokensPerSecond });
          unwritten.point({ step, loss, tokensPerSecond });
        }
        if (event.type === 'probe') {
          const { step, right, total: asked } = event;
          set({ probe: { right, asked } });
          probes.push({ step, right, asked });
          unwritten.probe({ step, right, asked, rightIds: event.rightIds });
        }
        if (event.type === 'checkpoint') unwritten.flush();
        tellSoon();
      },
      end: () => {
        unwritten.close();
        live.delete(runId);
        tell();
      },
    };
  }

  return {
    begin,
    /** A run while something else is done with it, such as its test. */
    during: async <Result>(runId: string, phase: RunPhase, work: () => Promise<Result>): Promise<Result> => {
      const sink = begin(runId, phase);
      try {
        return await work();
      } finally {
        sink.end();
      }
    },
    /** Its state now, all of its curve written. */
    find: (runId: string): LiveRun | undefined => {
      const entry = live.get(runId);
      entry?.flush();
      return entry?.state;
    },
    /** The run that is worked on now. */
    running: (): LiveRun | null => [...live.values()].at(-1)?.state ?? null,
  };
}

const unknown: Omit<LiveRun, 'runId'> = {
  phase: 'waiting',
  step: null,
  steps: null,
  probe: null,
  secondsLeft: null,
  lastSignAt: null,
  exclusive: false,
};

/** The phase that begins with an event of the worker. */
function phaseOf(event: TrainerEvent): RunPhase | undefined {
  if (event.type === 'hello') return 'load';
  if (event.type === 'step') return 'learn';
  if (event.type !== 'phase') return undefined;
  if (event.name === 'train') return 'learn';
  return event.name === 'write' ? 'save' : 'load';
}

/** Points and probes on their way into the database. */
function createBatch(store: CurveStore, runId: string) {
  let points: Parameters<CurveStore['append']>[1][number][] = [];
  let probes: ProbeRow[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (points.length === 0 && probes.length === 0) return;
    try {
      store.append(runId, points, probes);
      [points, probes] = [[], []];
    } catch {
      // A curve that cannot be written ends no training; the next batch tries again.
      points = points.slice(-mostUnwritten);
      if (isClosed) return;
      timer = setTimeout(flush, writeEveryMs);
      timer.unref();
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(flush, writeEveryMs);
  };
  return {
    flush,
    close: (): void => {
      isClosed = true;
      flush();
    },
    cutFrom: (step: number): void => {
      flush();
      try {
        store.cutFrom(runId, step);
      } catch {
        // Points of the same steps are replaced one by one.
      }
    },
    point: (point: (typeof points)[number]): void => {
      points.push(point);
      soon();
    },
    probe: (probe: ProbeRow): void => {
      probes.push(probe);
      soon();
    },
  };
}
