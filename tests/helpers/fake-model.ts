import type {
  Generation,
  GenerateRequest,
  LoadedModel,
  ModelRuntime,
} from '../../electron/core/dependencies.ts';

/** What a fake model says to a request, in pieces; null: the adapter passes the question on. */
export type FakeAnswer = (request: GenerateRequest, prompt: string) => readonly string[] | null;

/** A model that reads one token a letter, and answers in two pieces unless told otherwise. */
export function fakeModel(
  asked: GenerateRequest[],
  contextLength = 4000,
  answer: FakeAnswer = () => ['Hel', 'lo'],
): LoadedModel {
  const encode = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
  const decode = (tokens: readonly number[]): string =>
    tokens.map((token) => String.fromCodePoint(token)).join('');
  const generate: LoadedModel['generate'] = async (request, { signal } = {}): Promise<Generation> => {
    asked.push(request);
    const pieces = answer(request, decode(request.prompt));
    if (pieces === null) return { text: '', tokens: [], stopped: true, passed: true };
    let text = '';
    for (const piece of pieces) {
      if (request.shouldStop?.() === true) break;
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) {
        const { AppError } = await import('../../electron/contract/errors.ts');
        throw new AppError('cancelled', 'The answer was cancelled.');
      }
      text += piece;
      request.onText?.(piece);
    }
    return { text, tokens: [1, 2], stopped: true, passed: false };
  };
  return {
    file: '/base.gguf',
    contextLength,
    encodePrompt: (messages) => messages.flatMap((each) => encode(`${each.role}:${each.content}\n`)),
    encodeText: encode,
    decode,
    endOfTurn: 0,
    generate,
    generateAll: (requests) => Promise.all(requests.map((request) => generate(request))),
  };
}

/** A runtime that gives always this model. */
export function runtimeOf(model: LoadedModel): ModelRuntime {
  return {
    load: () => Promise.resolve(model),
    releaseAdapter: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
}
