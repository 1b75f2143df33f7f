/** A LoRA adapter apart from any file format, laid out as the GGUF base is (rows of q and k included). */
import { AppError } from '../../contract/errors.ts';
import { targetModules } from '../training/recipe.ts';

export type LinearName = (typeof targetModules)[number];

/** One linear layer's pair: A is [rank, nIn], B is [nOut, rank], both row by row. It adds scale * B (A x). */
export type LoraPair = {
  readonly layer: number;
  readonly module: LinearName;
  readonly rank: number;
  readonly nIn: number;
  readonly nOut: number;
  readonly scale: number;
  /** Reads the values from the file, at each call. */
  readonly read: () => LoraValues;
};

export type LoraValues = { readonly a: Float32Array; readonly b: Float32Array };

/** Pairs of one rank, one scale and every layer: what the trainer, merge and libllama all take. */
export type UniformLora = {
  readonly rank: number;
  readonly alpha: number;
  readonly pairs: readonly LoraPair[];
};

/** The part of a base that an adapter must fit. */
export type BaseShape = {
  readonly architecture: string;
  readonly layers: number;
  readonly heads: number;
  readonly headsKv: number;
  /** Width in and out of a linear layer. */
  readonly sizeOf: (layer: number, module: LinearName) => readonly [nIn: number, nOut: number] | undefined;
};

const highestRank = 1024;

/** True for the name of a linear layer that can carry a pair. */
export function isLinearName(name: string): name is LinearName {
  return (targetModules as readonly string[]).includes(name);
}

/** Why a pair does not fit a base, or undefined where all fit. */
export function findMisfit(pairs: readonly LoraPair[], base: BaseShape): string | undefined {
  for (const pair of pairs) {
    const name = `blk.${pair.layer}.${pair.module}`;
    if (pair.layer >= base.layers) {
      return `the adapter has a layer ${pair.layer}, the base has ${base.layers} layers`;
    }
    const size = base.sizeOf(pair.layer, pair.module);
    if (size === undefined) return `the base has no ${name}`;
    if (size[0] !== pair.nIn || size[1] !== pair.nOut) {
      return `${name} takes ${pair.nIn} values and gives ${pair.nOut} in the adapter, ${size[0]} and ${size[1]} in the base`;
    }
  }
  return undefined;
}

/**
 * The same adapter with one rank and one scale over all layers.
 *
 * Smaller ranks are filled up with zeros, missing layers of a module are pairs of zeros, and what a scale differs by
 * goes into B: exact but for one rounding of each such B.
 */
export function toUniform(pairs: readonly LoraPair[], base: BaseShape): UniformLora {
  const [first] = pairs;
  if (first === undefined) throw refuse('It holds no LoRA matrices.');
  let rank = 0;
  for (const pair of pairs) rank = Math.max(rank, pair.rank);
  if (rank > highestRank) throw refuse(`Its rank is ${rank}; at most ${highestRank} can be used.`);
  const byPlace = new Map(pairs.map((pair) => [placeOf(pair.layer, pair.module), pair]));
  const modules = targetModules.filter((module) => pairs.some((pair) => pair.module === module));
  const uniform: LoraPair[] = [];
  for (let layer = 0; layer < base.layers; layer += 1) {
    for (const module of modules) {
      const pair = byPlace.get(placeOf(layer, module));
      const size = base.sizeOf(layer, module);
      if (size === undefined) throw refuse(`The base has no blk.${layer}.${module}.`);
      uniform.push(
        pair === undefined
          ? zeroPair(layer, module, rank, first.scale, size)
          : { ...pair, rank, scale: first.scale, read: () => widen(pair, rank, pair.scale / first.scale) },
      );
    }
  }
  return { rank, alpha: Math.fround(first.scale * rank), pairs: uniform };
}

/** Throws `model-corrupt` where a value is not a finite number. */
export function assertFinite(values: Float32Array, name: string): void {
  for (const value of values) {
    if (Number.isFinite(value)) continue;
    throw new AppError('model-corrupt', `The adapter holds values that are not numbers (${name}).`, {
      hint: 'Get the adapter again from where it was made.',
    });
  }
}

function placeOf(layer: number, module: LinearName): string {
  return `${layer} ${module}`;
}

function zeroPair(
  layer: number,
  module: LinearName,
  rank: number,
  scale: number,
  [nIn, nOut]: readonly [number, number],
): LoraPair {
  const read = (): LoraValues => ({ a: new Float32Array(rank * nIn), b: new Float32Array(nOut * rank) });
  return { layer, module, rank, nIn, nOut, scale, read };
}

function widen(pair: LoraPair, rank: number, factor: number): LoraValues {
  const { a, b } = pair.read();
  if (pair.rank === rank && factor === 1) return { a, b };
  const wideA = new Float32Array(rank * pair.nIn);
  wideA.set(a);
  const wideB = new Float32Array(pair.nOut * rank);
  for (let row = 0; row < pair.nOut; row += 1) {
    for (let column = 0; column < pair.rank; column += 1) {
      wideB[row * rank + column] = (b[row * pair.rank + column] ?? 0) * factor;
    }
  }
  return { a: wideA, b: wideB };
}

/** The refusal of an adapter that is whole but cannot be used here. */
export function refuse(why: string, hint?: string): AppError {
  return new AppError('model-unsupported', `This adapter cannot be used. ${why}`, {
    hint: hint ?? 'Supported are LoRA adapters of the linear layers of llama, qwen2 and qwen3 models.',
  });
}
