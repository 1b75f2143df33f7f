/** Builds datasets from the live facts and keeps them, one row for each distinct content. */
import type { Database } from 'better-sqlite3';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Dataset, RecipeName, Sample } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import type { Kinds } from '../facts/kinds.ts';
import { limitPlan, planDataset, type SampleLimits } from './dataset-plan.ts';
import { takeAll, takeInSlices, type Steps } from '../util/slices.ts';
import type { Templates } from '../variations/templates.ts';
import { buildDatasetSteps } from './build-dataset.ts';
import { canonicalText, fromCanonicalLines, hashSamples } from './canonical.ts';
import { createDatasetStore } from './dataset-store.ts';
import { chooseGeneralPrompts } from './general-samples.ts';
import type { PassPrompt, Pools } from './pools.ts';
import { withoutVetoed } from './without-vetoed.ts';
import { withoutValuesOf } from './untaught.ts';
import { warmPlanFor, withdrawnQuestions, type WarmScope } from './warm-samples.ts';

export type DatasetServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Current, ended and derived facts; forgotten ones are not among them. */
  readonly liveFacts: () => readonly Fact[];
  /** Facts that are never trained. Defaults to none. */
  readonly untaughtFacts?: () => readonly Fact[];
  /** Keys of lessons that their owner does not want. Defaults to none. */
  readonly vetoes?: () => ReadonlySet<string>;
  readonly kinds: Kinds;
  readonly loadTemplates: () => Templates;
  readonly loadPools: () => Pools;
  readonly systemText: string;
  /** The base's answers by id of the general prompt, as far as they are there. */
  readonly findGeneralAnswers?: (
    baseModelId: string,
    prompts: readonly PassPrompt[],
  ) => ReadonlyMap<string, string>;
  /** Fewer samples than the recipe has, in a training from the base. Defaults to the recipe's own counts. */
  readonly limits?: SampleLimits | undefined;
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

