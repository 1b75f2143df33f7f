/** Wires what the window shows of a profile's knowledge: fact details, versions, the standing status. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Fact } from '../contract/entities/fact.ts';
import type { FactDetail } from '../contract/entities/ledger.ts';
import type { KnowledgeSummary } from '../contract/entities/knowledge.ts';
import type { Adapter, AdapterVersion, BaseModel } from '../contract/entities/model.ts';
import { AppError } from '../contract/errors.ts';
import type { Database } from 'better-sqlite3';
import type { AdapterService } from './adapters/adapter-service.ts';
import type { Dependencies } from './dependencies.ts';
import { loadBenchmarks } from './evaluation/benchmarks.ts';
import { createReportService } from './evaluation/report-service.ts';
import type { EvaluationService } from './evaluation/evaluation-service.ts';
import { dayOf } from './facts/dates.ts';
import type { FactService } from './facts/fact-service.ts';
import type { StatesOf } from './facts/fact-snapshot.ts';
import type { JobService } from './jobs/job-service.ts';
import { bridgeBudget, chooseBridged, estimateTokens, type Bridge } from './ledger/bridge.ts';
import type { LedgerService } from './ledger/ledger-service.ts';
import { multipliedWeights } from './models/model-fit.ts';
import { readModelFacts } from './models/model-shape.ts';
import type { ModelService } from './models/model-service.ts';
import { testsNeeded } from './retrain/graduate.ts';
import { createKnowledge, type KnowledgeInput } from './retrain/knowledge-service.ts';
import type { PlanDecision } from './retrain/plan.ts';
import type { Planner } from './retrain/planner.ts';
import { estimateTraining } from './retrain/time-estimate.ts';
import { assertTrainingFits } from './retrain/training-fit.ts';
import { toVersions } from './retrain/versions.ts';
import type { TrainingService } from './training/training-service.ts';

export type KnowledgeServicesInput = {
  readonly db: Database;
  readonly dependencies: Pick<Dependencies, 'clock' | 'machine' | 'paths' | 'trainer'>;
  readonly facts: FactService;
  readonly adapters: AdapterService;
  /** The version that chat answers with. */
  readonly servingAdapter: () => Adapter | null;
  readonly ledger: LedgerService;
  readonly models: ModelService;
  readonly evaluations: Pick<EvaluationService, 'generalByAdapter'>;
  readonly jobs: JobService;
  readonly training: TrainingService;
  readonly planner: Planner;
  /** Live facts that are taught. */
  readonly liveFacts: () => readonly Fact[];
  /** The base that a person has set; null: the default. */
  readonly chosenBaseId?: () => string | null;
  /** What a running training last said. Defaults to nothing. */
  readonly runStatus?: KnowledgeInput['runStatus'];
  /** Proposals that wait. Defaults to none. */
  readonly countProposals?: () => number;
};

const usualRequest = { recipe: 'routed', seed: 42, rebuild: false } as const;
const weightsPerByte = 1.5;
/** How many of the last trainings a time rests on. */
const recentRuns = 5;

