/** The standing status: what the model knows, what the next training would teach, and what is going on. */
import type { Database } from 'better-sqlite3';
import type { Fact } from '../../contract/entities/fact.ts';
import type { FactChange } from '../../contract/entities/fact-list.ts';
import type { Job } from '../../contract/entities/job.ts';
import type { KnowledgeSummary } from '../../contract/entities/knowledge.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { RecipeName, TrainingRun } from '../../contract/entities/training.ts';
import { watchTables } from '../db/table-revision.ts';
import type { ListedFact } from '../facts/list-facts.ts';
import { conflictsOf } from '../facts/fact-detail.ts';
import { takeAll, takeInSlices, type Steps } from '../util/slices.ts';
import { forgottenSinceTraining, isRebuildNeeded } from './forget.ts';
import { isActive, isTesting, knowledgeStateOf, whyRejected } from './knowledge.ts';
import type { PlanDecision } from './plan.ts';

/** What a running training last said; null fields are not known. */
export type RunStatus = {
  /** Also of a run that has ended and whose version is being tested. */
  readonly runId?: string;
  readonly right: number | null;
  readonly asked: number | null;
  readonly secondsLeft: number | null;
};

export type KnowledgeInput = {
  readonly db: Database;
  readonly today: () => string;
  readonly listFacts: () => readonly ListedFact[];
  /** Estimated tokens of the facts that ride in the prompt of a question without words. */
  readonly promptTokens: (facts: readonly Fact[]) => number;
  readonly activeAdapter: () => Adapter | null;
  /** Differs where another version serves or the next training's length is known better. */
  readonly standingKey: () => string;
  /** Newest first. */
  readonly listAdapters: () => readonly Adapter[];
  readonly numberOf: (adapterId: string) => number;
  readonly recipeOf: (runId: string) => RecipeName | null;
  readonly testedAt: (adapterId: string) => number | null;
  /** The base of the next training; undefined where there is none. */
  readonly findBase: () => BaseModel | undefined;
  readonly newestTraining: () => Job | undefined;
  readonly openRun: () => TrainingRun | undefined;
  readonly runStatus: (run: TrainingRun | undefined) => RunStatus | null;
  readonly changes: () => readonly FactChange[];
  readonly decide: (base: BaseModel) => PlanDecision;
  /** What takes long of a decision, in slices. Defaults to nothing. */
  readonly prepareDecision?: () => Promise<void>;
  readonly estimate: (
    base: BaseModel,
    decision: PlanDecision,
    recipe: RecipeName,
  ) => KnowledgeSummary['time'];
  readonly sharing: (base: BaseModel) => KnowledgeSummary['sharing'];
  /** Proposals that wait in the Inbox. */
  readonly countProposals: () => number;
};

export type Knowledge = ReturnType<typeof createKnowledge>;

/** What changes only with the profile's database or the base. */
type Standing = Pick<
  KnowledgeSummary,
  | 'facts'
  | 'toTeach'
  | 'promptTokens'
  | 'testedAt'
  | 'isRebuild'
  | 'activeVersion'
  | 'rejected'
  | 'sharing'
  | 'deleted'
> & {
  readonly newest: Adapter | undefined;
  readonly decision: PlanDecision | undefined;
  readonly isRebuildNeeded: boolean;
};

/** What the standing part is derived from; a run that goes on changes its time alone. */
const watched = [
  ...['facts', 'fact_conflicts', 'ledger', 'adapters', 'adapter_facts', 'adapter_taught'],
  'profile_values',
];

