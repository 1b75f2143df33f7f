/** LoRA adapters of PyTorch/PEFT: `adapter_model.safetensors` with `adapter_config.json` beside it. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Sink } from '../util/atomic-write.ts';
import {
  assertFinite,
  refuse,
  type BaseShape,
  type LinearName,
  type LoraPair,
  type UniformLora,
} from './lora.ts';
import { parsePeftConfig } from './peft-config.ts';
import { fromPeftTensor, headsToRearrange, toGgufRows, toPeftModule, toPeftRows } from './peft-names.ts';
import { readSafeTensors, writeSafeTensors, type SafeTensor } from './safetensors.ts';

/** The two files of an adapter in PEFT's format. */
export const peftFiles = { weights: 'adapter_model.safetensors', config: 'adapter_config.json' } as const;

const longestConfig = 1024 * 1024;

export type PeftAdapter = {
  /** Rows as PEFT has them; `toBaseRows` brings them into a base's order. */
  readonly pairs: readonly LoraPair[];
  readonly baseName: string | null;
  readonly texts: ReadonlyMap<string, string>;
};

/** Reads a folder. Throws `not-found`, `model-corrupt`, or `model-unsupported` with the reason. */
export function readPeftAdapter(folder: string): PeftAdapter {
  const configFile = join(folder, peftFiles.config);
  const config = parsePeftConfig(readSmallText(configFile), configFile);
  const weightsFile = join(folder, peftFiles.weights);
  assertThere(weightsFile);
  const { tensors, metadata } = readSafeTensors(weightsFile);
  const halves = new Map<string, Half>();
  for (const tensor of tensors) {
    const place = fromPeftTensor(tensor.name);
    if (place === undefined) throw refuse(whyNot(tensor.name));
    const key = `${place.layer} ${place.module}`;
    const known = halves.get(key) ?? { layer: place.layer, module: place.module, path: place.path };
    if (known[place.half] !== undefined) throw refuse(`It names ${place.path} twice.`);
    halves.set(key, { ...known, [place.half]: tensor });
  }
  if (halves.size === 0) throw refuse('It holds no LoRA matrices.');
  const pairs = [...halves.values()].map((half) => toPair(half, config.rankOf, config.scaleOf));
  return { pairs, baseName: config.baseName, texts: new Map(Object.entries(metadata)) };
}

/** The same pairs with the rows of B as the base's GGUF has them. */
export function toBaseRows(pairs: readonly LoraPair[], base: BaseShape): LoraPair[] {
  return pairs.map((pair) => rearranged(pair, base, toGgufRows));
}

/** Writes `adapter_model.safetensors` of an adapter that lies as its base's GGUF. */
export function writePeftWeights(
  sink: Sink,
  adapter: UniformLora,
  base: BaseShape,
  texts: Readonly<Record<string, string>>,
): void {
  const tensors = adapter.pairs.flatMap((pair) => {
    const path = `base_model.model.${toPeftModule(pair.layer, pair.module)}`;
    const { read } = rearranged(pair, base, toPeftRows);
    const checked = (values: Float32Array): Float32Array => {
      assertFinite(values, path);
      return values;
    };
    return [
      { name: `${path}.lora_A.weight`, shape: [pair.rank, pair.nIn], values: () => checked(read().a) },
      { name: `${path}.lora_B.weight`, shape: [pair.nOut, pair.rank], values: () => checked(read().b) },
    ];
  });
  // Readers ask whose tensors these are.
  writeSafeTensors(sink, tensors, { format: 'pt', ...texts });
}

type Half = {
  readonly layer: number;
  readonly module: LinearName;
  readonly path: string;
  readonly A?: SafeTensor;
  readonly B?: SafeTensor;
};

function toPair(
  { layer, module, path, A, B }: Half,
  rankOf: (path: string) => number,
  scaleOf: (path: string) => number,
): LoraPair {
  if (A === undefined || B === undefined) throw refuse(`${path} has only one of its two matrices.`);
  const [rank = 0, nIn = 0, ...moreA] = A.shape;
  const [nOut = 0, rankB = 0, ...moreB] = B.shape;
  if (rank < 1 || nIn < 1 || nOut < 1 || rank !== rankB || moreA.length + moreB.length > 0) {
    throw refuse(`The two matrices of ${path} do not fit each other.`);
  }
  if (rank !== rankOf(path)) {
    throw refuse(`The matrices of ${path} have rank ${rank}, the configuration says ${rankOf(path)}.`);
  }
  return { layer, module, rank, nIn, nOut, scale: scaleOf(path), read: () => ({ a: A.read(), b: B.read() }) };
}

function rearranged(
  pair: LoraPair,
  base: BaseShape,
  move: (b: Float32Array, rank: number, heads: number) => Float32Array,
): LoraPair {
  const heads = headsToRearrange(base, pair.module);
  if (heads === null) return pair;
  if (heads < 1 || pair.nOut % (2 * heads) !== 0)
    throw refuse(`The base's heads do not divide ${pair.nOut} rows.`);
  return {
    ...pair,
    read: () => {
      const { a, b } = pair.read();
      return { a, b: move(b, pair.rank, heads) };
    },
  };
}

function whyNot(name: string): string {
  const shown = JSON.stringify(name.slice(0, 100));
  if (name.includes('lora_magnitude_vector')) return 'It is a DoRA, which rescales the weights as well.';
  if (/embed_tokens|lora_embedding|lm_head/u.test(name))
    return `It changes embeddings or the head (${shown}).`;
  if (name.endsWith('.bias')) return `It changes biases (${shown}).`;
  return `It changes ${shown}, which Keepsake does not train.`;
}

function readSmallText(file: string): string {
  assertThere(file);
  if (statSync(file).size > longestConfig) {
    throw new AppError('model-corrupt', `${file} cannot be read: it is longer than 1 MB.`);
  }
  return readFileSync(file, 'utf8');
}

function assertThere(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return;
  throw new AppError('not-found', `There is no file ${file}.`, {
    hint: `An adapter of PEFT is a folder with ${peftFiles.weights} and ${peftFiles.config}.`,
  });
}
