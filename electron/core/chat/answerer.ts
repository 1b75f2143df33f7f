/** Lays out the prompt of a question and has it answered by the routing that evaluation measures. */
import type { ChatAnswer } from '../../contract/entities/chat.ts';
import type { ArmName } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { Message } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { LoadedModel, ModelRuntime, Sampling } from '../dependencies.ts';
import type { Kinds } from '../facts/kinds.ts';
import { bridgeBudget, chooseBridged } from '../ledger/bridge.ts';
import { contextMessages, promptMessages } from '../models/prompt.ts';
import { createLoopGuard, type LoopGuard } from './loop-guard.ts';
import { answer, greedy, type RoutedAnswer, type RoutedRequest } from '../models/routing.ts';

export type AnswererInput = {
  readonly runtime: ModelRuntime;
  readonly kinds: Kinds;
  /** Wordings by which a fact of the user's own is asked for. Defaults to none. */
  readonly wordingsOf?: (fact: Fact) => readonly string[];
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

/** A question with what only some callers choose. */
export type GiveRequest = AskRequest & {
  /** A program's own system message, behind which facts ride; undefined for the shipped one. */
  readonly systemText?: string | undefined;
  readonly maxTokens?: number | undefined;
  /** Another adapter than the active one; null: none. */
  readonly adapter?: Adapter | null | undefined;
  /** Facts that are left out of the prompt. */
  readonly hiddenIds?: ReadonlySet<string> | undefined;
  /** Whether an answer ends that only repeats itself. Defaults to true. */
  readonly endsLoops?: boolean | undefined;
};

/** An answer with all that led to it. */
export type Given = {
  readonly shown: ChatAnswer;
  readonly routed: RoutedAnswer;
  readonly model: LoadedModel;
  /** The adapter that was asked, if one was. */
  readonly adapter: Adapter | null;
  readonly messages: readonly Message[];
  /** Ids of the facts that rode in the prompt. */
  readonly bridgedIds: readonly string[];
  readonly provedIds: ReadonlySet<string>;
  readonly facts: readonly Fact[];
  /** Messages at the beginning of the history that did not fit. */
  readonly forgottenMessages: number;
};

type Streaming = Pick<RoutedRequest, 'onText' | 'shouldStop'>;

export type GiveOptions = { readonly signal?: AbortSignal | undefined };

export type Answerer = ReturnType<typeof createAnswerer>;

/** Tokens that an answer may have. */
export const answerTokens = 256;

/** Facts that answer a question without what was said before. */
const mostAlone = 3;

/** Creates what every kind of chat answers with. */
export function createAnswerer(input: AnswererInput) {
  return async function give(
    request: GiveRequest,
    { signal }: GiveOptions,
    streaming: Streaming = {},
  ): Promise<Given> {
    if (request.question.trim() === '') {
      throw new AppError('invalid-input', 'The question is empty.', { hint: 'Ask something.' });
    }
    const adapter = request.adapter === null ? undefined : (request.adapter ?? input.activeAdapter());
    const base = await input.resolveBase(adapter);
    const options = signal === undefined ? {} : { signal };
    const model = await input.runtime.load(base.file, options);
    const usesAdapter = request.arm !== 'base' && request.arm !== 'prompt';
    const facts = input.listFacts();
    const provedIds = input.provedIds(adapter);
    const isPlain = request.arm === 'served' && adapter === undefined;
    const bridge = bridgeOf(input, { request, model, facts, provedIds, isPlain });
    // What a few facts answer stands alone: a small base reads its own earlier sentences before the facts.
    const history =
      isPlain && bridge.factIds.length > 0 && bridge.factIds.length <= mostAlone ? [] : request.history;
    const messages = fitHistory(
      model,
      {
        systemText: request.systemText ?? input.systemText,
        statements: bridge.statements,
        history,
        user: request.question,
        isOwnSystem: request.systemText !== undefined,
      },
      isPlain ? contextMessages : promptMessages,
    );
    const loops = createLoopGuard();
    const given = await answer(
      model,
      {
        messages,
        adapterFile: usesAdapter ? (adapter?.file ?? null) : null,
        standalone: adapter?.objective === 'standalone',
        maxTokens: request.maxTokens ?? answerTokens,
        sampling: toSampling(request),
        ...(request.endsLoops === false ? streaming : guarded(streaming, loops)),
      },
      options,
    );
    const routed: RoutedAnswer = { ...given, text: loops.cut(given.text) };
    const asked = usesAdapter ? (adapter ?? null) : null;
    const shown: ChatAnswer = {
      answer: routed.text,
      answeredBy: routed.answeredBy,
      adapterId: asked?.id ?? null,
      bridged: [...bridge.statements],
    };
    return {
      ...{ shown, routed, model, messages, provedIds, facts },
      adapter: asked,
      bridgedIds: bridge.factIds,
      forgottenMessages: history.length + 2 - messages.length,
    };
  };
}

function guarded(streaming: Streaming, loops: LoopGuard): Streaming {
  return {
    onText: (piece) => {
      loops.push(piece);
      streaming.onText?.(piece);
    },
    shouldStop: () => streaming.shouldStop?.() === true || loops.isLooping(),
  };
}

/** The facts that ride in the prompt of an arm. */
function bridgeOf(
  { kinds, wordingsOf }: Pick<AnswererInput, 'kinds' | 'wordingsOf'>,
  context: {
    readonly request: GiveRequest;
    readonly model: LoadedModel;
    readonly facts: readonly Fact[];
    readonly provedIds: ReadonlySet<string>;
    /** The base answers, which no adapter has taught to read many facts. */
    readonly isPlain: boolean;
  },
): { readonly statements: readonly string[]; readonly factIds: readonly string[] } {
  const { request, model, facts, provedIds, isPlain } = context;
  if (request.arm === 'base' || request.arm === 'tuned') return { statements: [], factIds: [] };
  const isServed = request.arm === 'served';
  const hidden = request.hiddenIds;
  return chooseBridged({
    facts: hidden === undefined ? facts : facts.filter((fact) => !hidden.has(fact.id)),
    provedIds: isServed ? provedIds : new Set(),
    question: request.question,
    budgetTokens: isServed ? bridgeBudget(model.contextLength) : Math.floor(model.contextLength / 2),
    countTokens: (text) => model.encodeText(text).length,
    kinds,
    narrowing: isPlain ? 'closest' : isServed ? 'plain' : 'none',
    ...(wordingsOf === undefined ? {} : { wordingsOf }),
  });
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
  parts: Parameters<typeof contextMessages>[0],
  layOut: (parts: Parameters<typeof contextMessages>[0]) => Message[] = promptMessages,
): Message[] {
  let history = withoutHopeless(model, parts.history ?? []);
  for (;;) {
    const messages = layOut({ ...parts, history });
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