/** Creates the summary over one profile; it only reads. */
export function createKnowledge(input: KnowledgeInput) {
  const { db } = input;
  const revision = watchTables(db, 'knowledge', watched);
  const runs = watchTables(db, 'runs', ['training_runs']);
  let kept: { readonly key: string; readonly standing: Standing } | null = null;
  let preparing: Promise<void> | null = null;
  let keptTime: { readonly key: string; readonly time: KnowledgeSummary['time'] } | null = null;

  const keyOf = (base: BaseModel | undefined): string =>
    [revision(), input.today(), base?.id, base?.fileIdentity, input.standingKey()].join(' ');

  /** Kept while nothing is written: a plan over ten thousand facts takes longer than a status may. */
  function standing(base: BaseModel | undefined): Standing {
    const key = keyOf(base);
    if (kept?.key !== key) kept = { key, standing: takeAll(load(base)) };
    return kept.standing;
  }

  function timeOf(
    base: BaseModel | undefined,
    decision: PlanDecision | undefined,
    isNeeded: boolean,
  ): KnowledgeSummary['time'] {
    if (base === undefined || decision === undefined || !isNeeded) return null;
    const key = `${keyOf(base)} ${runs()}`;
    if (keptTime?.key !== key) keptTime = { key, time: input.estimate(base, decision, 'routed') };
    return keptTime.time;
  }

  function* load(base: BaseModel | undefined): Steps<Standing> {
    const listed = input.listFacts();
    yield;
    const facts = countFacts(listed);
    yield;
    const active = input.activeAdapter();
    const newest = input.listAdapters().find((adapter) => adapter.imported === undefined);
    yield;
    const notLearned = facts.pending + facts.weak;
    const decision = base === undefined || notLearned + facts.learned === 0 ? undefined : input.decide(base);
    // What was repaired in vain stays weak in the prompt; it is taught again with the next change.
    const toTeach = decision?.mode === 'nothing' ? 0 : notLearned;
    const rebuildNeeded = isRebuildNeeded(db);
    yield;
    const promptTokens = input.promptTokens(listed.map(({ fact }) => fact));
    yield;
    return {
      facts,
      toTeach,
      promptTokens,
      testedAt: active === null ? null : input.testedAt(active.id),
      isRebuild: decision?.mode === 'rebuild',
      activeVersion: active === null ? null : input.numberOf(active.id),
      rejected:
        newest?.state === 'rejected' && newest.override === null
          ? {
              ...{ adapterId: newest.id, version: input.numberOf(newest.id), reason: whyRejected(newest) },
              recipe: input.recipeOf(newest.runId),
            }
          : null,
      sharing: base === undefined ? 'coexist' : input.sharing(base),
      deleted: rebuildNeeded ? forgottenSinceTraining(db) : 0,
      newest,
      decision,
      isRebuildNeeded: rebuildNeeded,
    };
  }

  async function prepareInSlices(): Promise<void> {
    const base = input.findBase();
    const key = keyOf(base);
    if (kept?.key === key) return;
    await input.prepareDecision?.();
    const made = await takeInSlices(load(base));
    // What was written meanwhile is read with the summary.
    if (keyOf(base) === key) kept = { key, standing: made };
  }

  function summary(): KnowledgeSummary {
    const base = input.findBase();
    const { newest, decision, isRebuildNeeded: isNeeded, ...given } = standing(base);
    const known = { ...given, time: timeOf(base, decision, given.toTeach > 0 || isNeeded) };
    const job = input.newestTraining();
    const isFailed = job?.state === 'failed' && job.error !== null && !isNewer(newest, job);
    const failed = isFailed && job.error !== null ? { jobId: job.id, error: job.error } : null;
    const state = knowledgeStateOf({
      ...known,
      hasModel: base !== undefined,
      job,
      failed,
      hasVersions: newest !== undefined,
    });
    const isOpen = state === 'running' || state === 'testing' || state === 'interrupted';
    return {
      ...known,
      state,
      job: job === undefined || !isOpen ? null : describeJob(job, input.openRun(), input.runStatus),
      failed,
      editedDuringRun: job !== undefined && isActive(job) ? countEdited(input.changes(), job) : 0,
      proposals: input.countProposals(),
    };
  }

  return {
    /** Takes in slices what has changed; the summary after it is short. */
    prepare: (): Promise<void> => {
      preparing ??= prepareInSlices().finally(() => {
        preparing = null;
      });
      return preparing;
    },
    summary,
  };
}

function isNewer(adapter: Adapter | undefined, job: Job): boolean {
  return adapter !== undefined && adapter.createdAt > (job.endedAt ?? job.createdAt);
}

function countFacts(listed: readonly ListedFact[]): KnowledgeSummary['facts'] {
  const counts = { total: 0, learned: 0, pending: 0, weak: 0, inPrompt: 0, waiting: 0, retired: 0 };
  for (const { state, flags } of listed) {
    if (state === 'retired') {
      counts.retired += 1;
      continue;
    }
    counts.total += 1;
    if (flags.includes('waiting')) counts.waiting += 1;
    if (state === 'in-weights') counts.learned += 1;
    else if (state === 'pending') counts.pending += 1;
    else if (state === 'weak') counts.weak += 1;
    else counts.inPrompt += 1;
  }
  return { ...counts, conflicts: conflictsOf(listed).length };
}

function describeJob(
  job: Job,
  run: TrainingRun | undefined,
  statusOf: KnowledgeInput['runStatus'],
): KnowledgeSummary['job'] {
  const status = run === undefined && !isActive(job) ? null : statusOf(run);
  const counted = job.progress?.unit === 'steps' || isTesting(job) ? job.progress : null;
  return {
    jobId: job.id,
    runId: run?.id ?? status?.runId ?? null,
    step: counted?.done ?? run?.step ?? null,
    steps: counted?.total ?? run?.steps ?? null,
    right: status?.right ?? null,
    asked: status?.asked ?? null,
    secondsLeft: status?.secondsLeft ?? null,
    isPaused: job.state === 'paused',
  };
}

function countEdited(changes: readonly FactChange[], job: Job): number {
  const since = job.startedAt ?? job.createdAt;
  return changes
    .filter((change) => !change.undone && change.createdAt >= since)
    .reduce((total, change) => total + change.facts, 0);
}
