/**
 * After an answer, lets the model read what the next question will be asked behind: the base and the adapter each keep a
 * conversation's history of their own, and only one of them gave the answer.
 */
import type { Message } from '../../contract/entities/training.ts';
import type { LoadedModel, TokenId } from '../dependencies.ts';
import { answerTokens, type Given } from './answerer.ts';

/** Tokens of a question as people ask them. */
const questionTokens = 128;

/** Keeps the histories of one conversation at a time; a new question stops it. */
export function createKeepWarm() {
  let running = new AbortController();

  async function read(given: Given, signal: AbortSignal): Promise<void> {
    const { model, messages, shown, adapter } = given;
    if (model.warm === undefined) return;
    const said: Message = { role: 'assistant', content: shown.answer };
    const prompt = commonStart(model, [...messages, said]);
    const files = adapter === null ? [null] : [adapter.file, null];
    // A standalone adapter hands nothing over.
    for (const adapterFile of adapter?.objective === 'standalone' ? files.slice(0, 1) : files) {
      if (signal.aborted) return;
      await model.warm({ prompt, adapterFile, room: questionTokens + answerTokens }, { signal });
    }
  }

  return {
    /** Called when a question comes: what it needs is read with it. */
    stop: (): void => running.abort(),
    /** Begins reading; what goes wrong will be told by the next question. */
    start: (given: Given): void => {
      running.abort();
      running = new AbortController();
      read(given, running.signal).catch(() => undefined);
    },
  };
}

/** The tokens with which every next question begins. */
function commonStart(model: LoadedModel, messages: readonly Message[]): TokenId[] {
  const [one, other] = ['a', '7'].map((content) =>
    model.encodePrompt([...messages, { role: 'user', content }]),
  );
  if (one === undefined || other === undefined) return [];
  const end = one.findIndex((token, index) => token !== other[index]);
  return one.slice(0, end < 0 ? one.length : end);
}
