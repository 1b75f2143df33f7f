/**
 * node-llama-cpp behind `ModelRuntime`: a base is loaded once, adapters are attached per request.
 *
 * The library frees an adapter only with its model, so the base is loaded again after a deletion or when a fifth
 * distinct adapter is asked for. Handles stay valid: the reload happens inside.
 */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  getLlama,
  LlamaLogLevel,
  NoBinaryFoundError,
  type Llama,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { AppError } from '../contract/errors.ts';
import type {
  Generation,
  GenerateRequest,
  LoadedModel,
  ModelRuntime,
  TokenId,
} from '../core/dependencies.ts';
import {
  createContextPool,
  type ContextPool,
  type ContextWish,
  type SequencePool,
} from './llama-runtime-contexts.ts';
import { assertGguf } from './llama-runtime-file.ts';
import { generateOnSequence, warmSequence, type Vocabulary } from './llama-runtime-generate.ts';
import { createPromptEncoder, type PromptEncoder } from './llama-runtime-prompt.ts';

/** How the runtime uses the machine. */
export type LlamaRuntimeOptions = {
  /** Threads for inference; defaults to KEEPSAKE_THREADS, else all cores. */
  readonly threads?: number;
  /** Sequences that one thread decodes at once in `generateAll`; defaults to 4. */
  readonly sequences?: number;
  /** Called each time weights are read from disk. */
  readonly onLoad?: (file: string) => void;
};

type Lanes = {
  readonly threads: number;
  readonly sequences: number;
  /** Most threads of one answer for now. */
  readonly limit: () => number | null;
};

/** What opening a base needs; `open` counts as one reading of the weights. */
type Library = {
  readonly get: () => Promise<Llama>;
  readonly lanes: Lanes;
  readonly onLoad: (file: string) => void;
};

const adaptersPerLoad = 4;
const longestContext = 8192;
/** Adapters (the base counts as one) whose contexts stay open. */
const openGroups = 2;
/** The library keeps one cell free and rounds; a little room costs nothing. */
const spareTokens = 8;

type Open = { readonly model: LlamaModel; readonly contexts: ContextPool; readonly adapters: Set<string> };

/**
 * The library tries its binary in a process of its own first; where that one was ended from outside, the next may live.
 * Throws `setup-missing` where no binary runs.
 */
async function openLibrary(): Promise<Llama> {
  const open = (): Promise<Llama> =>
    getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      logLevel: LlamaLogLevel.fatal,
      maxThreads: 0, // each context says how many it takes
    });
  try {
    return await open().catch((error: unknown) => {
      if (!(error instanceof NoBinaryFoundError)) throw error;
      return open();
    });
  } catch (error) {
    if (!(error instanceof NoBinaryFoundError)) throw error;
    throw new AppError('setup-missing', 'The program that runs models does not start on this computer.', {
      hint: 'Try again; if it stays so, install Keepsake again.',
      cause: error,
    });
  }
}

/** Makes the runtime. Nothing is loaded before the first `load`. */
export function createLlamaRuntime(options: LlamaRuntimeOptions = {}): ModelRuntime {
  let llama: Promise<Llama> | undefined;
  const bases = new Map<string, Promise<Base>>();
  let limit: number | null = null;
  const lanes: Lanes = {
    threads: options.threads ?? threadsOf(process.env.KEEPSAKE_THREADS) ?? availableParallelism(),
    sequences: options.sequences ?? 4,
    limit: () => limit,
  };

  const get = (): Promise<Llama> => {
    llama ??= openLibrary().catch((error: unknown) => {
      llama = undefined;
      throw error;
    });
    return llama;
  };

  const library: Library = { get, lanes, onLoad: options.onLoad ?? (() => undefined) };

  return {
    async load(file, { signal } = {}) {
      const path = resolve(file);
      const loading = bases.get(path) ?? createBase(path, library, signal);
      bases.set(path, loading);
      try {
        return (await loading).loaded;
      } catch (error) {
        bases.delete(path);
        throw error;
      }
    },
    async releaseAdapter(adapterFile) {
      for (const base of bases.values()) await (await base).release(resolve(adapterFile));
    },
    limitThreads(threads) {
      limit = threads;
    },
    async dispose() {
      for (const base of bases.values()) await (await base).close();
      bases.clear();
      const closing = llama;
      llama = undefined;
      await (await closing)?.dispose();
    },
  };
}

type Base = {
  readonly loaded: LoadedModel;
  readonly release: (adapterFile: string) => Promise<void>;
  readonly close: () => Promise<void>;
};

