/**
 * Will a model fit? Memory for chat and for training, from the shape of a model alone: nothing is loaded.
 *
 * Symbols: d = embedding, f = feed-forward, L = layers, V = vocabulary, q|k|v = (heads + 2 kvHeads) * headLength.
 * Training follows the worker's own plan (native-worker/src/trainer.cpp); scripts/bench/model-fit.mjs compares both with
 * what is used.
 */
import type { ModelShape } from '../../contract/entities/model.ts';

/** How the frozen weights are multiplied in training: dequantised (`bf16`, `f32`), or as the file has them (`ggml`). */
export type ProductPath = 'bf16' | 'f32' | 'ggml';

/** Where a model works: beside the processor's memory, or in a graphics card's own. */
export type FitDevice = 'cpu' | 'gpu';

export type FitInput = {
  readonly shape: ModelShape;
  /** Size of the GGUF. */
  readonly fileBytes: number;
  /** Type of its weights ("Q4_K_M"): some are laid out anew for the processor. Absent: of none of those. */
  readonly quantisation?: string | undefined;
  readonly device?: FitDevice;
  readonly chat?: Partial<ChatLoad>;
  readonly train?: Partial<TrainLoad>;
};

export type ChatLoad = {
  /** Tokens that a context holds. */
  readonly contextTokens: number;
  /** Contexts open at once: the adapter's and the base's. */
  readonly contexts: number;
  /** Sequences side by side in each; more than one in an evaluation. */
  readonly sequences: number;
};

export type TrainLoad = {
  readonly rank: number;
  readonly threads: number;
  /** Longest sample. */
  readonly sampleTokens: number;
  readonly path: ProductPath;
};

/** Bytes by what they are for. */
export type MemoryEstimate = {
  readonly totalBytes: number;
  readonly weightsBytes: number;
  /** KV cache and buffers in chat; activations in training. */
  readonly workBytes: number;
  /** Parameters of the adapter, in training with their moments and gradients. */
  readonly adapterBytes: number;
  readonly programBytes: number;
};

export type ModelMemory = {
  readonly chat: MemoryEstimate;
  readonly train: MemoryEstimate;
  /** Training on the compressed weights: what the worker falls back to when memory is short. */
  readonly trainFrugal: MemoryEstimate;
};

const mebibyte = 1024 * 1024;
/** The worker's parts of a step, in tokens (trainer.cpp: 192, an eighth more where a part is rounded up). */
const partTokens = 216;
/** Rows of the LM head that are multiplied at once. */
const headRows = 64;
/** Tokens that llama.cpp reads at once. */
const batchTokens = 512;
/** The app's process with node-llama-cpp, and the worker: programs and libraries. */
const chatProgramBytes = 110 * mebibyte;
const trainProgramBytes = 96 * mebibyte;

/** Of a token of the vocabulary in the app's process: its text and its place, for tokenising and templates. */
const vocabularyEntryBytes = 1200;
/** Rank of the adapter in chat; in F32, as libllama keeps it. */
const servedRank = 16;
/** The attention scores, and their copy after the softmax. */
const scoreCopies = 2;
/** Bits a weight of the types that llama.cpp keeps a second time, laid out for the processor's vector units. */
const repackedBits: Readonly<Record<string, number>> = { Q2_K: 2.625, Q4_0: 4.5, Q4_K: 4.5, IQ4_NL: 4.5 };
/** Of a mixed file ("_M") so many linear weights have the type in its name. */
const mixedShare = 0.83;

/** What set-up, planning and the lists assume where nothing else is said. */
export const usualChat: ChatLoad = { contextTokens: 2048, contexts: 2, sequences: 1 };
export const usualTrain: TrainLoad = { rank: 16, threads: 2, sampleTokens: 128, path: 'bf16' };

/** Weights of all linear layers of one layer. */
function layerWeights(shape: ModelShape): number {
  const { embeddingLength: d, feedForwardLength: f } = shape;
  return d * queryKeyValue(shape) + d * shape.headCount * shape.headLength + 3 * d * f;
}

function queryKeyValue(shape: ModelShape): number {
  return (shape.headCount + 2 * shape.headCountKv) * shape.headLength;
}

/** Weights of the linear layers and the LM head: those that training multiplies. */
export function multipliedWeights(shape: ModelShape): number {
  return shape.layerCount * layerWeights(shape) + shape.vocabularySize * shape.embeddingLength;
}

/** All parameters of a model of this shape, biases and norms left out (less than 0.1 %). */
export function parameterCount(shape: ModelShape): number {
  const embedding = shape.isHeadTied ? 0 : shape.vocabularySize * shape.embeddingLength;
  return multipliedWeights(shape) + embedding;
}

/** Parameters of an adapter on all seven linears: r (n_in + n_out) each. */
export function adapterParameters(shape: ModelShape, rank: number): number {
  const { embeddingLength: d, feedForwardLength: f } = shape;
  const query = shape.headCount * shape.headLength;
  const key = shape.headCountKv * shape.headLength;
  const pairs = d + query + 2 * (d + key) + (query + d) + 3 * (d + f);
  return shape.layerCount * rank * pairs;
}

