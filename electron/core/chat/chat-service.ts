/** Chat: one question with its history, answered by the routing that evaluation measures. */
import type { ChatAnswer, ChatEvent } from '../../contract/entities/chat.ts';
import type { ArmName } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { Message } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { LoadedModel, ModelRuntime, Sampling } from '../dependencies.ts';
import type { Kinds } from '../facts/kinds.ts';
import { bridgeBudget, chooseBridged } from '../ledger/bridge.ts';
import { promptMessages } from '../models/prompt.ts';
import { answer, greedy, type RoutedRequest } from '../models/routing.ts';
import { createTextGate } from './text-gate.ts';

export type ChatServiceInput = {
  readonly runtime: ModelRuntime;
  readonly kinds: Kinds;
  readonly systemText: string;
  readonly listFacts: () => readonly Fact[];
  /** The active adapter, its file checked; undefined: the base answers. */
  readonly activeAdapter: () => Adapter | undefined;
  readonly resolveBase: (adapter: Adapter | undefined) => Promise<BaseModel>;
  /** Facts that the adapter has proved to know. */
  readonly provedIds: (adapter: Adapter | undefined) => ReadonlySet<string>;
};

export type AskRequest = {
  readonly question: string;
  readonly arm: ArmName;
  readonly history: readonly Message[];
  readonly sampling?:
    { readonly temperature: number; readonly seed: number; readonly topP?: number | undefined } | undefined;
};

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

type AskOptions = { readonly signal?: AbortSignal | undefined };

export type ChatService = ReturnType<typeof createChatService>;

const answerTokens = 256;

