/** Builds datasets from the live facts and keeps them, one row for each distinct content. */
import type { Database } from 'better-sqlite3';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Dataset, RecipeName, Sample } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import type { Kinds } from '../facts/kinds.ts';
import { planDataset } from './dataset-plan.ts';
import type { Templates } from '../variations/templates.ts';
import { buildDataset } from './build-dataset.ts';
import { fromCanonicalLines, hashText256, toCanonicalLines } from './canonical.ts';
import { createDatasetStore } from './dataset-store.ts';
import type { Pools } from './pools.ts';
import { withoutValuesOf } from './untaught.ts';
import { warmPlan, type WarmScope } from './warm-samples.ts';

export type DatasetServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Current, ended and derived facts; forgotten ones are not among them. */
  readonly liveFacts: () => readonly Fact[];
  /** Facts that are never trained. Defaults to none. */
  readonly untaughtFacts?: () => readonly Fact[];
  readonly kinds: Kinds;
  readonly loadTemplates: () => Templates;
  readonly loadPools: () => Pools;
  readonly systemText: string;
};

export type DatasetRequest = {
  readonly recipe: RecipeName;
  readonly baseModelId: string;
  readonly seed: number;
  /** The small dataset of a warm start. */
  readonly warm?: WarmScope | undefined;
};
export type DatasetContent = {
  readonly dataset: Dataset;
  readonly samples: readonly Sample[];
  readonly probes: readonly Sample[];
};

export type DatasetService = ReturnType<typeof createDatasetService>;

/** Use cases of datasets. */
export function createDatasetService(input: DatasetServiceInput) {
  const store = createDatasetStore(input.db);

  /** The live facts. Throws `no-facts` where there are none. */
  function assertFacts(): readonly Fact[] {
    const facts = input.liveFacts();
    if (facts.length > 0) return facts;
    if ((input.untaughtFacts?.() ?? []).length > 0) {
      throw new AppError('no-facts', 'Every fact is marked as never to be trained.', {
        hint: 'They ride in the prompt. To let one be learnt: keepsake facts edit ID --never-train off',
      });
    }
    throw new AppError('no-facts', 'There are no facts to learn yet.', {
      hint: 'Tell some first: keepsake facts add --attribute birthday --value "3 March 1990"',
    });
  }

  /** Builds from what the user has told now. Throws `no-facts` when that is nothing. */
  function compute({
    warm,
    ...request
  }: DatasetRequest): Omit<DatasetContent, 'dataset'> & { dataset: Omit<Dataset, 'id'> } {
    const facts = assertFacts();
    const untaught = input.untaughtFacts?.() ?? [];
    const built = buildDataset({
      facts,
      untaught,
      templates: input.loadTemplates(),
      ...withoutValuesOf(untaught, { kinds: input.kinds, pools: input.loadPools() }),
      systemText: input.systemText,
      plan: warm === undefined ? planDataset(facts.length, request.recipe) : warmPlan,
      seed: request.seed,
      warm,
    });
    return {
      samples: built.samples,
      probes: built.probes,
      dataset: {
        sha256: hashText256(toCanonicalLines(built.samples)),
        ...request,
        counts: built.counts,
        factIds: facts.map((fact) => fact.id),
        createdAt: input.clock.now(),
      },
    };
  }

  return {
    /** What a dataset is made of now. */
    liveFacts: input.liveFacts,
    assertFacts,
    /** Builds and keeps nothing; works where nothing may be written. */
    preview: (request: DatasetRequest): DatasetContent => {
      const { dataset, samples, probes } = compute(request);
      return { dataset: store.findSame(dataset) ?? { id: '', ...dataset }, samples, probes };
    },
    /** Builds and keeps; the same content for the same base and recipe is kept once. */
    build: (request: DatasetRequest): DatasetContent => {
      const { dataset, samples, probes } = compute(request);
      const same = store.findSame(dataset);
      if (same !== undefined) return { dataset: same, samples, probes };
      const kept: Dataset = { id: input.newId(), ...dataset };
      store.insert(kept, toCanonicalLines(samples));
      return { dataset: kept, samples, probes };
    },
    /** A dataset and its samples; the newest when no id is given. Throws `not-found`. */
    show: (id?: string): { dataset: Dataset; samples: Sample[] } => {
      const found = id === undefined ? store.findNewest() : store.find(id);
      if (found === undefined) {
        throw new AppError(
          'not-found',
          id === undefined ? 'No dataset was built yet.' : `There is no dataset ${id}.`,
          {
            hint: 'Build one with: keepsake dataset build',
          },
        );
      }
      return { dataset: found, samples: fromCanonicalLines(store.getSamples(found.id)) };
    },
  };
}
