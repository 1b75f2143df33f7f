/**
 * One generation on one sequence of a context: prefix reuse, the first-token rule, greedy or sampled, streaming.
 */
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { AppError } from '../contract/errors.ts';
import type { Generation, GenerateRequest, TokenId } from '../core/dependencies.ts';

/** What a generation asks of the vocabulary. */
export type Vocabulary = {
  readonly isEndOfGeneration: (token: TokenId) => boolean;
  readonly decode: (tokens: readonly TokenId[]) => string;
};

const candidateCount = 40;
const nucleus = 0.95;

/** Runs one request on `sequence`. Throws `cancelled` when the signal is aborted. */
export async function generateOnSequence(
  sequence: LlamaContextSequence,
  request: GenerateRequest,
  vocabulary: Vocabulary,
  signal?: AbortSignal,
): Promise<Generation> {
  const rest = await keepCommonPrefix(sequence, request.prompt);
  const random = request.sampling.kind === 'sampled' ? createRandom(request.sampling.seed) : undefined;
  const steps = startSteps(sequence, rest, request);
  const tokens: TokenId[] = [];
  const stream = createTextStream(vocabulary, request.onText);
  try {
    let chosen: TokenId | undefined;
    while (tokens.length < request.maxTokens) {
      assertNotAborted(signal);
      const step = await (chosen === undefined ? steps.next() : steps.next(asToken(chosen)));
      if (step.done) break;
      const isFirst = tokens.length === 0;
      const top = argmaxOf(step.value);
      const rule = isFirst && request.firstToken === 'detect-pass';
      if (rule && vocabulary.isEndOfGeneration(top))
        return { text: '', tokens: [], stopped: true, passed: true };
      chosen = draw(step.value, random, rule ? vocabulary.isEndOfGeneration : undefined);
      if (vocabulary.isEndOfGeneration(chosen)) {
        return { text: stream.finish(tokens), tokens, stopped: true, passed: false };
      }
      tokens.push(chosen);
      stream.push(tokens);
      if (request.shouldStop?.() === true) {
        return { text: stream.finish(tokens), tokens, stopped: true, passed: false };
      }
    }
  } finally {
    await steps.return();
  }
  return { text: stream.finish(tokens), tokens, stopped: false, passed: false };
}

const warmBatch = 128;

/** Reads the beginning of a prompt in pieces, until it is read or the signal is aborted. */
export async function warmSequence(
  sequence: LlamaContextSequence,
  prompt: readonly TokenId[],
  signal?: AbortSignal,
): Promise<void> {
  const { firstDifferentIndex } = sequence.compareContextTokens(prompt.map(asToken));
  if (firstDifferentIndex >= prompt.length) return;
  const rest = await keepCommonPrefix(sequence, prompt);
  for (let start = 0; start < rest.length && signal?.aborted !== true;) {
    // A single token would be rounded otherwise.
    const left = rest.length - start;
    const size = left - warmBatch === 1 ? left : Math.min(left, warmBatch);
    await sequence.evaluateWithoutGeneratingNewTokens(rest.slice(start, start + size));
    start += size;
  }
}

type Step = { readonly token: TokenId; readonly probabilities?: ReadonlyMap<TokenId, number> };

/** Greedy steps carry the argmax only; sampled ones the best candidates at their temperature, highest first. */
function startSteps(
  sequence: LlamaContextSequence,
  rest: Token[],
  request: GenerateRequest,
): AsyncGenerator<Step, void, Token | undefined> {
  if (request.sampling.kind === 'greedy') {
    return sequence.evaluateWithMetadata(rest, {}, { temperature: 0, yieldEogToken: true });
  }
  return sequence.evaluateWithMetadata(
    rest,
    { probabilities: true },
    {
      temperature: Math.max(request.sampling.temperature, 1e-3),
      topK: candidateCount,
      topP: request.sampling.topP ?? nucleus,
      seed: request.sampling.seed,
      yieldEogToken: true,
    },
  );
}

/** Temperature and filters keep the order, so the first candidate is the argmax of the raw distribution. */
function argmaxOf(step: Step): TokenId {
  const first = step.probabilities?.keys().next();
  return first === undefined || first.done ? step.token : first.value;
}

function draw(
  step: Step,
  random: (() => number) | undefined,
  isMasked?: (token: TokenId) => boolean,
): TokenId {
  if (random === undefined || step.probabilities === undefined) return step.token;
  const open = [...step.probabilities].filter(([token]) => isMasked?.(token) !== true);
  const total = open.reduce((sum, [, probability]) => sum + probability, 0);
  let left = random() * total;
  for (const [token, probability] of open) {
    left -= probability;
    if (left <= 0) return token;
  }
  return open.at(-1)?.[0] ?? argmaxOf(step);
}

/**
 * Erases what differs and gives the part of the prompt that is still to be evaluated.
 *
 * At least two tokens are left: a single one takes other kernels, whose rounding moved a first token's probability
 * from .238 to .259 (SmolLM2-135M); two or more give the same bits as the whole prompt.
 */
async function keepCommonPrefix(
  sequence: LlamaContextSequence,
  prompt: readonly TokenId[],
): Promise<Token[]> {
  const tokens = prompt.map(asToken);
  const { firstDifferentIndex } = sequence.compareContextTokens(tokens);
  const kept = Math.max(0, Math.min(firstDifferentIndex, tokens.length - 2));
  if (sequence.nextTokenIndex > kept) {
    await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
  }
  return tokens.slice(sequence.nextTokenIndex);
}

/** Text so far, announced in whole characters: a piece that ends inside one waits for the next token. */
function createTextStream(
  vocabulary: Vocabulary,
  onText: ((piece: string) => void) | undefined,
): { push: (tokens: readonly TokenId[]) => void; finish: (tokens: readonly TokenId[]) => string } {
  let announced = 0;
  const announce = (text: string): void => {
    if (text.length <= announced) return;
    onText?.(text.slice(announced));
    announced = text.length;
  };
  return {
    push: (tokens) => {
      if (onText === undefined) return;
      const text = vocabulary.decode(tokens);
      if (!text.endsWith('\uFFFD')) announce(text);
    },
    finish: (tokens) => {
      const text = vocabulary.decode(tokens);
      if (onText !== undefined) announce(text);
      return text;
    },
  };
}

function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AppError('cancelled', 'The answer was cancelled.', { cause: signal.reason });
}

/** The library brands its token numbers. */
function asToken(token: TokenId): Token {
  return token as Token;
}

/** A small seeded generator (mulberry32), numbers in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
