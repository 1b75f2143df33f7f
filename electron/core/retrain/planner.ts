/** Gathers what the decision of plan.ts needs: live facts, adapters with their history, the ledger's weak facts. */
import { existsSync } from 'node:fs';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { RecipeName } from '../../contract/entities/training.ts';
import { mayServe } from '../adapters/adapter-lifecycle.ts';
import type { WarmScope } from '../datasets/warm-samples.ts';
import type { DatasetService } from '../datasets/dataset-service.ts';
import type { LedgerEntry } from '../ledger/fact-state.ts';
import type { TrainingService } from '../training/training-service.ts';
import { gradeOf } from './graduate.ts';
import { takeInSlices } from '../util/slices.ts';
import { fingerprintFacts, fingerprintSteps, type Fingerprints } from './fingerprints.ts';
import { decidePlan, type Ancestor, type PlanDecision } from './plan.ts';
import { createTokenCounts } from './rough-tokens.ts';

export type PlannerInput = {
  readonly datasets: DatasetService;
  readonly training: TrainingService;
  /** Newest first. */
  readonly listAdapters: () => readonly Adapter[];
  readonly activeAdapter: () => Adapter | null;
  readonly taughtOf: (adapterId: string) => Fingerprints;
  readonly ledgerOf: (adapterId: string) => readonly LedgerEntry[];
  readonly isRebuildNeeded: () => boolean;
};

export type PlanRequest = {
  readonly recipe: RecipeName;
  readonly seed: number;
  /** From the base, whatever has changed. */
  readonly rebuild: boolean;
};

/** The decision with what a run needs to carry it out. */
export type Planned = {
  readonly decision: PlanDecision;
  readonly fingerprints: Fingerprints;
  readonly parent: Adapter | null;
  /** Undefined for a dataset of every fact in full. */
  readonly warm: WarmScope | undefined;
};

export type Planner = ReturnType<typeof createPlanner>;

/** Creates the planner over one profile. */
export function createPlanner(input: PlannerInput) {
  const { datasets, training } = input;

  /** How many warm starts lie between an adapter and the base; repairs belong to the training that they repair. */
  function generationOf(adapter: Adapter, byId: ReadonlyMap<string, Adapter>): number {
    let generation = 0;
    const seen = new Set<string>();
    let current = adapter;
    while (current.parentAdapterId !== null && !seen.has(current.id)) {
      seen.add(current.id);
      if (training.find(current.runId)?.mode === 'warm') generation += 1;
      const next = byId.get(current.parentAdapterId);
      // Where the parent is gone, what lies before it is not known: count it.
      if (next === undefined) return generation + 1;
      current = next;
    }
    return generation;
  }

  function toAncestor(adapter: Adapter, byId: ReadonlyMap<string, Adapter>): Ancestor {
    const run = training.find(adapter.runId);
    let seenIds: ReadonlySet<string> | undefined;
    let taught: Fingerprints | undefined;
    return {
      adapterId: adapter.id,
      baseModelId: adapter.baseModelId,
      seed: run?.seed ?? Number.NaN,
      settings: run?.settings ?? null,
      hasFile: existsSync(adapter.file),
      mayServe: mayServe(adapter),
      isJudged: adapter.verdict !== null,
      mode: run?.mode ?? 'rebuild',
      generation: generationOf(adapter, byId),
      // Of most adapters neither is asked for.
      get taught() {
        taught ??= input.taughtOf(adapter.id);
        return taught;
      },
      get seenIds() {
        seenIds ??= new Set(adapter.factIds);
        return seenIds;
      },
    };
  }

  return {
    /** Takes in slices what takes long of a plan over very many facts; then planning is short. */
    prepare: async (): Promise<void> => {
      await takeInSlices(fingerprintSteps(datasets.liveFacts()));
    },
    /** So that a plan and the standing status say one time. */
    tokens: createTokenCounts(),
    /** Reads only. */
    plan: (request: PlanRequest, base: BaseModel): Planned => {
      const facts = datasets.liveFacts();
      const fingerprints = fingerprintFacts(facts);
      const adapters = input.listAdapters();
      const byId = new Map(adapters.map((adapter) => [adapter.id, adapter]));
      const active = input.activeAdapter();
      const ledger = active === null ? [] : input.ledgerOf(active.id);
      const decision = decidePlan({
        facts,
        fingerprints,
        baseModelId: base.id,
        seed: request.seed,
        settings: training.settingsOf(training.recipeOf(request.recipe, base)),
        adapters: adapters.map((adapter) => toAncestor(adapter, byId)),
        activeId: active?.id ?? null,
        weakIds: new Set(ledger.filter((each) => gradeOf(each) === 'weak').map((each) => each.factId)),
        isToldWrong: ledger.some(({ factId, toldWrong }) => toldWrong === true && fingerprints.has(factId)),
        rebuildNeeded: input.isRebuildNeeded(),
        forceRebuild: request.rebuild,
      });
      const idsOf = (isWeak: boolean): string[] =>
        decision.mode === 'warm'
          ? decision.taught.filter((each) => (each.why === 'weak') === isWeak).map((each) => each.factId)
          : [];
      return {
        decision,
        fingerprints,
        parent: decision.mode === 'warm' ? (byId.get(decision.parentAdapterId) ?? null) : null,
        warm:
          decision.mode === 'warm'
            ? { taught: idsOf(false), weak: idsOf(true), withdrawn: decision.withdrawn }
            : undefined,
      };
    },
  };
}