/** Creates the readers behind `facts.get`, `adapters.list` and `knowledge.summary`. */
export function createKnowledgeServices(input: KnowledgeServicesInput) {
  const { db, dependencies, facts, adapters, ledger, models } = input;
  const { machine, paths, trainer, clock } = dependencies;

  function versions(): AdapterVersion[] {
    return toVersions({
      adapters: adapters.list(),
      marks: adapters.marks(),
      facts: facts.list(),
      entriesOf: (adapterId) => ledger.entries(adapterId),
      general: input.evaluations.generalByAdapter(),
      baseNameOf: (id) => models.find(id)?.name ?? 'a base model that is no longer in the list',
    });
  }

  /** The base that the next training would take; one that nobody has used yet is described by its file alone. */
  function findBase(): BaseModel | undefined {
    const chosen = input.chosenBaseId?.() ?? null;
    const known = chosen === null ? undefined : models.find(chosen);
    if (known !== undefined) return known;
    const file = paths.defaultModel;
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return models.list()[0];
    const all = models.list();
    // The same file may have been registered where it lay before.
    const registered =
      all.find((model) => model.file === file) ??
      all.find((model) => model.sizeBytes === stats.size && basename(model.file) === basename(file));
    return (
      registered ?? {
        ...{ id: '', name: basename(file), file, sizeBytes: stats.size, sha256: '', fileIdentity: '' },
        ...{ architecture: '', quantisation: '', contextLength: 2048, licence: null, createdAt: 0 },
      }
    );
  }

  const weightsByFile = new Map<string, number>();
  /** Weights of the layers that are multiplied; read once for each file. */
  function weightsOf(base: BaseModel): number {
    const key = `${base.file} ${base.fileIdentity}`;
    const known = weightsByFile.get(key);
    if (known !== undefined) return known;
    const { shape } = readModelFacts(base.file);
    const weights = shape === null ? base.sizeBytes * weightsPerByte : multipliedWeights(shape);
    weightsByFile.set(key, weights);
    return weights;
  }

  function estimate(base: BaseModel, decision: PlanDecision): KnowledgeSummary['time'] {
    if (decision.mode === 'nothing') return null;
    const runs = input.training.list().filter((run) => run.baseModelId === base.id);
    const count = input.liveFacts().length;
    const weights = weightsOf(base);
    const time = estimateTraining({
      facts: count,
      tokens: input.planner.tokens.of({ ...usualRequest, decision, factCount: count, baseModelId: base.id }),
      runs,
      device: runs.find((run) => run.device !== null)?.device ?? null,
      threads: trainer.threads,
      productPath: machine.productPath,
      weights,
    });
    return {
      lowSeconds: time.lowSeconds,
      highSeconds: time.highSeconds,
      basis: time.basis,
      runs: Math.min(recentRuns, runs.filter((run) => run.tokensPerSecond !== null).length),
    };
  }

  function sharing(base: BaseModel): KnowledgeSummary['sharing'] {
    try {
      const { rank } = input.training.recipeOf(usualRequest.recipe, base);
      const fit = { base, rank, threads: trainer.threads, machine, folder: paths.profile };
      return assertTrainingFits({ ...fit, tokens: 0, measuredBytes: null }).sharing;
    } catch {
      // It does not fit at all: the plan says so with numbers.
      return 'exclusive';
    }
  }

  const knowledge = createKnowledge({
    db,
    today: () => dayOf(clock.now()),
    listFacts: () => facts.listWithStates(),
    promptTokens: (all) =>
      bridgeNow(all, input.servingAdapter(), { ledger, models }).statements.reduce(
        (total, statement) => total + estimateTokens(`- ${statement}\n`),
        0,
      ),
    activeAdapter: input.servingAdapter,
    standingKey: () => `${input.chosenBaseId?.() ?? ''} ${input.planner.tokens.revision()}`,
    listAdapters: () => adapters.list(),
    numberOf: (id) => adapters.marks().get(id)?.number ?? 0,
    recipeOf: (runId) => input.training.find(runId)?.recipe ?? null,
    testedAt: (id) =>
      ledger.entries(id).reduce<number | null>((at, each) => Math.max(at ?? 0, each.testedAt), null),
    findBase,
    newestTraining: () => input.jobs.newest('train'),
    openRun: () => input.training.findOpen(),
    runStatus: input.runStatus ?? (() => null),
    changes: () => facts.history.list(),
    decide: (base) => input.planner.plan(usualRequest, base).decision,
    prepareDecision: () => input.planner.prepare(),
    estimate,
    sharing,
    countProposals: input.countProposals ?? (() => 0),
  });

  const report = createReportService({
    db,
    listFacts: () => facts.list(),
    findAdapter: (id) => (id === undefined ? (adapters.active() ?? adapters.newest()) : adapters.get(id)),
    versionOf: (id) => adapters.marks().get(id)?.number ?? null,
    findBaseId: () => findBase()?.id,
    loadBenchmarks: () => loadBenchmarks(paths.resources),
  });

  return {
    knowledge,
    report,
    versions,
    /** The version of one adapter; throws `not-found`. */
    version: (id: string): AdapterVersion => {
      const found = versions().find((each) => each.id === id);
      if (found === undefined) throw new AppError('not-found', `There is no adapter ${id}.`);
      return found;
    },
    /** One fact with what belongs to it; throws `not-found`. */
    factDetail: (id: string): FactDetail => {
      const family = facts.family(id);
      const active = input.servingAdapter();
      const entry =
        active === null
          ? undefined
          : ledger.entries(active.id).find((each) => each.factId === family.fact.id);
      return {
        ...family,
        tests:
          active === null || entry === undefined || entry.asked === 0
            ? null
            : {
                right: entry.right,
                asked: entry.asked,
                mixedUp: entry.mixedUp > 0,
                testedAt: entry.testedAt,
                version: adapters.marks().get(active.id)?.number ?? 0,
              },
        testsNeeded,
      };
    },
  };
}

/** The states of facts; which of them wait is estimated: the bridge of a question without words. */
export function createStatesOf(
  servingAdapter: () => Adapter | null,
  parts: Pick<KnowledgeServicesInput, 'ledger' | 'models'>,
): StatesOf {
  return function* (all) {
    const active = servingAdapter();
    yield;
    const { waiting } = bridgeNow(all, active, parts);
    yield;
    return parts.ledger.states(all, active, waiting);
  };
}

/** The facts that would ride in the prompt of a question without words, tokens counted by bytes. */
function bridgeNow(
  all: readonly Fact[],
  active: Adapter | null,
  { ledger, models }: Pick<KnowledgeServicesInput, 'ledger' | 'models'>,
): Bridge {
  const base = active === null ? undefined : models.find(active.baseModelId);
  return chooseBridged({
    facts: all,
    provedIds: ledger.provedIds(active),
    question: '',
    budgetTokens: bridgeBudget(base?.contextLength ?? Infinity),
    countTokens: estimateTokens,
  });
}
