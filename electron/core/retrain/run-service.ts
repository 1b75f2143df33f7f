/** Trainings as a reader sees them: with their curves, their settings, what came of them, and beside each other. */
import type { Answer } from '../../contract/entities/evaluation.ts';
import type { Job } from '../../contract/entities/job.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { RunComparison, RunDetail } from '../../contract/entities/run-detail.ts';
import type { TrainingRun } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import { describeSettings } from '../training/run-settings.ts';
import type { ProbeRow, RunCurves, RunWatch } from '../training/run-watch.ts';
import { thinPoints } from '../training/thin-points.ts';
import { compareAnswers, countRight, differingSettings } from './compare-runs.ts';

/** What a version answered, with the verdict where it was judged by it. */
export type Examination = {
  readonly verdict: unknown;
  readonly result: { readonly answers: readonly Answer[] };
};

export type RunServiceInput = {
  /** Newest first. */
  readonly listRuns: () => readonly TrainingRun[];
  readonly findRun: (id: string) => TrainingRun | undefined;
  readonly curves: RunCurves;
  readonly watch: RunWatch;
  readonly findAdapter: (id: string) => Adapter | undefined;
  readonly versionOf: (adapterId: string) => number | null;
  /** Newest first. */
  readonly evaluationsOf: (adapterId: string) => readonly Examination[];
  readonly statements: () => ReadonlyMap<string, string>;
  readonly openJobs: () => readonly Job[];
};

type Page = { readonly limit: number; readonly cursor?: string | undefined };
type ListedRun = TrainingRun & { version: number | null; approved: boolean | null };

export type RunService = ReturnType<typeof createRunService>;

/** Use cases of kept trainings. */
export function createRunService(input: RunServiceInput) {
  const { curves, watch } = input;

  const get = (id: string): TrainingRun => {
    const run = input.findRun(id);
    if (run === undefined) {
      throw new AppError('not-found', `There is no training ${id}.`, {
        hint: 'It may have been deleted. The list of trainings shows those that are kept.',
      });
    }
    return run;
  };
  const adapterOf = ({ adapterId }: TrainingRun): Adapter | undefined =>
    adapterId === null ? undefined : input.findAdapter(adapterId);
  const versionOf = (run: TrainingRun): number | null => {
    const adapter = adapterOf(run);
    return adapter === undefined ? null : input.versionOf(adapter.id);
  };
  const settingsOf = (run: TrainingRun) => describeSettings(run, curves.details(run.id)?.settings);

  /** What the version of a run answered when it was put to the test; null where it was not. */
  const answersOf = (run: TrainingRun): readonly Answer[] | null => {
    const adapter = adapterOf(run);
    if (adapter === undefined) return null;
    const judged = input.evaluationsOf(adapter.id).find((each) => each.verdict !== null);
    return judged?.result.answers.filter((answer) => answer.kind === 'recall') ?? null;
  };

  /** The open job of a run: the one that works on it, or the one that is gone on with. */
  function jobOf(run: TrainingRun, isLive: boolean): string | null {
    const jobs = input.openJobs().filter((job) => job.kind === 'train');
    const stopped = input.listRuns().find((each) => each.state === 'paused' || each.state === 'interrupted');
    const job = isLive
      ? jobs.find((each) => each.state === 'running' || each.state === 'cancelling')
      : jobs.find((each) => each.state === 'paused' || each.state === 'interrupted');
    return isLive || stopped?.id === run.id ? (job?.id ?? null) : null;
  }

  return {
    list: ({ limit, cursor }: Page): { runs: ListedRun[]; total: number; nextCursor: string | null } => {
      const all = input.listRuns();
      const from = Math.max(0, Number(cursor ?? 0));
      if (!Number.isInteger(from)) throw new AppError('invalid-input', 'The page is not one of this list.');
      const to = from + limit;
      return {
        runs: all.slice(from, to).map((run) => ({
          ...run,
          version: versionOf(run),
          approved: adapterOf(run)?.verdict?.approved ?? null,
        })),
        total: all.length,
        nextCursor: to < all.length ? String(to) : null,
      };
    },

    get: (id: string): RunDetail => {
      const run = get(id);
      const live = watch.find(id);
      const probes = curves.probes(id);
      const verdict = adapterOf(run)?.verdict ?? null;
      const answers = answersOf(run);
      return {
        run: { ...run, version: versionOf(run) },
        jobId: jobOf(run, live !== undefined),
        phase: live?.phase ?? phaseWithout(run),
        points: thinPoints(curves.points(id)),
        probes: probes.map(({ step, right, asked }) => ({ step, right, asked })),
        secondsLeft: live?.secondsLeft ?? null,
        lastSignAt: live?.lastSignAt ?? null,
        settings: settingsOf(run),
        failing: failingFacts(probes.at(-1), curves.details(id)?.probeFacts ?? [], input.statements()),
        result: verdict === null ? null : { ...verdict, ...countRight(answers ?? []) },
      };
    },

    compare: ({ a, b }: { readonly a: string; readonly b: string }): RunComparison => {
      const [left, right] = [get(a), get(b)];
      const [leftAnswers, rightAnswers] = [answersOf(left), answersOf(right)];
      const statements = input.statements();
      return {
        a: left,
        b: right,
        settings: differingSettings(settingsOf(left), settingsOf(right)),
        rightA: leftAnswers === null ? null : countRight(leftAnswers),
        rightB: rightAnswers === null ? null : countRight(rightAnswers),
        ...compareAnswers(leftAnswers ?? [], rightAnswers ?? [], (factId) => statements.get(factId)),
      };
    },
  };
}

/** Of a run that nobody in this process works on. */
function phaseWithout({ state }: TrainingRun): RunDetail['phase'] {
  if (state === 'queued') return 'waiting';
  // Another process works on it.
  return state === 'running' ? 'learn' : 'ended';
}

/** Facts whose probes were not all right at the last look, the worst first; those that are gone are left out. */
function failingFacts(
  last: ProbeRow | undefined,
  probeFacts: readonly (string | null)[],
  statements: ReadonlyMap<string, string>,
): RunDetail['failing'] {
  if (last?.rightIds === null || last === undefined) return [];
  const right = new Set(last.rightIds);
  const counts = new Map<string, { right: number; asked: number }>();
  for (const [index, factId] of probeFacts.entries()) {
    if (factId === null) continue;
    const before = counts.get(factId) ?? { right: 0, asked: 0 };
    counts.set(factId, { right: before.right + Number(right.has(String(index))), asked: before.asked + 1 });
  }
  return [...counts]
    .flatMap(([factId, count]) => {
      const statement = statements.get(factId);
      return statement === undefined || count.right === count.asked ? [] : [{ factId, statement, ...count }];
    })
    .sort((left, other) => left.right / left.asked - other.right / other.asked);
}
