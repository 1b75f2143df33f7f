/** `adapter_config.json`: what is understood of it, and what is refused by its name. */
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { refuse, type LinearName } from './lora.ts';
import { toTargetModule } from './peft-names.ts';

const patternSchema = z.record(z.string(), z.number()).nullish();

const configSchema = z.looseObject({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  r: z.number().int().min(1),
  lora_alpha: z.number(),
  bias: z.string().nullish(),
  rank_pattern: patternSchema,
  alpha_pattern: patternSchema,
  use_rslora: z.boolean().nullish(),
  base_model_name_or_path: z.string().nullish(),
});

/** What the tensors need from the configuration. */
export type PeftConfig = {
  readonly rankOf: (path: string) => number;
  readonly scaleOf: (path: string) => number;
  /** A hint only: names are not checked by anybody. */
  readonly baseName: string | null;
};

/** Methods that change the base's own weights when they begin: without those the matrices mean something else. */
const changingStarts = ['pissa', 'olora', 'corda', 'loftq'];

/** Keys that mean something that a plain LoRA cannot do, when they say more than "no". */
const refusedKeys: readonly (readonly [key: string, why: string])[] = [
  ['use_dora', 'It is a DoRA, which rescales the weights as well.'],
  ['use_qalora', 'It is a QA-LoRA, which groups its inputs.'],
  ['use_bdlora', 'It is a block-diagonal LoRA.'],
  ['modules_to_save', 'It replaces whole layers (modules_to_save).'],
  ['fan_in_fan_out', 'Its weights are transposed (fan_in_fan_out).'],
  ['lora_bias', 'It changes biases (lora_bias).'],
  ['layer_replication', 'It repeats layers of the base (layer_replication).'],
  ['trainable_token_indices', 'It changes embeddings (trainable_token_indices).'],
  ['target_parameters', 'It changes parameters that are no linear layers (target_parameters).'],
  ['alora_invocation_tokens', 'It is an activated LoRA, which works from a certain token on.'],
  ['arrow_config', 'It is a mixture of adapters (arrow_config).'],
];

/** Reads a configuration. Throws `model-corrupt`, or `model-unsupported` with the reason. */
export function parsePeftConfig(text: string, file: string): PeftConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(file, 'it is no JSON', cause);
  }
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw corrupt(
      file,
      `"${issue?.path.join('.') ?? ''}" is not valid: ${issue?.message ?? ''}`,
      parsed.error,
    );
  }
  const config = parsed.data;
  const { peft_type: type, task_type: task, bias } = config;
  if (type.toUpperCase() !== 'LORA') throw refuse(`It is of the PEFT type "${type}", not a LoRA.`);
  for (const [key, why] of refusedKeys) if (says(config[key])) throw refuse(why);
  if (task !== null && task !== undefined && task !== 'CAUSAL_LM') {
    throw refuse(`It was trained for the task ${task}, not for CAUSAL_LM.`);
  }
  if (bias !== null && bias !== undefined && bias !== 'none')
    throw refuse(`It changes biases (bias: ${bias}).`);
  const start = config.init_lora_weights;
  if (typeof start === 'string' && changingStarts.some((name) => start.toLowerCase().startsWith(name))) {
    throw refuse(`It was begun with ${start}, which changes the base's own weights.`);
  }
  const ranks = toPattern(config.rank_pattern, 'rank_pattern');
  const alphas = toPattern(config.alpha_pattern, 'alpha_pattern');
  const rankOf = (path: string): number => ranks(path) ?? config.r;
  return {
    rankOf,
    scaleOf: (path) => {
      const alpha = alphas(path) ?? config.lora_alpha;
      if (!Number.isFinite(alpha) || alpha <= 0) throw refuse(`Its alpha is ${alpha}.`);
      const rank = rankOf(path);
      return alpha / (config.use_rslora === true ? Math.sqrt(rank) : rank);
    },
    baseName: config.base_model_name_or_path ?? null,
  };
}

/** The configuration of an export, with every key that older PEFT versions ask for. */
export function toPeftConfig(input: {
  readonly rank: number;
  readonly alpha: number;
  readonly modules: readonly LinearName[];
  readonly baseName: string;
}): Record<string, unknown> {
  return {
    alpha_pattern: {},
    auto_mapping: null,
    base_model_name_or_path: input.baseName,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: input.alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: 'LORA',
    r: input.rank,
    rank_pattern: {},
    revision: null,
    target_modules: input.modules.map(toTargetModule),
    task_type: 'CAUSAL_LM',
    use_dora: false,
    use_rslora: false,
  };
}

/**
 * PEFT matches a key of a pattern as a regular expression against the end of a layer's path. Only keys that are plain
 * text (with `^` and escaped dots) are understood: a stranger's expression is not run.
 */
function toPattern(
  pattern: Readonly<Record<string, number>> | null | undefined,
  name: string,
): (path: string) => number | undefined {
  const entries = Object.entries(pattern ?? {}).map(([key, value]) => {
    const plain = key.replace(/\\\./gu, '.').replace(/\$$/u, '');
    const anchored = plain.startsWith('^');
    const text = anchored ? plain.slice(1) : plain;
    if (!/^[\w.]+$/u.test(text)) {
      throw refuse(
        `Its ${name} has the expression ${JSON.stringify(key.slice(0, 80))}; only plain names are read.`,
      );
    }
    return { anchored, text, value };
  });
  return (path) =>
    entries.find(({ anchored, text }) => path === text || (!anchored && path.endsWith(`.${text}`)))?.value;
}

function says(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function corrupt(file: string, what: string, cause?: unknown): AppError {
  return new AppError('model-corrupt', `${file} cannot be read: ${what}.`, {
    hint: 'Get the adapter again from where it was made.',
    ...(cause === undefined ? {} : { cause }),
  });
}