/** Use cases of chat. */
export function createChatService(input: ChatServiceInput) {
  async function give(
    request: AskRequest & Pick<CompletionRequest, 'systemText' | 'maxTokens'>,
    { signal }: AskOptions,
    streaming: Pick<RoutedRequest, 'onText' | 'shouldStop'> = {},
  ) {
    if (request.question.trim() === '') {
      throw new AppError('invalid-input', 'The question is empty.', { hint: 'Ask something.' });
    }
    const adapter = input.activeAdapter();
    const base = await input.resolveBase(adapter);
    const options = signal === undefined ? {} : { signal };
    const model = await input.runtime.load(base.file, options);
    const usesAdapter = request.arm !== 'base' && request.arm !== 'prompt';
    const statements = statementsFor(input, request, model, adapter);
    const messages = fitHistory(model, {
      systemText: request.systemText ?? input.systemText,
      statements,
      history: request.history,
      user: request.question,
    });
    const given = await answer(
      model,
      {
        messages,
        adapterFile: usesAdapter ? (adapter?.file ?? null) : null,
        standalone: adapter?.objective === 'standalone',
        maxTokens: request.maxTokens ?? answerTokens,
        sampling: toSampling(request),
        ...streaming,
      },
      options,
    );
    const shown: ChatAnswer = {
      answer: given.text,
      answeredBy: given.answeredBy,
      adapterId: usesAdapter ? (adapter?.id ?? null) : null,
      bridged: [...statements],
    };
    return { shown, given, promptTokens: model.encodePrompt(messages).length };
  }

  async function ask(
    request: AskRequest,
    options: AskOptions,
    onText?: (piece: string) => void,
  ): Promise<ChatAnswer> {
    return (await give(request, options, onText === undefined ? {} : { onText })).shown;
  }

  return {
    ask(request: AskRequest, options: AskOptions = {}): Promise<ChatAnswer> {
      return ask(request, options);
    },

    /** As `ask`, for a program: its own system message, length and stop texts. `onText` gets what `answer` holds. */
    async complete(
      { model, stop = [], ...request }: CompletionRequest,
      { onText, ...options }: AskOptions & { readonly onText?: (piece: string) => void } = {},
    ): Promise<Completion> {
      const gate = createTextGate(stop, onText ?? (() => undefined));
      const arm = model === 'base' ? 'base' : 'served';
      const { shown, given, promptTokens } = await give({ ...request, arm }, options, {
        onText: gate.push,
        shouldStop: gate.isStopped,
      });
      return {
        ...shown,
        answer: gate.finish(),
        finish: given.stopped || gate.isStopped() ? 'stop' : 'length',
        promptTokens,
        answerTokens: given.tokenCount,
      };
    },

    /** The answer piece by piece, then as a whole. Leaving the iteration stops the model. */
    async *send(request: AskRequest, options: AskOptions = {}): AsyncGenerator<ChatEvent> {
      const left = new AbortController();
      const signal =
        options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
      const pieces: string[] = [];
      let wake: () => void = () => undefined;
      const state = { ended: false };
      const asking = ask(request, { signal }, (piece) => {
        pieces.push(piece);
        wake();
      }).finally(() => {
        state.ended = true;
        wake();
      });
      asking.catch(() => undefined); // thrown to the reader below
      try {
        for (;;) {
          for (let text = pieces.shift(); text !== undefined; text = pieces.shift()) {
            yield { type: 'text', text };
          }
          if (state.ended) break;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        yield { type: 'done', answer: await asking };
      } finally {
        left.abort();
      }
    },
  };
}

/** Statements that ride in the prompt of an arm. */
function statementsFor(
  input: ChatServiceInput,
  request: Pick<AskRequest, 'arm' | 'question'>,
  model: LoadedModel,
  adapter: Adapter | undefined,
): readonly string[] {
  if (request.arm === 'base' || request.arm === 'tuned') return [];
  const isServed = request.arm === 'served';
  return bridgeStatements(input, {
    model,
    question: request.question,
    provedIds: isServed ? input.provedIds(adapter) : new Set(),
    budgetTokens: isServed ? bridgeBudget(model.contextLength) : Math.floor(model.contextLength / 2),
  });
}

/** The facts that ride with one question. */
function bridgeStatements(
  input: Pick<ChatServiceInput, 'listFacts' | 'kinds'>,
  choice: {
    readonly model: LoadedModel;
    readonly question: string;
    readonly provedIds: ReadonlySet<string>;
    readonly budgetTokens: number;
  },
): readonly string[] {
  return chooseBridged({
    facts: input.listFacts(),
    provedIds: choice.provedIds,
    question: choice.question,
    budgetTokens: choice.budgetTokens,
    countTokens: (text) => choice.model.encodeText(text).length,
    kinds: input.kinds,
  }).statements;
}

/** The latest turns that may fit: laying out thousands again and again would take minutes. */
function withoutHopeless(
  model: Pick<LoadedModel, 'encodeText' | 'contextLength'>,
  history: readonly Message[],
): Message[] {
  let left = model.contextLength;
  let first = history.length;
  while (first > 0) {
    left -= model.encodeText(history[first - 1]?.content ?? '').length;
    if (left < 0) break;
    first -= 1;
  }
  // A conversation begins with the user.
  while (first > 0 && history[first]?.role === 'assistant') first += 1;
  return history.slice(first);
}

/** Leaves out the oldest turns until question and answer fit into the context. */
export function fitHistory(
  model: Pick<LoadedModel, 'encodePrompt' | 'encodeText' | 'contextLength'>,
  parts: Parameters<typeof promptMessages>[0],
): Message[] {
  let history = withoutHopeless(model, parts.history ?? []);
  for (;;) {
    const messages = promptMessages({ ...parts, history });
    const length = model.encodePrompt(messages).length + answerTokens;
    if (length <= model.contextLength || history.length === 0) return messages;
    // A conversation begins with the user.
    history = history.slice(1);
    while (history[0]?.role === 'assistant') history = history.slice(1);
  }
}

function toSampling({ sampling }: AskRequest): Sampling {
  return sampling === undefined ? greedy : { kind: 'sampled', ...sampling };
}