async function createBase(file: string, library: Library, signal?: AbortSignal): Promise<Base> {
  let open: Open | undefined = await openModel(file, library, signal);
  const currentModel = (): LlamaModel => {
    if (open === undefined) throw new AppError('internal', 'The model is closed.');
    return open.model;
  };
  const encoder = encoderOf(currentModel, file);
  const endOfGeneration = new Set<TokenId>();
  for (const token of open.model.iterateAllTokens())
    if (open.model.isEogToken(token)) endOfGeneration.add(token);
  const contextLength = Math.min(open.model.trainContextSize, longestContext);
  const exclusive = createQueue();

  const close = async (): Promise<void> => {
    const closing = open;
    open = undefined;
    await closing?.contexts.dispose();
    await closing?.model.dispose();
  };
  const reopen = async (): Promise<void> => {
    await close();
    open = await openModel(file, library);
  };

  /** The open base, ready for one more adapter. */
  async function openFor(adapterFile: string | null): Promise<Open> {
    if (adapterFile !== null) assertGguf(adapterFile, 'adapter');
    if (open === undefined) throw new AppError('internal', 'The model is closed.');
    const isNew = adapterFile !== null && !open.adapters.has(adapterFile);
    if (isNew && open.adapters.size >= adaptersPerLoad) await reopen();
    if (adapterFile !== null) open.adapters.add(adapterFile);
    return open;
  }

  async function runGroup(
    adapterFile: string | null,
    indices: readonly number[],
    requests: readonly GenerateRequest[],
    results: Generation[],
    onDone: () => void,
    abort: AbortSignal | undefined,
  ): Promise<void> {
    const { model, contexts } = await openFor(adapterFile);
    const group = indices.map((index) => ({ index, request: fit(requests[index], contextLength) }));
    const longest = Math.max(...group.map(({ request }) => request.prompt.length + request.maxTokens));
    const sequences = await lendSequences(contexts, library.lanes, group.length, {
      adapterFile,
      tokens: longest + spareTokens,
    });
    const vocabulary: Vocabulary = {
      isEndOfGeneration: (token) => endOfGeneration.has(token),
      decode: (tokens) => decode(model, tokens),
    };
    const waiting = [...group];
    const lanesDone = await Promise.allSettled(
      sequences.map(async (sequence) => {
        try {
          for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
            results[item.index] = await generateOnSequence(sequence, item.request, vocabulary, abort);
            onDone();
          }
        } catch (cause) {
          waiting.length = 0; // the other lanes end their current answer and stop
          throw cause;
        }
      }),
    );
    for (const lane of lanesDone) if (lane.status === 'rejected') throw lane.reason;
  }

  const generateAll: LoadedModel['generateAll'] = (requests, { signal: abort, report } = {}) =>
    exclusive(async () => {
      const results: Generation[] = [];
      let done = 0;
      for (const [adapterFile, indices] of groupByAdapter(requests)) {
        await runGroup(adapterFile, indices, requests, results, () => report?.(++done), abort);
      }
      return results;
    });

  const warm: LoadedModel['warm'] = (request, { signal: abort } = {}) =>
    exclusive(async () => {
      const room = contextLength - request.prompt.length;
      if (abort?.aborted === true || room < 1) return;
      const adapterFile = request.adapterFile === null ? null : resolve(request.adapterFile);
      const { contexts } = await openFor(adapterFile);
      const tokens = request.prompt.length + Math.min(request.room, room) + spareTokens;
      const [sequence] = await lendSequences(contexts, library.lanes, 1, { adapterFile, tokens });
      if (sequence !== undefined) await warmSequence(sequence, request.prompt, abort);
    });

  const loaded: LoadedModel = {
    file,
    contextLength,
    encodePrompt: encoder.encodePrompt,
    encodeText: encoder.encodeText,
    decode: (tokens) => decode(currentModel(), tokens),
    endOfTurn: encoder.endOfTurn,
    generateAll,
    warm,
    async generate(request, callOptions = {}) {
      const [generation] = await generateAll([request], callOptions);
      if (generation === undefined) throw new AppError('internal', 'The model gave no result.');
      return generation;
    },
  };

  return {
    loaded,
    release: (adapterFile) =>
      exclusive(async () => {
        if (open?.adapters.has(adapterFile)) await reopen();
      }),
    close: () => exclusive(close),
  };
}

/**
 * One answer takes half of the threads; many are shared out to one context for each thread. Threads of one context
 * wait for each other at every operation, actively: with all cores taken and another program running, an answer was
 * fifty times slower (2 cores, measured).
 */
