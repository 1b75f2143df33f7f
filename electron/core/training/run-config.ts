/** The run configuration that the worker reads, and the two files of token ids beside it. */
import type { Sample } from '../../contract/entities/training.ts';
import { renderSample, type TokenisedSample } from '../datasets/render-sample.ts';
import type { LoadedModel } from '../dependencies.ts';
import { targetModules, type Recipe } from './recipe.ts';
import { protocolVersion } from './trainer-protocol.ts';

export type RunConfigInput = {
  readonly runId: string;
  readonly baseFile: string;
  readonly baseSha256: string;
  readonly backendsDir: string;
  /** Plug-in files of devices, the device's name or `auto`, and the file of the devices' checks. */
  readonly backends: readonly string[];
  readonly device: string;
  readonly deviceChecksFile: string;
  readonly threads: number;
  readonly folder: string;
  readonly output: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly epochs: number;
  readonly datasetSha256: string;
  readonly parentAdapterId: string | null;
  /** The adapter file to start from; null starts from the base alone. */
  readonly initAdapter: string | null;
  /** `ggml`: on the compressed weights, slower and with less memory; the run stays the same. */
  readonly gemm: 'auto' | 'ggml';
  /** Of all passes; the probes are asked by it. */
  readonly steps: number;
};

/** snake_case, as native-worker/PROTOCOL.md says. Paths are absolute. */
export function toRunConfig(input: RunConfigInput): Record<string, unknown> {
  const { recipe } = input;
  return {
    protocol: protocolVersion,
    run_id: input.runId,
    base: input.baseFile,
    base_sha256: input.baseSha256,
    backends_dir: input.backendsDir,
    backends: input.backends,
    device: input.device,
    self_test_cache: input.deviceChecksFile,
    threads: input.threads,
    gemm: input.gemm,
    dataset: `${input.folder}/dataset.jsonl`,
    probes: `${input.folder}/probes.jsonl`,
    probe_every: probeInterval(input.steps),
    output: input.output,
    checkpoint: `${input.folder}/checkpoint`,
    checkpoint_every_s: 120,
    resume: true,
    rank: recipe.rank,
    alpha: recipe.alpha,
    target_modules: targetModules,
    seed: input.seed,
    learning_rate: recipe.learningRate,
    final_lr_fraction: recipe.finalLearningRateFraction,
    schedule: 'linear',
    warmup_steps: recipe.warmupSteps,
    weight_decay: recipe.weightDecay,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    max_grad_norm: recipe.maxGradientNorm,
    batch_size: recipe.batchSize,
    average_last: recipe.averageLast,
    epochs: input.epochs,
    max_steps: 0,
    init_adapter: input.initAdapter ?? '',
    metadata: {
      'keepsake.run_id': input.runId,
      'keepsake.base_hash': input.baseSha256,
      'keepsake.dataset_hash': input.datasetSha256,
      'keepsake.recipe': recipe.name,
      'keepsake.objective': recipe.objective,
      'keepsake.parent_adapter': input.parentAdapterId ?? '',
    },
  };
}

/** Steps between two looks at the probes: at least five looks in a run, at most about forty. */
export function probeInterval(steps: number): number {
  const usual = Math.max(50, Math.ceil(steps / 40));
  return Math.max(1, Math.min(usual, Math.floor(steps / 5)));
}

/** Most probes that are asked in the middle of a run. */
const mostProbes = 512;

/** All probes, or so many of them, evenly chosen, that a look at them takes no longer than the steps between. */
export function chooseProbes(probes: readonly Sample[]): readonly Sample[] {
  if (probes.length <= mostProbes) return probes;
  return Array.from({ length: mostProbes }, (_unused, index) => {
    return probes[Math.floor((index * probes.length) / mostProbes)];
  }).filter((each) => each !== undefined);
}

/** Steps as the worker counts them: each pass ends with a step of what is left. */
export function countSteps(samples: readonly Sample[], epochs: number, batchSize: number): number {
  let steps = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const count = samples.filter((each) => each.epochs?.includes(epoch) ?? true).length;
    steps += Math.ceil(count / batchSize);
  }
  return steps;
}

/** Samples as the worker reads them. */
export function renderSamples(
  samples: readonly Sample[],
  model: LoadedModel,
  recipe: Recipe,
): TokenisedSample[] {
  return samples.map((each) => renderSample(each, model, recipe));
}

/** How many passes over the data the samples are meant for. */
export function countEpochs(samples: readonly Sample[]): number {
  let last = 0;
  // Not Math.max(...all): a few thousand facts are more arguments than a call takes.
  for (const { epochs = [] } of samples) last = Math.max(last, ...epochs);
  return last + 1;
}
