/** What every screen shares. Screens ask the core for their own data; `topics` tells them when to ask again. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { KnowledgeSummary } from '../../electron/contract/entities/knowledge.ts';
import type { Job } from '../../electron/contract/entities/job.ts';
import type { ProbePoint, StepPoint } from '../../electron/contract/entities/run-detail.ts';
import type { Settings } from '../../electron/contract/entities/settings.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import type { Topic } from '../../electron/contract/events.ts';

/** What came over the wire about a run since the page has listened. */
export type LiveRun = {
  readonly points: readonly StepPoint[];
  readonly probes: readonly ProbePoint[];
  readonly phase: string;
  readonly steps: number | null;
  readonly secondsLeft: number | null;
  readonly lastSignAt: number;
};

/** An act that can be taken back: what was done, and how. */
export type UndoableAct = { readonly text: string; readonly undo: () => Promise<unknown> };

export type AppState = {
  readonly connection: 'connecting' | 'open' | 'lost';
  /** How often each topic changed; a query that shows one asks again when its number moves. */
  readonly topics: Readonly<Partial<Record<Topic, number>>>;
  readonly summary: KnowledgeSummary | null;
  readonly settings: Settings | null;
  readonly profileName: string | null;
  readonly jobs: Readonly<Record<string, Job>>;
  readonly liveRuns: Readonly<Record<string, LiveRun>>;
  /** Newest last, at most 50. */
  readonly acts: readonly UndoableAct[];
  /** What the undo bar says; null once dismissed. */
  readonly notice: { readonly text: string; readonly canUndo: boolean } | null;
  /** An act that failed, until it is dismissed. */
  readonly failure: AppError | null;
  /** What the live region says. */
  readonly announcement: string;
  readonly isPaletteOpen: boolean;
  readonly isHelpOpen: boolean;
  /** Everything was deleted and the app has closed. */
  readonly isEnded: boolean;
};

export type AppStore = StoreApi<AppState>;

const actLimit = 50;

/** The store before anything was heard of the core. */
export function createAppStore(): AppStore {
  return createStore<AppState>(() => ({
    connection: 'connecting',
    topics: {},
    summary: null,
    settings: null,
    profileName: null,
    jobs: {},
    liveRuns: {},
    acts: [],
    notice: null,
    failure: null,
    announcement: '',
    isPaletteOpen: false,
    isHelpOpen: false,
    isEnded: false,
  }));
}

/** Notes that something changed, so that whoever shows it asks again. */
export function touch(store: AppStore, topics: readonly Topic[]): void {
  store.setState(({ topics: before }) => ({
    topics: { ...before, ...Object.fromEntries(topics.map((topic) => [topic, (before[topic] ?? 0) + 1])) },
  }));
}

/** Keeps an act for Undo and says it in the undo bar. */
export function noteAct(store: AppStore, act: UndoableAct): void {
  store.setState(({ acts }) => ({
    acts: [...acts, act].slice(-actLimit),
    notice: { text: act.text, canUndo: true },
    announcement: act.text,
  }));
}

/** Says something in the undo bar that cannot be taken back. */
export function notify(store: AppStore, text: string): void {
  store.setState({ notice: { text, canUndo: false }, announcement: text });
}

/** Says something to those who cannot see it. */
export function announce(store: AppStore, announcement: string): void {
  store.setState({ announcement });
}

/** Adds what a training told; a run that starts again at an earlier step drops the points after it. */
export function addLivePoints(
  store: AppStore,
  { runId, points, probes, ...rest }: LiveRun & { readonly runId: string },
): void {
  store.setState(({ liveRuns }) => {
    const before = liveRuns[runId];
    return {
      liveRuns: {
        ...liveRuns,
        [runId]: {
          ...rest,
          points: joinSteps(before?.points ?? [], points),
          probes: joinSteps(before?.probes ?? [], probes),
        },
      },
    };
  });
}

/** Old and new points in the order of their steps, each step once, the newer one kept. */
export function joinSteps<Point extends { readonly step: number }>(
  before: readonly Point[],
  added: readonly Point[],
): readonly Point[] {
  const [first] = added;
  if (first === undefined) return before;
  return [...before.filter(({ step }) => step < first.step), ...added];
}
