/** Stored lines and answers that are being written, joined to what the reader sees: one question, its answers. */
import type { ChatMessage } from '../../../electron/contract/entities/conversation.ts';
import type { AppError } from '../../../electron/contract/errors.ts';
import type { ArmName } from '../../../electron/contract/entities/evaluation.ts';
import type { LiveExchange } from './live-chats.ts';

export type ShownAnswer = {
  readonly key: string;
  readonly arm: ArmName | null;
  readonly text: string;
  readonly message: ChatMessage | null;
  readonly state: 'writing' | 'whole' | 'stopped';
};

export type ShownExchange = {
  readonly key: string;
  readonly questionId: string | null;
  readonly question: string;
  readonly answers: readonly ShownAnswer[];
  readonly error: AppError | null;
  readonly proposals: readonly string[];
  readonly isRunning: boolean;
};

/** Exchanges of a kept conversation; what is stored wins over what was streamed. */
export function joinExchanges(
  messages: readonly ChatMessage[],
  live: LiveExchange | undefined,
): readonly ShownExchange[] {
  const stored = fromMessages(messages);
  if (live === undefined) return stored;
  const id = live.question?.id ?? null;
  const at = id === null ? -1 : stored.findIndex(({ questionId }) => questionId === id);
  const replaced =
    at === -1 ? stored.findIndex(({ questionId }) => questionId === live.options.replaces) : at;
  const before = replaced === -1 ? stored : stored.slice(0, replaced);
  const found = at === -1 ? undefined : stored[at];
  const after = at === -1 ? [] : stored.slice(at + 1);
  return [...before, joinLive(live, found), ...after];
}

/** Exchanges of the temporary chat. */
export function temporaryExchanges(
  ended: readonly LiveExchange[],
  live: LiveExchange | undefined,
): readonly ShownExchange[] {
  return [...ended, ...(live === undefined ? [] : [live])].map((exchange, index) => ({
    ...joinLive(exchange, undefined),
    key: `temporary-${index}`,
  }));
}

function fromMessages(messages: readonly ChatMessage[]): ShownExchange[] {
  const exchanges: (ShownExchange & { answers: ShownAnswer[] })[] = [];
  for (const message of messages) {
    if (message.role === 'user') {
      exchanges.push({
        ...{ key: message.id, questionId: message.id, question: message.text, answers: [] },
        ...{ error: null, proposals: [], isRunning: false },
      });
    } else exchanges.at(-1)?.answers.push(storedAnswer(message));
  }
  return exchanges;
}

const storedAnswer = (message: ChatMessage): ShownAnswer => ({
  ...{ key: message.id, arm: message.arm, text: message.text, message },
  state: message.stopped ? 'stopped' : 'whole',
});

function joinLive(live: LiveExchange, stored: ShownExchange | undefined): ShownExchange {
  const isRunning = live.state === 'running';
  const streamed = live.answers.map(({ arm, text, message }, index): ShownAnswer => {
    const state = message === null ? (isRunning ? 'writing' : 'stopped') : 'whole';
    return { key: message?.id ?? `live-${index}`, arm, text, message, state };
  });
  const kept = stored?.answers ?? [];
  const answers = Array.from(
    { length: Math.max(kept.length, streamed.length) },
    (_, index) => kept[index] ?? streamed[index],
  ).filter((answer) => answer !== undefined);
  return {
    key: live.question?.id ?? 'live',
    questionId: live.question?.id ?? null,
    question: live.question?.text ?? live.options.question,
    // A failed answer of which nothing was said is told by its error alone.
    answers: answers.filter(
      ({ text, state }) => state !== 'stopped' || text !== '' || live.state !== 'failed',
    ),
    ...{ error: live.error, proposals: live.proposals, isRunning },
  };
}

/** The text in its finished blocks and the one that is still open; code between fences is one block. */
export function splitBlocks(text: string): { readonly finished: readonly string[]; readonly open: string } {
  const finished: string[] = [];
  let lines: string[] = [];
  let isInFence = false;
  const all = text.split('\n');
  for (const line of all.slice(0, -1)) {
    const isFence = /^\s*(```|~~~)/u.test(line);
    if (isFence) isInFence = !isInFence;
    if (line.trim() === '' && !isInFence) {
      if (lines.length > 0) finished.push(lines.join('\n'));
      lines = [];
    } else lines.push(line);
  }
  return { finished, open: [...lines, all.at(-1) ?? ''].join('\n') };
}

export type DayGroup = 'today' | 'yesterday' | 'week' | 'older';

/** Which group of the list a moment belongs to. */
export function dayGroup(at: number, now: number): DayGroup {
  const startOfToday = new Date(now).setHours(0, 0, 0, 0);
  const dayMs = 86_400_000;
  if (at >= startOfToday) return 'today';
  if (at >= startOfToday - dayMs) return 'yesterday';
  return at >= startOfToday - 7 * dayMs ? 'week' : 'older';
}
