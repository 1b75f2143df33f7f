/** Asks again with the facts hidden and without the adapter: what an answer really rests on. */
import type { ChatExplanation } from '../../contract/entities/chat.ts';
import type { ChatMessage } from '../../contract/entities/conversation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { Message } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import { holdsValue } from '../evaluation/score-answer.ts';
import type { Answerer } from './answerer.ts';
import type { ConversationService } from './conversation-service.ts';
import { historyFor, turnsOf } from './history.ts';
import type { Exchange } from './window-chat.ts';

export type ExplainInput = {
  readonly give: Answerer;
  readonly conversations: ConversationService;
  readonly findExchange: (messageId: string) => Exchange | undefined;
  readonly listFacts: () => readonly Fact[];
  /** Undefined where it is gone. */
  readonly findAdapter: (id: string) => Adapter | undefined;
  readonly assertFree: () => void;
};

/** Creates the use case. */
export function createExplain(input: ExplainInput) {
  function find(messageId: string): Exchange {
    const temporary = input.findExchange(messageId);
    if (temporary !== undefined) return temporary;
    const stored = input.conversations.findMessage(messageId);
    if (stored?.role !== 'assistant') {
      throw new AppError('not-found', 'That answer is no longer kept.', { hint: 'Ask again.' });
    }
    const { messages } = input.conversations.get(stored.conversationId);
    const turns = turnsOf(messages.filter((line) => line.turn <= stored.turn));
    const asked = turns.at(-1)?.question.text ?? '';
    return {
      question: asked,
      answer: stored,
      history: historyFor(turns.slice(0, -1), stored.arm ?? 'served'),
    };
  }

  return async (
    messageId: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ChatExplanation> => {
    input.assertFree();
    const { question, answer, history } = find(messageId);
    const all = input.listFacts();
    const facts = all.filter((fact) => answer.basis?.factIds.includes(fact.id));
    const factIds = facts.map((fact) => fact.id);
    if (facts.length === 0) {
      return { verdict: 'unasked', withoutFact: null, withoutAdapter: null, factIds };
    }
    // Another version's answer would tell nothing about this one.
    const adapter = answer.adapterId === null ? null : input.findAdapter(answer.adapterId);
    if (adapter === undefined) {
      throw new AppError('not-found', 'The version that gave this answer no longer exists.', {
        hint: 'Send the question again, then ask about the new answer.',
      });
    }
    const arm = answer.arm ?? 'served';
    const shared = {
      question,
      history: withoutValues(history, facts),
      hiddenIds: hiddenWith(facts, all),
      // An answer from before the first version is asked for without one; other arms only need its base.
      adapter: adapter ?? (arm === 'served' ? null : undefined),
    };
    const withoutFact = await input.give({ ...shared, arm }, options);
    const withoutAdapter = await input.give({ ...shared, arm: 'base' }, options);
    const says = (text: string): boolean =>
      facts.some((fact) => holdsValue(text, [fact.value, ...fact.aliases]));
    const verdict = verdictOf({
      isSaidHidden: says(withoutFact.shown.answer) && withoutFact.shown.answeredBy === 'adapter',
      isSaidByBase: says(withoutAdapter.shown.answer),
      rode: facts.some((fact) => answer.basis?.bridged.includes(fact.statement)),
    });
    if (verdict === 'guess') correct(answer);
    return {
      verdict,
      withoutFact: withoutFact.shown.answer,
      withoutAdapter: withoutAdapter.shown.answer,
      factIds,
    };
  };

  /** What was found out stays with the answer. */
  function correct(answer: ChatMessage): void {
    if (answer.basis === null) return;
    input.conversations.setBasis(answer.id, { ...answer.basis, from: 'guess' });
  }
}

function verdictOf(outcome: {
  readonly isSaidHidden: boolean;
  readonly isSaidByBase: boolean;
  readonly rode: boolean;
}): ChatExplanation['verdict'] {
  if (outcome.isSaidByBase) return 'general';
  if (outcome.isSaidHidden) return 'checked';
  return outcome.rode ? 'from-prompt' : 'guess';
}

/** Turns that say a value would tell it. */
function withoutValues(history: readonly Message[], facts: readonly Fact[]): Message[] {
  const values = facts.flatMap((fact) => [fact.value, ...fact.aliases]);
  const kept: Message[] = [];
  for (let index = 0; index + 1 < history.length; index += 2) {
    const turn = history.slice(index, index + 2);
    if (!turn.some((line) => holdsValue(line.content, values))) kept.push(...turn);
  }
  return kept;
}

/** The facts, other facts of the same value, and what follows from them. */
function hiddenWith(facts: readonly Fact[], all: readonly Fact[]): ReadonlySet<string> {
  const ids = new Set(facts.map((fact) => fact.id));
  const values = facts.flatMap((fact) => [fact.value, ...fact.aliases]);
  for (const fact of all) if (holdsValue(fact.statement, values)) ids.add(fact.id);
  return ids;
}
