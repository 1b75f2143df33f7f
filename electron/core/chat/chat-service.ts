/** Chat of one question, for the command line and for programs: nothing of it is kept. */
import type { ChatAnswer } from '../../contract/entities/chat.ts';
import { createAnswerer, type AnswererInput, type AskRequest, type GiveOptions } from './answerer.ts';
import { createTextGate } from './text-gate.ts';

/** A request of a program that lays out its messages itself. */
export type CompletionRequest = Omit<AskRequest, 'arm'> & {
  /** keepsake: routed, with the facts that ride in the prompt; base: the plain model. */
  readonly model: 'keepsake' | 'base';
  /** The program's own system message, behind which facts ride; undefined for the shipped one. */
  readonly systemText?: string | undefined;
  readonly maxTokens?: number | undefined;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[] | undefined;
};

export type Completion = ChatAnswer & {
  /** stop: the model or a stop text ended the answer; length: it had no more room. */
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly answerTokens: number;
};

export type ChatService = ReturnType<typeof createChatService>;

/** Use cases of chat without a memory. */
export function createChatService(input: AnswererInput) {
  const give = createAnswerer(input);
  return {
    ask: async (request: AskRequest, options: GiveOptions = {}): Promise<ChatAnswer> =>
      (await give(request, options)).shown,

    /** As `ask`, for a program: its own system message, length and stop texts. `onText` gets what `answer` holds. */
    async complete(
      { model, stop = [], ...request }: CompletionRequest,
      { onText, ...options }: GiveOptions & { readonly onText?: (piece: string) => void } = {},
    ): Promise<Completion> {
      const gate = createTextGate(stop, onText ?? (() => undefined));
      const arm = model === 'base' ? 'base' : 'served';
      const given = await give({ ...request, arm, endsLoops: false }, options, {
        onText: gate.push,
        shouldStop: gate.isStopped,
      });
      return {
        ...given.shown,
        answer: gate.finish(),
        finish: given.routed.stopped || gate.isStopped() ? 'stop' : 'length',
        promptTokens: given.model.encodePrompt(given.messages).length,
        answerTokens: given.routed.tokenCount,
      };
    },
  };
}