const none: ReadonlySet<string> = new Set();
const usualAnswer = 'What the base says is as long as this sentence or longer. '.repeat(4);

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

  /** The pools as a dataset draws from them, and how many samples it takes. */
  function plan({ recipe, warm }: Pick<DatasetRequest, 'recipe' | 'warm'>) {
    const untaught = input.untaughtFacts?.() ?? [];
    const count = input.liveFacts().length;
    return {
      ...withoutValuesOf(untaught, { kinds: input.kinds, pools: input.loadPools() }),
      untaught,
      plan:
        warm === undefined
          ? limitPlan(planDataset(count, recipe), input.limits ?? {})
          : warmPlanFor(recipe, count, warm.weak.length),
    };
  }

  /** Builds from what the user has told now. Throws `no-facts` when that is nothing. */
  function* compute(
    { warm, ...request }: DatasetRequest,
    answersOf: typeof allGeneralAnswers = allGeneralAnswers,
    /** For a look at the lessons: those that are not wanted too, and of some of the facts. */
    look: { readonly facts: readonly Fact[]; readonly others: readonly Fact[] } | null = null,
  ): Steps<Omit<DatasetContent, 'dataset'> & { dataset: Omit<Dataset, 'id'> }> {
    const facts = look?.facts ?? assertFacts();
    const planned = plan({ recipe: request.recipe, warm });
    const prompts = chooseGeneralPrompts(planned.pools, planned.plan, request.seed);
    const all = yield* buildDatasetSteps({
      facts,
      templates: input.loadTemplates(),
      ...planned,
      untaught: [...planned.untaught, ...(look?.others ?? [])],
      systemText: input.systemText,
      seed: request.seed,
      warm,
      withdrawn: (warm?.withdrawn ?? []).flatMap((factId) => {
        const earlier = store.findSamplesWith(factId);
        return earlier === undefined ? [] : withdrawnQuestions(fromCanonicalLines(earlier), factId);
      }),
      generalAnswers: answersOf(request, prompts),
    });
    const vetoes = look === null ? (input.vetoes?.() ?? none) : none;
    const built = yield* withoutVetoed(all, vetoes, planned.plan.epochs);
    return {
      samples: built.samples,
      probes: built.probes,
      dataset: {
        sha256: look === null ? yield* hashSamples(built.samples) : '',
        ...request,
        counts: built.counts,
        factIds: facts.map((fact) => fact.id),
        createdAt: input.clock.now(),
      },
    };
  }

  function* keep(request: DatasetRequest): Steps<DatasetContent> {
    const { dataset, samples, probes } = yield* compute(request);
    const same = store.findSame(dataset);
    if (same !== undefined) return { dataset: same, samples, probes };
    const kept: Dataset = { id: input.newId(), ...dataset };
    store.insert(kept, yield* canonicalText(samples));
    return { dataset: kept, samples, probes };
  }

  /** Throws `not-found` where the base has not answered all of them. */
  function allGeneralAnswers(
    request: DatasetRequest,
    prompts: readonly PassPrompt[],
  ): ReadonlyMap<string, string> {
    if (prompts.length === 0) return new Map();
    const answers = input.findGeneralAnswers?.(request.baseModelId, prompts) ?? new Map<string, string>();
    if (answers.size < prompts.length) {
      throw new AppError(
        'not-found',
        `The base model has answered ${answers.size} of ${prompts.length} general prompts.`,
        { hint: 'Run the same command again: it goes on from there.' },
      );
    }
    return answers;
  }

  /** For estimates: what the base will say to the rest is about as long as this. */
  function knownOrUsualAnswers(
    request: DatasetRequest,
    prompts: readonly PassPrompt[],
  ): ReadonlyMap<string, string> {
    const known =
      prompts.length === 0
        ? new Map<string, string>()
        : (input.findGeneralAnswers?.(request.baseModelId, prompts) ?? new Map<string, string>());
    return new Map(prompts.map(({ id }) => [id, known.get(id) ?? usualAnswer]));
  }

  return {
    /** What a dataset is made of now. */
    liveFacts: input.liveFacts,
    assertFacts,
    /** The general prompts that a recipe wants the base's answers to. */
    generalPrompts: ({ recipe, seed }: Pick<DatasetRequest, 'recipe' | 'seed'>): readonly PassPrompt[] => {
      const planned = plan({ recipe, warm: undefined });
      return chooseGeneralPrompts(planned.pools, planned.plan, seed);
    },
    /** Builds and keeps nothing; works where nothing may be written, and before the base has answered anything. */
    preview: async (request: DatasetRequest): Promise<DatasetContent> => {
      const { dataset, samples, probes } = await takeInSlices(compute(request, knownOrUsualAnswers));
      return { dataset: store.findSame(dataset) ?? { id: '', ...dataset }, samples, probes };
    },
    /** Differs where a preview differs for another reason than the facts. */
    contentKey: (request: DatasetRequest): string => {
      const planned = plan(request);
      const prompts = chooseGeneralPrompts(planned.pools, planned.plan, request.seed);
      const answered =
        prompts.length === 0 ? 0 : input.findGeneralAnswers?.(request.baseModelId, prompts).size;
      return JSON.stringify([request, answered, [...(input.vetoes?.() ?? none)]]);
    },
    /** A dataset as it is kept, where it is. */
    identify: (dataset: Dataset): Dataset => store.findSame(dataset) ?? { ...dataset, id: '' },
    /** Every lesson about some of the facts, in steps, those that are not wanted too; the other facts count as told. */
    look: (
      request: DatasetRequest,
      facts: readonly Fact[],
      others: readonly Fact[],
    ): Steps<Pick<DatasetContent, 'samples' | 'probes'>> =>
      compute(request, knownOrUsualAnswers, { facts, others }),
    /** What was built before, newest first. */
    list: (): Dataset[] => store.list(),
    /** Builds and keeps; the same content for the same base and recipe is kept once. */
    build: (request: DatasetRequest): DatasetContent => takeAll(keep(request)),
    /** The same in slices. */
    buildInSlices: (request: DatasetRequest, signal?: AbortSignal): Promise<DatasetContent> =>
      takeInSlices(keep(request), { signal }),
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
