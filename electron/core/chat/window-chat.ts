/**
 * Chat of the window: kept or temporary, one arm or two beside each other, with what each answer rests on.
 *
 * A question is written down before the model begins, an answer when it is whole or was stopped.
 */
import type { ChatEvent } from '../../contract/entities/chat.ts';
import type { ChatMessage } from '../../contract/entities/conversation.ts';
import type { ArmName } from '../../contract/entities/evaluation.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { Message } from '../../contract/entities/training.ts';
import { AppError, cancelledError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import { basisOf, type BasisContext } from './answer-basis.ts';
import type { Answerer, AskRequest, Given } from './answerer.ts';
import type { ConversationService, KeptQuestion } from './conversation-service.ts';
import { historyFor, turnsOf, type Turn } from './history.ts';
import { createKeepWarm } from './keep-warm.ts';
import { streamPieces } from './piece-stream.ts';
import { createSavedTokens } from './saved-tokens.ts';

export type WindowChatInput = {
  readonly give: Answerer;
  readonly conversations: ConversationService;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Read when an answer is done, so that nothing waits for it. */
  readonly basisContext: () => BasisContext;
  /** An adapter by its id, its file checked. */
  readonly findAdapter: (id: string) => Adapter;
  /** Called after a line was written down. */
  readonly announceKept: () => void;
  /** Throws where chat has to wait, such as for a training that needs all of the memory. */
  readonly assertFree: () => void;
  /** Puts facts that a kept question states about its writer into the Inbox; gives their ids. */
  readonly propose: (
    text: string,
    source: { readonly name: string; readonly conversationId: string },
  ) => string[];
};

export type WindowRequest = AskRequest & {
  readonly conversationId: string | null;
  readonly replaces?: string | undefined;
  readonly compare: boolean;
  readonly adapterId?: string | undefined;
};

/** An answer of a temporary chat, kept in memory alone so that it can be explained. */
export type Exchange = {
  readonly question: string;
  readonly answer: ChatMessage;
  readonly history: readonly Message[];
};

export type WindowChat = ReturnType<typeof createWindowChat>;

const longestQuestion = 100_000;
const rememberedExchanges = 50;

/** Use cases of the chat window. */
export function createWindowChat(input: WindowChatInput) {
  const { conversations, clock, newId } = input;
  const savedTokens = createSavedTokens();
  const keepWarm = createKeepWarm();
  const exchanges = new Map<string, Exchange>();

  function remember(exchange: Exchange): void {
    exchanges.set(exchange.answer.id, exchange);
    const [oldest] = exchanges.keys();
    if (exchanges.size > rememberedExchanges && oldest !== undefined) exchanges.delete(oldest);
  }

  function toMessage(arm: ArmName, question: string, given: Given): ChatMessage {
    const { shown, model, facts, bridgedIds, provedIds, adapter } = given;
    const { answer, answeredBy, adapterId, bridged } = shown;
    const { from, factIds } = basisOf(
      { question, answer, answeredBy, adapter, facts, bridgedIds, provedIds },
      input.basisContext(),
    );
    const isPlain = arm === 'base';
    return {
      ...{ id: newId(), role: 'assistant', arm, text: answer, answeredBy, adapterId },
      basis: {
        from: isPlain ? 'none' : from,
        factIds: isPlain ? [] : factIds,
        bridged,
        tokensSaved: isPlain ? 0 : savedTokens(model, facts, bridged),
      },
      stopped: false,
      createdAt: clock.now(),
    };
  }

  function stoppedMessage(arm: ArmName, text: string, adapterId: string | null): ChatMessage {
    return {
      ...{ id: newId(), role: 'assistant', arm, text, answeredBy: null, adapterId },
      basis: null,
      stopped: true,
      createdAt: clock.now(),
    };
  }

  async function* answerOf(
    arm: ArmName,
    request: WindowRequest & { readonly adapter: Adapter | undefined },
    keeping: { readonly kept: KeptQuestion | null; readonly turns: readonly Turn[] },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ChatEvent, void, undefined> {
    const { kept, turns } = keeping;
    const history = kept === null ? request.history : historyFor(turns, arm);
    const named = request.compare ? { arm } : {};
    let text = '';
    const state = { isWhole: false };
    try {
      const pieces = streamPieces(
        (onText, each) => input.give({ ...request, arm, history }, { signal: each }, { onText }),
        signal,
      );
      let step = await pieces.next();
      try {
        while (step.done !== true) {
          text += step.value;
          yield { type: 'text', text: step.value, ...named };
          step = await pieces.next();
        }
      } finally {
        // Left in the middle: the model is told to stop.
        if (step.done !== true) void pieces.return(undefined as never).catch(() => undefined);
      }
      const given = step.value;
      const message = toMessage(arm, request.question, given);
      state.isWhole = true;
      if (kept === null) remember({ question: request.question, answer: message, history });
      else keepAnswer(kept, message);
      // Beside each other the arms have histories of their own.
      if (!request.compare) keepWarm.start(given);
      const proposals = kept === null || arm === 'base' ? [] : propose(kept);
      yield {
        type: 'done',
        answer: given.shown,
        ...named,
        message,
        ...(given.forgottenMessages > 0 && { forgottenMessages: given.forgottenMessages }),
        ...(proposals.length > 0 && { proposals }),
      };
    } catch (error) {
      // Only what its reader stopped is kept as it stands.
      if (!(error instanceof AppError && error.code === 'cancelled')) state.isWhole = true;
      throw error;
    } finally {
      if (!state.isWhole && kept !== null) {
        keepAnswer(kept, stoppedMessage(arm, text.trim(), request.adapter?.id ?? null));
      }
    }
  }

  function keepAnswer({ conversation, question }: KeptQuestion, answer: ChatMessage): void {
    conversations.keepAnswer(conversation.id, question.id, answer);
    input.announceKept();
  }

  function propose({ question, conversation }: KeptQuestion): string[] {
    return input.propose(question.text, { name: conversation.title, conversationId: conversation.id });
  }

  /** The question as kept, pieces of the answer, then the whole. Leaving the iteration stops the model. */
  async function* send(
    request: WindowRequest,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<ChatEvent, void, undefined> {
    checkQuestion(request);
    input.assertFree();
    keepWarm.stop();
    const adapter = request.adapterId === undefined ? undefined : input.findAdapter(request.adapterId);
    const kept =
      request.conversationId === null
        ? null
        : conversations.keepQuestion({
            conversationId: request.conversationId === 'new' ? undefined : request.conversationId,
            text: request.question,
            replaces: request.replaces,
          });
    if (kept !== null) {
      input.announceKept();
      yield { type: 'kept', conversation: kept.conversation, question: kept.question };
    }
    const turns = turnsOf(kept?.earlier ?? []);
    const arms: ArmName[] = request.compare && request.arm !== 'base' ? [request.arm, 'base'] : [request.arm];
    for (const arm of arms) {
      if (signal?.aborted === true) throw cancelledError(signal.reason);
      yield* answerOf(arm, { ...request, adapter }, { kept, turns }, signal);
    }
  }

  return {
    send,
    /** An answer of a temporary chat that was given lately. */
    findExchange: (messageId: string): Exchange | undefined => exchanges.get(messageId),
  };
}

function checkQuestion(request: WindowRequest): void {
  if (request.question.trim() === '') {
    throw new AppError('invalid-input', 'The question is empty.', { hint: 'Ask something.' });
  }
  if (request.question.length > longestQuestion) {
    throw new AppError(
      'invalid-input',
      `The message has ${request.question.length} characters; the longest allowed is ${longestQuestion}.`,
      { hint: 'Shorten it, or give it to the Inbox as a file.' },
    );
  }
  const isKnown = request.conversationId !== null && request.conversationId !== 'new';
  if (request.replaces !== undefined && !isKnown) {
    throw new AppError('invalid-input', 'Only a line of a kept conversation can be replaced.', {
      hint: 'Send it as a new message.',
    });
  }
}
