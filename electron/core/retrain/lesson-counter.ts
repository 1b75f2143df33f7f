/**
 * How many lessons and tokens a planned training has: whether it fits and how long it takes hang on it.
 *
 * Few facts: every lesson is made, and tokens are counted in all of them, or of very many in an even part of each kind.
 * From many facts on only lessons of an even part of them are made, and the rest taken to be like them. What was counted
 * is kept while nothing changes.
 */
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { Sample, TrainMode } from '../../contract/entities/training.ts';
import type { TrainPlan } from '../../contract/entities/train-plan.ts';
import type { DatasetContent, DatasetRequest, DatasetService } from '../datasets/dataset-service.ts';
import { renderSample } from '../datasets/render-sample.ts';
import type { LoadedModel, ModelRuntime } from '../dependencies.ts';
import type { Recipe } from '../training/recipe.ts';
import type { TrainingService } from '../training/training-service.ts';
import { createRandom } from '../util/random.ts';
import { takeInSlices, type Steps } from '../util/slices.ts';
import { chooseFactPart } from './fact-part.ts';
import type { Planned } from './planner.ts';

/** Facts whose lessons are all made for a plan. */
export const mostFactsCounted = 500;
/** Lessons whose tokens are all counted, and of more, those of each kind whose tokens are. */
const mostRenderedWhole = 5_000;
const mostRendered = 800;

export type LessonCounts = Pick<
  TrainPlan,
  'samples' | 'tokens' | 'totalTokens' | 'epochs' | 'steps' | 'lessonBasis'
>;

/** Of a plan that teaches nothing. */
export const noLessons: LessonCounts = {
  ...{ samples: {}, tokens: {}, totalTokens: 0, epochs: 0, steps: 0, lessonBasis: 'counted' },
};

export type LessonCounterInput = {
  readonly datasets: Pick<DatasetService, 'liveFacts' | 'preview' | 'look' | 'contentKey' | 'identify'>;
  readonly training: Pick<TrainingService, 'findResumable' | 'hasStoppedLike'>;
  readonly runtime: Pick<ModelRuntime, 'load'>;
};

export type CountRequest = {
  readonly request: Pick<DatasetRequest, 'recipe' | 'seed'>;
  readonly base: BaseModel;
  readonly recipe: Recipe;
  readonly warm: Planned['warm'];
  readonly mode: TrainMode;
  readonly parent: Adapter | null;
  readonly signal?: AbortSignal | undefined;
};

type Counted = LessonCounts & {
  /** Null where not every lesson was made. */
  readonly dataset: DatasetContent['dataset'] | null;
};

/** What was counted last, of which list of facts. */
type Kept = { readonly facts: unknown; readonly key: string; readonly counted: Promise<Counted> };

/** Creates the counter; it only reads. */
export function createLessonCounter({ datasets, training, runtime }: LessonCounterInput) {
  let kept: Kept | null = null;

  async function count(
    wanted: DatasetRequest,
    isWhole: boolean,
    model: LoadedModel,
    recipe: Recipe,
  ): Promise<Counted> {
    if (isWhole) {
      const { dataset, samples } = await datasets.preview(wanted);
      return { ...(await takeInSlices(countLessons(samples, model, recipe))), dataset };
    }
    const part = chooseFactPart(datasets.liveFacts(), wanted.warm);
    const { samples } = await takeInSlices(datasets.look(wanted, part.facts, part.others));
    const counts = await takeInSlices(countLessons(samples, model, recipe, part.shareOf));
    return { ...counts, lessonBasis: 'estimate', dataset: null };
  }

  return async (asked: CountRequest): Promise<LessonCounts & Pick<TrainPlan, 'resumes'>> => {
    const { request, base, recipe, warm, mode, parent, signal } = asked;
    const wanted: DatasetRequest = { ...request, baseModelId: base.id, warm };
    const facts = datasets.liveFacts();
    const hasStopped = training.hasStoppedLike(wanted, base, { mode, parent });
    // Which run is gone on with shows in the lessons themselves.
    const isWhole = facts.length <= mostFactsCounted || hasStopped;
    const key = JSON.stringify([isWhole, base.fileIdentity, recipe, datasets.contentKey(wanted)]);
    const findKept = (): Kept | null => (kept?.facts === facts && kept.key === key ? kept : null);
    let entry = findKept();
    if (entry === null) {
      const model = await runtime.load(base.file, signal === undefined ? {} : { signal });
      // Another may have begun to count meanwhile.
      entry = findKept() ?? { facts, key, counted: count(wanted, isWhole, model, recipe) };
      kept = entry;
    }
    try {
      const { dataset, ...counts } = await entry.counted;
      const run =
        dataset === null
          ? undefined
          : training.findResumable({ dataset: datasets.identify(dataset) }, base, { mode, parent });
      return {
        ...counts,
        resumes: run === undefined ? null : { runId: run.id, step: run.step, steps: run.steps },
      };
    } catch (error) {
      if (kept === entry) kept = null;
      throw error;
    }
  };
}