/** Memory for chat, training and frugal training of one model. */
export function estimateMemory(input: FitInput): ModelMemory {
  const chat = { ...usualChat, ...input.chat };
  const train = { ...usualTrain, ...input.train };
  return {
    chat: estimateChat(input, chat),
    train: estimateTraining(input, train),
    trainFrugal: estimateTraining(input, { ...train, path: 'ggml' }),
  };
}

function estimateChat(input: FitInput, load: ChatLoad): MemoryEstimate {
  const { shape, fileBytes } = input;
  const tokens = Math.min(load.contextTokens, shape.contextLength);
  const keysAndValues = 2 * shape.layerCount * shape.headCountKv * shape.headLength * 2;
  const cache = keysAndValues * tokens * load.sequences;
  const batch = Math.min(batchTokens, tokens);
  const scores = scoreCopies * shape.headCount * tokens * batch * 4;
  const widest = Math.max(shape.feedForwardLength * 3, queryKeyValue(shape), shape.embeddingLength * 4);
  const buffers = scores + batch * widest * 4 + shape.vocabularySize * 4 * load.sequences;
  return sum({
    weightsBytes: fileBytes + repackedBytes(input),
    workBytes: load.contexts * (cache + buffers),
    adapterBytes: 4 * adapterParameters(shape, servedRank),
    programBytes: chatProgramBytes + shape.vocabularySize * vocabularyEntryBytes,
  });
}

/** The second copy of the linear layers that llama.cpp makes of some types on a processor. */
function repackedBytes({ shape, quantisation, device }: FitInput): number {
  const [, type = '', mixed = ''] =
    /^(?:MOSTLY_)?(Q2_K|Q4_0|Q4_K|IQ4_NL)(_M|_L)?/u.exec(quantisation?.toUpperCase() ?? '') ?? [];
  const bits = device === 'gpu' ? 0 : (repackedBits[type] ?? 0);
  return (shape.layerCount * layerWeights(shape) * bits * (mixed === '' ? 1 : mixedShare)) / 8;
}

function estimateTraining({ shape, fileBytes, device }: FitInput, load: TrainLoad): MemoryEstimate {
  const { embeddingLength: d, feedForwardLength: f, vocabularySize } = shape;
  const qkv = queryKeyValue(shape);
  // Floats a token: what waits for the backward in each layer, and the largest that pass.
  const kept = 2 * d + qkv + shape.headCount * shape.headLength + 2 * f + 7 * load.rank;
  const passing = 6 * f + 2 * qkv + 4 * d;
  const tokens = Math.max(load.sampleTokens, partTokens);
  const pass = tokens * 4 * (shape.layerCount * kept + passing) + headRows * vocabularySize * 6;
  // A graphics card runs one part at a time.
  const workers = device === 'gpu' ? 1 : load.threads;
  const weights = multipliedWeights(shape);
  return sum({
    weightsBytes:
      device === 'gpu' ? fileBytes + q8Bytes(weights) : trainedWeightBytes(load.path, weights, fileBytes),
    workBytes: workers * pass,
    adapterBytes: adapterParameters(shape, load.rank) * (4 * (4 + workers) + 4),
    programBytes: trainProgramBytes,
  });
}

/** The dequantised copy alone: the file's pages are let go after loading. The frugal path keeps both. */
function trainedWeightBytes(path: ProductPath, weights: number, fileBytes: number): number {
  if (path === 'ggml') return fileBytes + q8Bytes(weights);
  return weights * (path === 'bf16' ? 2 : 4);
}

/** Q8_0: 34 bytes for 32 weights. */
function q8Bytes(weights: number): number {
  return (weights * 34) / 32;
}

function sum(parts: Omit<MemoryEstimate, 'totalBytes'>): MemoryEstimate {
  const rounded = {
    weightsBytes: Math.round(parts.weightsBytes),
    workBytes: Math.round(parts.workBytes),
    adapterBytes: Math.round(parts.adapterBytes),
    programBytes: Math.round(parts.programBytes),
  };
  const totalBytes = Object.values(rounded).reduce((total, bytes) => total + bytes, 0);
  return { totalBytes, ...rounded };
}

/** How a model fits into what is free. `slowly`: only on the compressed weights. */
export type Fit = { readonly chat: 'yes' | 'no'; readonly train: 'yes' | 'slowly' | 'no' };

/** Compares estimates with the memory that may be used. */
export function judgeFit(memory: ModelMemory, availableBytes: number): Fit {
  const fits = ({ totalBytes }: MemoryEstimate): boolean => totalBytes <= availableBytes;
  return {
    chat: fits(memory.chat) ? 'yes' : 'no',
    train: fits(memory.train) ? 'yes' : fits(memory.trainFrugal) ? 'slowly' : 'no',
  };
}
