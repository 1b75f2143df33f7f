/**
 * Routing: the adapter is asked first, an empty answer of it hands the same messages to the base. A standalone adapter
 * hands nothing over: it answers everything, as a merged file does in a program that knows no routing.
 *
 * Nothing but the model's tokens decides: no lookup, grammar, word list or classifier. Evaluation and chat share
 * these functions.
 */
import type { AnsweredBy } from '../../contract/entities/evaluation.ts';
import type { Message } from '../../contract/entities/training.ts';
import type { Generation, GenerateRequest, LoadedModel, Sampling, TokenId } from '../dependencies.ts';
import { mapSteps, takeInSlices } from '../util/slices.ts';

/** Shown in place of an empty answer of the base. */
export const noAnswer = 'No answer';

/** Greedy decoding, the setting of every evaluation. */
export const greedy: Sampling = { kind: 'greedy' };

/** One question with the adapter that is asked first; without one the base answers. */
export type RoutedRequest = {
  readonly messages: readonly Message[];
  readonly adapterFile: string | null;
  /** True: what the adapter says stands, nothing is handed over. */
  readonly standalone?: boolean;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly onText?: (piece: string) => void;
  /** Asked after each piece of text: true ends the answer there. */
  readonly shouldStop?: () => boolean;
};

export type RoutedAnswer = {
  readonly text: string;
  readonly answeredBy: AnsweredBy;
  /** True when the answer was ended by the model itself. */
  readonly stopped: boolean;
  /** Tokens of the answer that is shown. */
  readonly tokenCount: number;
};

/** Answers one request. Streams through `onText` whatever is shown, `No answer` included. */
export async function answer(
  model: LoadedModel,
  request: RoutedRequest,
  options: { readonly signal?: AbortSignal } = {},
): Promise<RoutedAnswer> {
  const prompt = model.encodePrompt(request.messages);
  if (request.adapterFile !== null) {
    const first = await model.generate(toGenerate(request, prompt, request.adapterFile), options);
    if (!first.passed) {
      if (first.text.trim() === '') request.onText?.(noAnswer);
      return fromAdapter(first);
    }
  }
  const base = await model.generate(toGenerate(request, prompt, null), options);
  if (base.text.trim() === '') request.onText?.(noAnswer);
  return fromBase(base);
}

/** Greedy generations that are already known, by prompt: those of one base and those of one adapter file. */
export type KnownGenerations = {
  readonly base: Map<string, Generation>;
  readonly adapter: Map<string, Generation>;
};

/**
 * Answers many requests, several sequences at once: all by the adapter, then what it passed by the base.
 *
 * Equal greedy prompts are decoded once; `known` is read and filled, and belongs to one base and one adapter file.
 */
export async function answerAll(
  model: LoadedModel,
  requests: readonly RoutedRequest[],
  options: {
    readonly signal?: AbortSignal;
    /** Answers given so far, each request counted once. */
    readonly report?: (done: number) => void;
    readonly known?: KnownGenerations;
  } = {},
): Promise<RoutedAnswer[]> {
  const known = options.known ?? { base: new Map(), adapter: new Map() };
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const items = await takeInSlices(
    mapSteps(requests, (request, index): Item => {
      const prompt = model.encodePrompt(request.messages);
      return { request, prompt, key: keyOf(request, prompt, index) };
    }),
    signal,
  );
  const asked = items.filter((item) => item.request.adapterFile !== null);
  const firsts = await decode(model, asked, known.adapter, {
    ...signal,
    adapterFileOf: (item) => item.request.adapterFile,
    report: (done) => options.report?.(Math.min(done, requests.length)),
  });
  const kept = new Set(asked.filter((item) => firsts.get(item.key)?.passed === false));
  const bases = await decode(
    model,
    items.filter((item) => !kept.has(item)),
    known.base,
    { ...signal, adapterFileOf: () => null, report: (done) => options.report?.(kept.size + done) },
  );
  options.report?.(requests.length);
  return items.map((item) => {
    const source = kept.has(item) ? firsts : bases;
    const generation = source.get(item.key);
    if (generation === undefined) throw new Error('A request was left without an answer.');
    return kept.has(item) ? fromAdapter(generation) : fromBase(generation);
  });
}

type Item = { readonly request: RoutedRequest; readonly prompt: readonly TokenId[]; readonly key: string };

/** Generates what `known` does not hold yet and gives it back with what it holds. */
async function decode(
  model: LoadedModel,
  items: readonly Item[],
  known: Map<string, Generation>,
  options: {
    readonly signal?: AbortSignal;
    readonly adapterFileOf: (item: Item) => string | null;
    readonly report: (done: number) => void;
  },
): Promise<Map<string, Generation>> {
  const open = [...new Map(items.map((item) => [item.key, item])).values()].filter(
    (item) => !known.has(item.key),
  );
  const generations = await model.generateAll(
    open.map((item) => toGenerate(item.request, item.prompt, options.adapterFileOf(item))),
    {
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      report: (done) => options.report(items.length - open.length + done),
    },
  );
  for (const [index, generation] of generations.entries()) {
    const item = open[index];
    if (item !== undefined) known.set(item.key, generation);
  }
  return known;
}

/** Sampled requests are never shared. */
function keyOf(request: RoutedRequest, prompt: readonly TokenId[], index: number): string {
  const draw = request.sampling.kind === 'greedy' ? '' : ` sampled ${index} ${request.sampling.seed}`;
  const rule = request.standalone === true ? ' standalone' : '';
  return `${request.maxTokens}${draw}${rule}:${prompt.join(' ')}`;
}

function toGenerate(
  request: RoutedRequest,
  prompt: readonly TokenId[],
  adapterFile: string | null,
): GenerateRequest {
  return {
    prompt,
    adapterFile,
    maxTokens: request.maxTokens,
    sampling: request.sampling,
    firstToken: adapterFile === null || request.standalone === true ? 'free' : 'detect-pass',
    ...(request.onText === undefined ? {} : { onText: request.onText }),
    ...(request.shouldStop === undefined ? {} : { shouldStop: request.shouldStop }),
  };
}

function fromAdapter(generation: Generation): RoutedAnswer {
  return { text: shown(generation), answeredBy: 'adapter', ...endOf(generation) };
}

function fromBase(generation: Generation): RoutedAnswer {
  return { text: shown(generation), answeredBy: 'base', ...endOf(generation) };
}

function endOf({ stopped, tokens }: Generation): Pick<RoutedAnswer, 'stopped' | 'tokenCount'> {
  return { stopped, tokenCount: tokens.length };
}

function shown(generation: Generation): string {
  const text = generation.text.trim();
  return text === '' ? noAnswer : text;
}
