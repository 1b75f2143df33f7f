/** Answers that are being written. They live beside the screen: leaving Chat stops none of them. */
import { createStore } from 'zustand/vanilla';
import type { ChatEvent } from '../../../electron/contract/entities/chat.ts';
import type { ChatMessage, Conversation } from '../../../electron/contract/entities/conversation.ts';
import type { ArmName } from '../../../electron/contract/entities/evaluation.ts';
import { toAppError, type AppError } from '../../../electron/contract/errors.ts';
import type { Client } from '../../client/connect.ts';
import { nameError } from '../../state/name-error.ts';

/** Where an exchange belongs: a conversation's id, one that is begun, or the temporary chat. */
export type ChatKey = string;
export const newKey: ChatKey = 'new';
export const temporaryKey: ChatKey = 'temporary';

export type LiveAnswer = {
  readonly arm: ArmName | null;
  readonly text: string;
  /** Once it is whole. */
  readonly message: ChatMessage | null;
};

export type SendOptions = {
  readonly question: string;
  /** The user line that it takes the place of. */
  readonly replaces?: string | undefined;
  readonly compare: boolean;
  /** A version other than the one in use; `base`: none. */
  readonly adapterId?: string | undefined;
};

export type LiveExchange = {
  readonly options: SendOptions;
  /** The question as it was written down; null for a temporary chat and before that. */
  readonly question: ChatMessage | null;
  readonly answers: readonly LiveAnswer[];
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly error: AppError | null;
  readonly forgotten: number;
  readonly proposals: readonly string[];
};

export type Turn = { readonly question: string; readonly answer: string };

type LiveChats = {
  readonly exchanges: Readonly<Record<ChatKey, LiveExchange>>;
  /** Exchanges of the temporary chat; they stand nowhere else. */
  readonly temporary: readonly LiveExchange[];
};

/** The store of exchanges, by conversation. */
export const liveChats = createStore<LiveChats>(() => ({ exchanges: {}, temporary: [] }));

const stops = new Map<ChatKey, AbortController>();
/** At most ten paints a second. */
const paintMs = 100;

/** Stops the answer of a conversation; what was said so far is kept. */
export function stopAnswer(key: ChatKey): void {
  stops.get(key)?.abort();
}

/** Forgets the temporary chat. */
export function endTemporary(): void {
  stopAnswer(temporaryKey);
  drop(temporaryKey);
  liveChats.setState({ temporary: [] });
}

function drop(key: ChatKey): void {
  liveChats.setState(({ exchanges: { [key]: _gone, ...rest } }) => ({ exchanges: rest }));
}

type SendInput = SendOptions & {
  readonly client: Client;
  readonly key: ChatKey;
  /** A new conversation was written down: the page goes to its address. */
  readonly onBegun: (conversation: Conversation) => void;
  readonly onSpoken: (answer: string) => void;
};

