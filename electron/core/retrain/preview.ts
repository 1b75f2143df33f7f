/** `train --plan`: what a training would do now, without writing or training anything. */
import type { Device } from '../../contract/entities/device.ts';
import type { BaseModel } from '../../contract/entities/model.ts';
import type { RebuildReason, TrainPlan } from '../../contract/entities/train-plan.ts';
import { AppError } from '../../contract/errors.ts';
import type { DatasetService } from '../datasets/dataset-service.ts';
import type { Machine, ModelRuntime } from '../dependencies.ts';
import { multipliedWeights } from '../models/model-fit.ts';
import { readModelFacts } from '../models/model-shape.ts';
import type { TrainingService } from '../training/training-service.ts';
import { createLessonCounter, noLessons } from './lesson-counter.ts';
import type { Planner } from './planner.ts';
import { estimateTraining } from './time-estimate.ts';
import { assertTrainingFits } from './training-fit.ts';
import type { TrainRequest } from './train-service.ts';

export type PreviewInput = {
  readonly datasets: DatasetService;
  readonly training: TrainingService;
  readonly planner: Planner;
  readonly runtime: ModelRuntime;
  readonly machine: Machine;
  /** What can train here; asked only where a device was named. */
  readonly devices: () => Promise<readonly Device[]>;
  /** Of the worker. */
  readonly threads: number;
  readonly folder: string;
  readonly resolveBase: (idOrFile: string | undefined) => Promise<BaseModel>;
  /** What the next training takes is known better than before. */
  readonly onCounted: () => void;
};

/** Creates the preview over one profile; it only reads. */
export function createPreview(input: PreviewInput) {
  const countPlanned = createLessonCounter(input);
  return async (
    request: TrainRequest & { readonly device?: string | undefined },
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<TrainPlan> => {
    const { datasets, training, planner, machine, threads } = input;
    const base = await input.resolveBase(request.base);
    const named = await findDevice(request.device, input.devices);
    const facts = datasets.assertFacts();
    await planner.prepare();
    const { decision, warm, parent } = planner.plan(request, base);
    const recipe = training.recipeOf(request.recipe, base);
    const runs = training.list().filter((run) => run.baseModelId === base.id);
    const measured = runs.find((run) => run.recipe === request.recipe && run.peakMemoryBytes !== null);
    // Before the base is loaded: one that does not fit would push the machine over the edge.
    const fitOf = (tokens: number): ReturnType<typeof assertTrainingFits> =>
      assertTrainingFits({
        base,
        rank: recipe.rank,
        threads,
        machine,
        folder: input.folder,
        tokens,
        measuredBytes: measured?.peakMemoryBytes ?? null,
      });
    fitOf(0);
    const mode = decision.mode === 'warm' ? 'warm' : 'rebuild';
    const { resumes, ...counts } =
      decision.mode === 'nothing'
        ? { ...noLessons, resumes: null }
        : await countPlanned({ request, base, recipe, warm, mode, parent, signal: options.signal });
    const fit = fitOf(counts.totalTokens);
    const { shape } = readModelFacts(base.file);
    const weights = shape === null ? base.sizeBytes * 1.5 : multipliedWeights(shape);
    // Left to itself the worker takes what it took last; on another device nothing was measured yet.
    const lastDevice = runs.find((run) => run.device !== null)?.device ?? null;
    const device = named === null || named.name === 'cpu' ? lastDevice : named.name;
    const time = estimateTraining({
      facts: facts.length,
      tokens: counts.totalTokens,
      runs,
      device,
      threads,
      productPath: machine.productPath,
      weights,
    });
    const counted = { ...request, decision, factCount: facts.length, baseModelId: base.id };
    if (decision.mode !== 'nothing' && planner.tokens.keep(counted, counts.totalTokens)) input.onCounted();
    const told = new Map(facts.map((fact) => [fact.id, fact]));
    const reasons = decision.mode === 'nothing' ? [] : decision.reasons;
    const taught = decision.mode === 'nothing' ? [] : decision.taught;
    return {
      mode: decision.mode,
      reasons: reasons.map((code) => ({ code, text: reasonTexts[code] })),
      base: { id: base.id, name: base.name },
      recipe: request.recipe,
      adapterId: decision.mode === 'nothing' ? decision.adapterId : (parent?.id ?? null),
      resumes,
      facts: taught.map((each) => {
        const fact = told.get(each.factId);
        return { ...each, statement: fact?.statement ?? '', current: fact?.current ?? true };
      }),
      replayed: decision.mode === 'warm' ? decision.replayed.length : 0,
      ...counts,
      time: { ...time, judgeSeconds: decision.mode === 'nothing' ? 0 : time.judgeSeconds },
      device: `${named === null ? (lastDevice ?? 'cpu') : `${named.name} (${named.description})`}, ${threads} threads, ${fit.frugal ? 'compressed weights (memory is short, slower)' : machine.productPath}`,
      memory: { neededBytes: fit.neededBytes, freeBytes: fit.freeBytes, basis: fit.basis },
      disk: { neededBytes: fit.diskBytes, freeBytes: fit.freeDiskBytes },
      sharing: fit.sharing,
    };
  };
}

/** The device that was asked for; null where the choice is left to the worker. */
async function findDevice(
  name: string | undefined,
  devices: PreviewInput['devices'],
): Promise<Device | null> {
  if (name === undefined || name === 'auto') return null;
  const all = await devices();
  const found = all.find((each) => each.name === name);
  if (found?.supported === true) return found;
  const usable = all.filter((each) => each.supported).map((each) => each.name);
  throw new AppError(
    found === undefined ? 'invalid-input' : 'device-failed',
    found === undefined
      ? `There is no device "${name}" on this machine.`
      : `The device "${name}" cannot train: ${found.reason ?? 'no reason is known'}.`,
    { hint: `What can train here: ${usable.join(', ')}.` },
  );
}

const reasonTexts: Readonly<Record<RebuildReason, string>> = {
  'asked-for': 'it was asked for',
  forgotten: 'something that was taught was taken away: a training from the base proves that it is gone',
  first: 'nothing was trained yet',
  'no-active-adapter': 'no version is in use that could be started from',
  'file-missing': 'the file of the version in use is missing',
  'other-base': 'the version in use belongs to another base model',
  'other-settings': 'the recipe or its numbers are others than those of the version in use',
  'other-seed': 'the seed is another one',
  'unknown-history': 'what the version in use was taught is not known',
  'long-chain': 'only what changed was taught many times in a row',
  'warm-start-failed': 'teaching only what changed did not pass the test',
  withdrawn: 'something that the version in use knows is no longer told',
  'many-changes': 'much has changed',
};