async function lendSequences(
  contexts: ContextPool,
  lanes: Lanes,
  count: number,
  wish: Pick<ContextWish, 'adapterFile' | 'tokens'>,
): Promise<SequencePool['sequences']> {
  if (count === 1) {
    const threads = Math.min(Math.ceil(lanes.threads / 2), lanes.limit() ?? Infinity);
    const pool = await contexts.lend({ ...wish, slot: 0, sequences: 1, threads });
    return pool.sequences;
  }
  const pools: SequencePool[] = [];
  for (let slot = 0; slot < lanes.threads; slot += 1) {
    pools.push(await contexts.lend({ ...wish, slot, sequences: lanes.sequences, threads: 1 }));
  }
  return pools.flatMap((pool) => pool.sequences);
}

/** On a busy machine one thread is faster than two that wait for each other. */
function threadsOf(text: string | undefined): number | undefined {
  const count = Number(text);
  return Number.isInteger(count) && count > 0 ? count : undefined;
}

async function openModel(file: string, library: Library, signal?: AbortSignal): Promise<Open> {
  assertGguf(file, 'model');
  try {
    library.onLoad(file);
    const llama = await library.get();
    const model = await llama.loadModel({
      modelPath: file,
      gpuLayers: 0,
      ...(signal === undefined ? {} : { loadSignal: signal }),
    });
    return {
      model,
      contexts: createContextPool(model, openGroups * (library.lanes.threads + 1)),
      adapters: new Set(),
    };
  } catch (cause) {
    if (signal?.aborted) throw new AppError('cancelled', 'Loading the model was cancelled.', { cause });
    const detail = cause instanceof Error ? cause.message : String(cause);
    const code = /memory/i.test(detail) ? 'not-enough-memory' : 'model-corrupt';
    throw new AppError(code, `Cannot load the model ${file}: ${detail}`, {
      hint:
        code === 'model-corrupt' ? 'Get the file again or choose another model.' : 'Close other programs.',
      cause,
    });
  }
}

function encoderOf(
  currentModel: () => LlamaModel,
  file: string,
): PromptEncoder & { readonly endOfTurn: TokenId } {
  const model = currentModel();
  const chatTemplate = model.fileInfo.metadata.tokenizer.chat_template;
  if (typeof chatTemplate !== 'string' || chatTemplate === '') {
    throw new AppError('model-unsupported', `The model ${file} has no chat template.`, {
      hint: 'Choose an instruct model.',
    });
  }
  const encoder = createPromptEncoder({
    chatTemplate,
    bosText: model.tokens.bosString ?? '',
    eosText: model.tokens.eosString ?? '',
    tokenize: (text, special) => currentModel().tokenize(text, special),
    isControl: (token) => currentModel().getTokenAttributes(token as Token).control,
    isEndOfGeneration: (token) => currentModel().isEogToken(token as Token),
  });
  const endOfTurn = encoder.endOfTurn ?? model.tokens.eot ?? model.tokens.eos;
  if (endOfTurn === null) {
    throw new AppError('model-unsupported', `The model ${file} has no token that ends a turn.`);
  }
  return { ...encoder, endOfTurn };
}

function decode(model: LlamaModel, tokens: readonly TokenId[]): string {
  return model.detokenize(
    // The library brands its token numbers.
    tokens.map((token) => token as Token),
    false,
  );
}

/** Shortens the answer to what the context can hold; a prompt that fills it is refused. */
function fit(request: GenerateRequest | undefined, contextLength: number): GenerateRequest {
  if (request === undefined) throw new AppError('internal', 'A request is missing.');
  const room = contextLength - spareTokens - request.prompt.length;
  if (request.prompt.length === 0 || room < 1) {
    throw new AppError(
      'invalid-input',
      `The prompt has ${request.prompt.length} tokens, the model reads at most ${contextLength}.`,
      { hint: 'Shorten the message.' },
    );
  }
  return { ...request, maxTokens: Math.min(request.maxTokens, room) };
}

function groupByAdapter(requests: readonly GenerateRequest[]): Map<string | null, number[]> {
  const groups = new Map<string | null, number[]>();
  for (const [index, request] of requests.entries()) {
    const key = request.adapterFile === null ? null : resolve(request.adapterFile);
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  return groups;
}

/** Runs tasks one after the other; a failed one does not stop the next. */
function createQueue(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task, task);
    last = run.catch(() => undefined);
    return run;
  };
}