/** Sends a question and keeps the store up to date until its last answer is whole. */
export async function sendMessage({ client, key, onBegun, onSpoken, ...options }: SendInput): Promise<void> {
  let place = key;
  const stop = new AbortController();
  stops.get(place)?.abort();
  stops.set(place, stop);
  if (place === temporaryKey) keepTemporary();
  const history = place === temporaryKey ? historyOf(liveChats.getState().temporary) : [];
  let now: LiveExchange = {
    options,
    ...{ question: null, answers: [{ arm: null, text: '', message: null }], state: 'running' },
    ...{ error: null, forgotten: 0, proposals: [] },
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const paint = () => {
    clearTimeout(timer);
    timer = undefined;
    if (stops.get(place) !== stop) return;
    const exchange = now;
    liveChats.setState(({ exchanges }) => ({ exchanges: { ...exchanges, [place]: exchange } }));
  };
  const change = (part: Partial<LiveExchange>, isUrgent = false) => {
    now = { ...now, ...part };
    if (isUrgent) paint();
    else timer ??= setTimeout(paint, paintMs);
  };
  paint();

  const onEvent = (event: ChatEvent) => {
    switch (event.type) {
      case 'kept': {
        if (place === newKey) {
          drop(newKey);
          stops.delete(newKey);
          place = event.conversation.id;
          stops.set(place, stop);
          change({ question: event.question }, true);
          onBegun(event.conversation);
        } else change({ question: event.question }, true);
        return;
      }
      case 'text':
        change({ answers: addText(now.answers, event.arm ?? null, event.text) });
        return;
      case 'done': {
        const isLast = !options.compare || event.arm === 'base';
        change(
          {
            answers: finish(now.answers, event),
            forgotten: Math.max(now.forgotten, event.forgottenMessages ?? 0),
            proposals: [...now.proposals, ...(event.proposals ?? [])],
            ...(isLast && { state: 'done' }),
          },
          true,
        );
        onSpoken(event.answer.answer);
        return;
      }
    }
  };

  try {
    const { adapterId } = options;
    const events = await client.chat.send(
      {
        question: options.question,
        conversationId: place === temporaryKey ? null : place,
        compare: options.compare && adapterId !== 'base',
        ...(adapterId === 'base' && { arm: 'base' as const }),
        ...(adapterId !== undefined && adapterId !== 'base' && { adapterId }),
        ...(options.replaces !== undefined && place !== newKey && { replaces: options.replaces }),
        ...(place === temporaryKey && { history: [...history] }),
      },
      { signal: stop.signal },
    );
    for await (const event of events) onEvent(event);
    change({ state: stop.signal.aborted ? 'stopped' : 'done' }, true);
  } catch (error) {
    const isStopped = stop.signal.aborted || toAppError(error).code === 'cancelled';
    change(isStopped ? { state: 'stopped' } : { state: 'failed', error: nameError(error) }, true);
  } finally {
    clearTimeout(timer);
    if (stops.get(place) === stop) stops.delete(place);
  }
}

/** What was said before joins the exchanges of the temporary chat. */
function keepTemporary(): void {
  const { exchanges, temporary } = liveChats.getState();
  const last = exchanges[temporaryKey];
  if (last !== undefined) liveChats.setState({ temporary: [...temporary, last] });
  drop(temporaryKey);
}

/** Replaces the last exchange of the temporary chat: its question is asked anew. */
export function dropLastTemporary(): void {
  drop(temporaryKey);
}

function historyOf(exchanges: readonly LiveExchange[]) {
  return exchanges.flatMap(({ options, answers }) => {
    const answer = answers[0]?.message?.text ?? answers[0]?.text ?? '';
    return answer === ''
      ? []
      : [
          { role: 'user' as const, content: options.question },
          { role: 'assistant' as const, content: answer },
        ];
  });
}

/** The answers with one more piece; a piece of another arm begins the next answer. */
export function addText(
  answers: readonly LiveAnswer[],
  arm: ArmName | null,
  text: string,
): readonly LiveAnswer[] {
  const last = answers.at(-1);
  if (last?.message !== null) return [...answers, { arm, text, message: null }];
  return [...answers.slice(0, -1), { ...last, arm, text: last.text + text }];
}

function finish(
  answers: readonly LiveAnswer[],
  event: Extract<ChatEvent, { type: 'done' }>,
): readonly LiveAnswer[] {
  const { answer } = event;
  const [arm, message] = [event.arm ?? null, event.message ?? plainMessage(answer)];
  const last = answers.at(-1);
  const before = last?.message !== null ? answers : answers.slice(0, -1);
  return [...before, { arm, text: answer.answer, message }];
}

/** An answer without a line of its own, as far as it tells about itself. */
function plainMessage(answer: Extract<ChatEvent, { type: 'done' }>['answer']): ChatMessage {
  const { answer: words, answeredBy, adapterId } = answer;
  const rest = { basis: null, stopped: false, createdAt: Date.now() };
  return { id: '', role: 'assistant', arm: null, text: words, answeredBy, adapterId, ...rest };
}
