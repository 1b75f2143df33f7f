/** Downloads as jobs: which model each one gets, how fast, and whether it can go on. */
import type { Job } from '../../../electron/contract/entities/job.ts';

export type Download = {
  readonly job: Job;
  /** What was asked for: an id of the catalogue or an address. */
  readonly source: string;
};

const shownStates: readonly string[] = ['queued', 'running', 'cancelling', 'paused', 'interrupted', 'failed'];

/** Downloads that go on, wait or failed: the newest of each source. */
export function shownDownloads(jobs: readonly Job[]): readonly Download[] {
  const newest = new Map<string, Download>();
  for (const job of [...jobs].sort((a, b) => a.createdAt - b.createdAt)) {
    const source = sourceOf(job);
    if (source !== null) newest.set(source, { job, source });
  }
  return [...newest.values()].filter(({ job }) => shownStates.includes(job.state));
}

/** The download of a source. */
export function downloadOf(downloads: readonly Download[], source: string): Download | undefined {
  return downloads.find((download) => download.source === source);
}

/** What a download gets; null for another job. */
export function sourceOf({ kind, params }: Job): string | null {
  if (kind !== 'download' || typeof params !== 'object' || params === null) return null;
  return 'source' in params && typeof params.source === 'string' ? params.source : null;
}

/** Asks for a download again as it was asked for, with its hash and its other places. */
export function wishOf(job: Job): { source: string; sha256?: string; mirrors?: string[] } | null {
  const source = sourceOf(job);
  if (source === null) return null;
  const { sha256, mirrors } = job.params as { sha256?: unknown; mirrors?: unknown }; // checked below, as sourceOf does
  return {
    source,
    ...(typeof sha256 === 'string' && { sha256 }),
    ...(Array.isArray(mirrors) && { mirrors: mirrors.map(String) }),
  };
}

/** Seconds that are left at the speed so far; null before anything can be told. */
export function secondsLeft({ progress, startedAt }: Job, now: number): number | null {
  const total = progress?.total ?? null;
  if (progress === null || total === null || startedAt === null) return null;
  const seconds = (now - startedAt) / 1000;
  if (seconds < 2 || progress.done <= 0 || progress.done >= total) return null;
  return ((total - progress.done) * seconds) / progress.done;
}
