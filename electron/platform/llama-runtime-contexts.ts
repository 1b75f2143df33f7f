/**
 * Contexts of one loaded base: one for each adapter and number of sequences, the least recently used let go.
 *
 * Flash attention and the type of the cache are pinned, so that two evaluations of one adapter can be compared.
 */
import type { LlamaContext, LlamaContextSequence, LlamaModel } from 'node-llama-cpp';
import { AppError } from '../contract/errors.ts';

/** Sequences of one context, all with the same adapter. */
export type SequencePool = { readonly sequences: readonly LlamaContextSequence[] };

type Entry = SequencePool & { readonly context: LlamaContext; readonly key: string; readonly size: number };

/** One context that is asked for. */
export type ContextWish = {
  readonly adapterFile: string | null;
  /** Tells contexts apart that work side by side. */
  readonly slot: number;
  readonly sequences: number;
  readonly threads: number;
  /** Room in each sequence. */
  readonly tokens: number;
};

/** Lends contexts and closes them. */
export type ContextPool = {
  readonly lend: (wish: ContextWish) => Promise<SequencePool>;
  readonly dispose: () => Promise<void>;
};

const sizeClasses = [512, 1024, 2048, 4096, 8192, 16_384, 32_768];

/** Makes the pool of one loaded model; at most `openContexts` stay open. */
export function createContextPool(model: LlamaModel, openContexts: number): ContextPool {
  let entries: Entry[] = [];

  async function close(entry: Entry): Promise<void> {
    entries = entries.filter((other) => other !== entry);
    await entry.context.dispose();
  }

  async function open(wish: ContextWish, size: number, key: string): Promise<Entry> {
    const { adapterFile } = wish;
    try {
      const context = await model.createContext({
        contextSize: size,
        sequences: wish.sequences,
        threads: wish.threads,
        batchSize: Math.min(512, size),
        flashAttention: false,
        experimentalKvCacheKeyType: 'F16',
        experimentalKvCacheValueType: 'F16',
        failedCreationRemedy: false,
        ...(adapterFile === null ? {} : { lora: { adapters: [{ filePath: adapterFile, scale: 1 }] } }),
      });
      readLogitsOneAtATime(context);
      const sequences = Array.from({ length: wish.sequences }, () => context.getSequence());
      return { context, sequences, key, size };
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      if (/memory/i.test(detail)) {
        throw new AppError('not-enough-memory', `Cannot open a context of ${size} tokens: ${detail}`, {
          hint: 'Close other programs or choose a smaller base model.',
          cause,
        });
      }
      const what = adapterFile === null ? 'the base model' : `the adapter ${adapterFile}`;
      throw new AppError('model-corrupt', `Cannot use ${what}: ${detail}`, { cause });
    }
  }

  return {
    async lend(wish) {
      const { tokens } = wish;
      const key = [wish.slot, wish.sequences, wish.threads, wish.adapterFile ?? ''].join(' ');
      const found = entries.find((entry) => entry.key === key);
      if (found !== undefined && found.size >= tokens) {
        entries = [...entries.filter((entry) => entry !== found), found];
        return found;
      }
      if (found !== undefined) await close(found);
      const oldest = entries[0];
      if (entries.length >= openContexts && oldest !== undefined) await close(oldest);
      const size = sizeClasses.find((each) => each >= tokens) ?? tokens;
      const entry = await open(wish, Math.min(size, Math.max(model.trainContextSize, tokens)), key);
      entries.push(entry);
      return entry;
    },
    async dispose() {
      for (const entry of entries) await entry.context.dispose();
      entries = [];
    },
  };
}

/**
 * llama.cpp sorts the logits of a batch when they are first read, without a lock; the library reads them for all
 * sequences at once from several threads, and answers of neighbours then mix (3.21.1, seen with 4 sequences). So
 * the reads of one context are put in a row. The hook is internal to the library, whose version is pinned; a test
 * compares parallel answers with sequential ones.
 */
function readLogitsOneAtATime(context: LlamaContext): void {
  // The addon's context is not part of the public types.
  const addon = (context as unknown as { _ctx?: { sampleToken?: unknown } })._ctx;
  if (addon === undefined || typeof addon.sampleToken !== 'function') {
    throw new Error('this version of node-llama-cpp is not supported');
  }
  const read = addon.sampleToken.bind(addon) as (...values: unknown[]) => Promise<unknown>;
  let last: Promise<unknown> = Promise.resolve();
  const readInTurn = (...values: unknown[]): Promise<unknown> => {
    const reading = last.then(() => read(...values));
    last = reading.catch(() => undefined);
    return reading;
  };
  Object.defineProperty(addon, 'sampleToken', { value: readInTurn });
}