/** Of how many lessons one stands for, itself included. */
type ShareOf = (sample: Sample) => number;

/** Lessons and tokens by kind over all passes, and the steps of a training, in steps. */
export function* countLessons(
  samples: readonly Sample[],
  model: Pick<LoadedModel, 'encodePrompt' | 'encodeText' | 'endOfTurn'>,
  { batchSize }: Pick<Recipe, 'batchSize'>,
  shareOf: ShareOf = () => 1,
): Steps<LessonCounts> {
  let epochs = 1;
  for (const [index, each] of samples.entries()) {
    for (const epoch of each.epochs ?? []) epochs = Math.max(epochs, epoch + 1);
    if (index % samplesInStep === 0) yield;
  }
  const perPass = new Array<number>(epochs).fill(0);
  const kinds = new Map<Sample['kind'], { samples: Sample[]; passes: number }>();
  for (const [index, each] of samples.entries()) {
    const share = shareOf(each);
    for (let epoch = 0; epoch < epochs; epoch += 1)
      if (each.epochs?.includes(epoch) ?? true) perPass[epoch] = (perPass[epoch] ?? 0) + share;
    const known = kinds.get(each.kind) ?? { samples: [], passes: 0 };
    known.samples.push(each);
    known.passes += share * (each.epochs?.length ?? epochs);
    kinds.set(each.kind, known);
    if (index % samplesInStep === 0) yield;
  }
  const tokens: Record<string, number> = {};
  let isEstimate = false;
  for (const [kind, { samples: all, passes }] of kinds) {
    const some = samples.length <= mostRenderedWhole ? all : evenPart(all, mostRendered);
    if (some.length < all.length) isEstimate = true;
    let [sum, seen] = [0, 0];
    for (const each of some) {
      const weight = shareOf(each) * (each.epochs?.length ?? epochs);
      sum += renderSample(each, model).tokens.length * weight;
      seen += weight;
      yield;
    }
    tokens[kind] = Math.round((sum * passes) / Math.max(1, seen));
  }
  return {
    samples: Object.fromEntries([...kinds].map(([kind, { passes }]) => [kind, Math.round(passes)])),
    tokens,
    totalTokens: Object.values(tokens).reduce((total, each) => total + each, 0),
    epochs,
    steps: perPass.reduce((steps, each) => steps + Math.ceil(each / batchSize), 0),
    lessonBasis: isEstimate ? 'estimate' : 'counted',
  };
}

const samplesInStep = 1_000;

/** One out of each of `most` equal stretches, always the same ones, and not always at the same place. */
function evenPart<Item>(items: readonly Item[], most: number): readonly Item[] {
  if (items.length <= most) return items;
  const random = createRandom(items.length);
  return Array.from({ length: most }, (_unused, index) => {
    return items[Math.floor(((index + random.next()) * items.length) / most)];
  }).filter((each) => each !== undefined);
}
