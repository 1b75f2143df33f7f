/**
 * Routing: the adapter is asked first, an empty answer of it hands the same messages to the base.
 *
 * Nothing but the model's tokens decides: no lookup, grammar, word list or classifier. Evaluation and chat share
 * these functions.
 */
import type { AnsweredBy } from '../../contract/entities/evaluation.ts';
import type { Message } from '../../contract/entities/training.ts';
import type { Generation, GenerateRequest, LoadedModel, Sampling, TokenId } from '../dependencies.ts';

/** Shown in place of an empty answer of the base. */
export const noAnswer = 'No answer';

/** Greedy decoding, the setting of every evaluation. */
export const greedy: Sampling = { kind: 'greedy' };

/** One question with the adapter that is asked first; without one the base answers. */
export type RoutedRequest = {
  readonly messages: readonly Message[];
  readonly adapterFile: string | null;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly onText?: (piece: string) => void;
};

export type RoutedAnswer = {
  readonly text: string;
  readonly answeredBy: AnsweredBy;
  /** True when the answer was ended by the model itself. */
  readonly stopped: boolean;
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
    if (!first.passed) return fromAdapter(first);
  }
  const base = await model.generate(toGenerate(request, prompt, null), options);
  if (base.text.trim() === '') request.onText?.(noAnswer);
  return fromBase(base);
}

/** Answers many requests, several sequences at once: all by the adapter, then what it passed by the base. */
export async function answerAll(
  model: LoadedModel,
  requests: readonly RoutedRequest[],
  options: {
    readonly signal?: AbortSignal;
    /** Answers given so far, each request counted once. */
    readonly report?: (done: number) => void;
    /** Earlier greedy answers of the base by prompt; read and filled. */
    readonly baseAnswers?: Map<string, Generation>;
  } = {},
): Promise<RoutedAnswer[]> {
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const prompts = requests.map((request) => model.encodePrompt(request.messages));
  const answers: (RoutedAnswer | undefined)[] = requests.map(() => undefined);
  const asked = requests.flatMap((request, index) =>
    request.adapterFile === null ? [] : [{ index, file: request.adapterFile }],
  );
  const firsts = await model.generateAll(
    asked.map(({ index, file }) => toGenerate(at(requests, index), at(prompts, index), file)),
    { ...signal, report: (done) => options.report?.(Math.min(done, requests.length)) },
  );
  let settled = 0;
  for (const [position, { index }] of asked.entries()) {
    const first = at(firsts, position);
    if (first.passed) continue;
    answers[index] = fromAdapter(first);
    settled += 1;
  }

  const bases = await generateByBase(model, requests, prompts, openIndices(answers), {
    ...signal,
    baseAnswers: options.baseAnswers ?? new Map(),
    report: (done) => options.report?.(settled + done),
  });
  for (const [index, generation] of bases) answers[index] = fromBase(generation);
  options.report?.(requests.length);
  return answers.map((each) => {
    if (each === undefined) throw new Error('A request was left without an answer.');
    return each;
  });
}

/** Equal greedy prompts are decoded once. */
async function generateByBase(
  model: LoadedModel,
  requests: readonly RoutedRequest[],
  prompts: readonly TokenId[][],
  indices: readonly number[],
  options: {
    readonly signal?: AbortSignal;
    readonly baseAnswers: Map<string, Generation>;
    readonly report: (done: number) => void;
  },
): Promise<Map<number, Generation>> {
  const keys = new Map(
    indices.map((index) => [index, keyOf(at(requests, index), at(prompts, index), index)]),
  );
  const pending = new Map<string, number>();
  for (const [index, key] of keys)
    if (!options.baseAnswers.has(key) && !pending.has(key)) pending.set(key, index);
  const generations = await model.generateAll(
    [...pending.values()].map((index) => toGenerate(at(requests, index), at(prompts, index), null)),
    { ...(options.signal === undefined ? {} : { signal: options.signal }), report: options.report },
  );
  for (const [position, key] of [...pending.keys()].entries()) {
    options.baseAnswers.set(key, at(generations, position));
  }
  const found = new Map<number, Generation>();
  for (const [index, key] of keys) {
    const generation = options.baseAnswers.get(key);
    if (generation !== undefined) found.set(index, generation);
  }
  return found;
}

function keyOf(request: RoutedRequest, prompt: readonly TokenId[], index: number): string {
  const draw = request.sampling.kind === 'greedy' ? '' : ` sampled ${index}`;
  return `${request.maxTokens}${draw}:${prompt.join(' ')}`;
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
    firstToken: adapterFile === null ? 'free' : 'detect-pass',
    ...(request.onText === undefined ? {} : { onText: request.onText }),
  };
}

function fromAdapter(generation: Generation): RoutedAnswer {
  return { text: generation.text.trim(), answeredBy: 'adapter', stopped: generation.stopped };
}

function fromBase(generation: Generation): RoutedAnswer {
  const text = generation.text.trim();
  return { text: text === '' ? noAnswer : text, answeredBy: 'base', stopped: generation.stopped };
}

function openIndices(answers: readonly (RoutedAnswer | undefined)[]): number[] {
  return answers.flatMap((each, index) => (each === undefined ? [index] : []));
}

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`There is no item ${index}.`);
  return item;
}
