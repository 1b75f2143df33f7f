/** A run as it stands: what is kept of it, joined with what was heard since. */
import { useEffect, useState } from 'react';
import type { RunDetail } from '../../../electron/contract/entities/run-detail.ts';
import { joinSteps, type LiveRun } from '../../state/store.ts';
import { useApp, useClient } from '../../state/use-app.ts';
import { useQuery, type Query } from '../../state/use-query.ts';

/** A run with live points; `null` asks for none. */
export function useRun(id: string | null): Query<RunDetail> {
  const client = useClient();
  const kept = useQuery(client.runs.get, id === null ? null : { id }, ['runs'], { keepsOld: false });
  const live = useApp(({ liveRuns }) => (id === null ? undefined : liveRuns[id]));
  const probed = live?.probes.at(-1)?.step ?? null;
  const { reload } = kept;
  // Which facts still fail is not told with a probe, only asked for.
  useEffect(() => {
    if (probed !== null) reload();
  }, [probed, reload]);
  return { ...kept, data: kept.data === undefined ? undefined : joinRun(kept.data, live) };
}

/** Kept and heard, the newer of both. */
export function joinRun(detail: RunDetail, live: LiveRun | undefined): RunDetail {
  if (live === undefined) return detail;
  const points = joinSteps(detail.points, live.points);
  const isGoing = detail.lastSignAt !== null || detail.run.state === 'running';
  const phase = isPhase(live.phase) && isGoing ? live.phase : detail.phase;
  return {
    ...detail,
    ...{ points: [...points], phase, probes: [...joinSteps(detail.probes, live.probes)] },
    run: {
      ...detail.run,
      steps: live.steps ?? detail.run.steps,
      step: Math.max(detail.run.step ?? 0, points.at(-1)?.step ?? 0) || detail.run.step,
    },
    secondsLeft: isGoing ? live.secondsLeft : detail.secondsLeft,
    lastSignAt: isGoing ? Math.max(live.lastSignAt, detail.lastSignAt ?? 0) : detail.lastSignAt,
  };
}

const phases: readonly RunDetail['phase'][] = [
  'waiting',
  'load',
  'prepare',
  'learn',
  'save',
  'test',
  'ended',
];

function isPhase(phase: string): phase is RunDetail['phase'] {
  return phases.some((known) => known === phase);
}

/** The time now, told again every few seconds while something waits for it. */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === null) return undefined;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
