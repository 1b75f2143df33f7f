/** What became of trainings that did not end, in a sentence, and how to go on: for `status` and the next start. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StoppedRun } from '../../contract/entities/status.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { TrainingRun } from '../../contract/entities/training.ts';

/** Runs whose folder is still there, newest first. `isBusy`: another process holds the folder, so one may be running. */
export function describeStopped(runs: readonly TrainingRun[], isBusy: boolean): StoppedRun[] {
  return runs.flatMap((run) => {
    if (run.state === 'succeeded' || run.mode === 'repair' || !existsSync(run.folder)) return [];
    const isActive = run.state === 'running' || run.state === 'queued';
    if (isActive && isBusy) return [];
    const state = isActive ? 'interrupted' : run.state;
    const { step, steps, error } = run;
    const where =
      step === null ? '' : ` It is kept up to step ${step}${steps === null ? '' : ` of ${steps}`}.`;
    return [
      {
        runId: run.id,
        state,
        step,
        steps,
        error,
        message: `${whatHappened(state, error?.message)}${where}`,
        hint: `Go on with: keepsake train${run.recipe === 'routed' ? '' : ` --recipe ${run.recipe}`}`,
      },
    ];
  });
}

function whatHappened(state: TrainingRun['state'], message: string | undefined): string {
  switch (state) {
    case 'paused':
      return 'A training is paused.';
    case 'cancelled':
      return 'A training was stopped by the user.';
    case 'failed':
      return `A training failed: ${message ?? 'no reason is known.'}`;
    case 'interrupted':
    case 'queued':
    case 'running':
    case 'succeeded':
      return 'A training was interrupted: Keepsake or the machine was ended in the middle of it.';
  }
}

/**
 * Clears up after a process that was killed: adapters of repairs that were never judged, folders of runs that nothing
 * goes on with, half-written adapter files. Called once by the process that may write.
 */
export function clearLeftovers(input: {
  readonly runs: readonly TrainingRun[];
  readonly adapters: readonly Adapter[];
  readonly adaptersFolder: string;
  readonly discard: (adapter: Adapter) => void;
}): void {
  const modes = new Map(input.runs.map((run) => [run.id, run.mode]));
  for (const adapter of input.adapters) {
    if (adapter.verdict === null && modes.get(adapter.runId) === 'repair') input.discard(adapter);
  }
  for (const run of input.runs) {
    if (run.state === 'succeeded' || run.mode === 'repair')
      rmSync(run.folder, { recursive: true, force: true });
  }
  if (!existsSync(input.adaptersFolder)) return;
  const known = new Set(input.adapters.map((adapter) => adapter.id));
  for (const name of readdirSync(input.adaptersFolder)) {
    const run = input.runs.find((each) => each.adapterId !== null && name.startsWith(each.adapterId));
    const isOurs = run !== undefined && !known.has(run.adapterId ?? '');
    // A whole file is written again by the resumed run; without its checkpoint nothing will ever use it.
    if (isOurs && (name.endsWith('.partial') || !existsSync(run.folder)))
      rmSync(join(input.adaptersFolder, name), { force: true });
  }
}
