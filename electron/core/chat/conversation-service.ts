/** Use cases of kept conversations: list, find, read, name, remove, and what a chat writes down. */
import type { Database } from 'better-sqlite3';
import type { ChatMessage, Conversation, FoundConversation } from '../../contract/entities/conversation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import { AppError } from '../../contract/errors.ts';
import { eraseFreePages } from '../db/open-database.ts';
import type { Clock } from '../dependencies.ts';
import { parseSearch } from '../facts/fact-search.ts';
import { normaliseText } from '../util/text.ts';
import { createConversationStore, type ListPlace, type StoredMessage } from './conversation-store.ts';
import { excerptOf, titleOf } from './conversation-text.ts';

export type ConversationServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
};

/** A page of the list. */
export type ConversationPage = {
  readonly conversations: FoundConversation[];
  readonly total: number;
  readonly nextCursor: string | null;
};

/** A question that was written down, with the turns before it. */
export type KeptQuestion = {
  readonly conversation: Conversation;
  readonly question: ChatMessage;
  readonly earlier: readonly StoredMessage[];
};

export type ConversationService = ReturnType<typeof createConversationService>;

/** Creates the use cases over one profile's database. */
export function createConversationService({ db, clock, newId }: ConversationServiceInput) {
  const store = createConversationStore(db);

  function resolve(id: string): Conversation {
    const found = store.find(id);
    if (found !== undefined) return found;
    throw new AppError('not-found', 'That conversation no longer exists.', {
      hint: 'Choose another one or begin a new one.',
    });
  }

  /** Every text and every word must stand in the title, or in one line. */
  function search(text: string): { readonly ids: string[]; readonly lines: ReadonlyMap<string, number> } {
    const { match, texts } = parseSearch(text);
    const parts = [
      ...(match === null ? [] : [{ titles: store.titled(match), lines: store.saying(match) }]),
      ...texts.map((each) => ({ titles: store.titledWith(each), lines: store.holding(each) })),
    ];
    const sets = parts.map(({ titles, lines }) => new Set([...titles, ...lines.keys()]));
    const [first, ...rest] = sets;
    const ids = [...(first ?? [])].filter((id) => rest.every((set) => set.has(id)));
    return { ids, lines: parts[0]?.lines ?? new Map<string, number>() };
  }

  return {
    /** Newest first; a search looks at titles and texts. */
    list: (request: {
      readonly search?: string | undefined;
      readonly limit: number;
      readonly cursor?: string | undefined;
    }): ConversationPage => {
      const wanted = request.search?.trim() ?? '';
      const found = wanted === '' ? null : search(wanted);
      const rows = store.page({
        limit: request.limit + 1,
        after: request.cursor === undefined ? null : readCursor(request.cursor),
        among: found?.ids ?? null,
      });
      const words = wanted.match(/[\p{L}\p{N}\p{M}]+|[^\s]/gu) ?? [];
      const shown = rows.slice(0, request.limit);
      const last = shown.at(-1);
      return {
        conversations: shown.map((conversation) => {
          const line = found?.lines.get(conversation.id);
          return {
            ...conversation,
            excerpt: line === undefined ? null : excerptOf(store.textAt(line), words),
          };
        }),
        total: found === null ? store.count() : found.ids.length,
        nextCursor: rows.length > request.limit && last !== undefined ? writeCursor(last) : null,
      };
    },
    get: (id: string): { conversation: Conversation; messages: StoredMessage[] } => ({
      conversation: resolve(id),
      messages: store.messages(id),
    }),
    findMessage: (id: string) => store.findMessage(id),
    rename: (id: string, title: string): Conversation => {
      resolve(id);
      const clean = normaliseText(title.replace(/\p{Cc}/gu, ' '));
      if (clean === '') {
        throw new AppError('invalid-input', 'The title is empty.', {
          hint: 'Give the conversation a title.',
        });
      }
      store.rename(id, clean);
      return resolve(id);
    },
    /** Gone for good: the texts are overwritten in the file. */
    remove: (id: string): string => {
      resolve(id);
      store.remove(id);
      eraseFreePages(db);
      return id;
    },
    removeAll: (): number => {
      const removed = store.removeAll();
      if (removed > 0) eraseFreePages(db);
      return removed;
    },

    /**
     * Writes a question down before a model begins. `conversationId` undefined begins a conversation; `replaces` lets go
     * of an earlier question and of all that came after it.
     */
    keepQuestion: (request: {
      readonly conversationId: string | undefined;
      readonly text: string;
      readonly replaces?: string | undefined;
    }): KeptQuestion =>
      db
        .transaction((): KeptQuestion => {
          const now = clock.now();
          const id = request.conversationId ?? newId();
          if (request.conversationId === undefined) {
            store.insert({ id, title: titleOf(request.text), now });
          } else {
            resolve(id);
            if (request.replaces !== undefined) replace(id, request.replaces, request.text);
            store.touch(id, now);
          }
          const earlier = store.messages(id);
          const question: ChatMessage = {
            id: newId(),
            role: 'user',
            arm: null,
            text: request.text,
            answeredBy: null,
            adapterId: null,
            basis: null,
            stopped: false,
            createdAt: now,
          };
          store.insertQuestion(id, question);
          return { conversation: resolve(id), question, earlier };
        })
        .immediate(),
    /** Writes an answer down; false where its question was removed meanwhile. */
    keepAnswer: (conversationId: string, questionId: string, answer: ChatMessage): boolean =>
      db
        .transaction(() => {
          store.touch(conversationId, answer.createdAt);
          return store.insertAnswer(questionId, answer);
        })
        .immediate(),
    setBasis: (messageId: string, basis: ChatMessage['basis']): void => store.setBasis(messageId, basis),

    /** Takes facts out of what answers are said to rest on; the texts of conversations stay. */
    forgetFacts: (
      facts: readonly Pick<Fact, 'id' | 'statement' | 'value'>[],
      factIds: readonly string[],
    ): void => {
      const gone = new Set(factIds);
      const values = facts.map((fact) => fact.value.toLowerCase());
      const written = facts.map((fact) => JSON.stringify(fact.value).slice(1, -1));
      for (const { id, basis } of store.basesHolding([...gone, ...written])) {
        store.setBasis(id, {
          ...basis,
          factIds: basis.factIds.filter((each) => !gone.has(each)),
          bridged: basis.bridged.filter(
            (statement) => !values.some((value) => statement.toLowerCase().includes(value)),
          ),
        });
      }
    },
    /** Conversations whose texts say one of these values. */
    mentioning: (values: readonly string[]): { id: string; title: string }[] => {
      const found = new Set(
        values.flatMap((value) => {
          if (!/[\p{L}\p{N}]/u.test(value))
            return [...store.holding(value).keys(), ...store.titledWith(value)];
          const phrase = `"${value.replace(/"/gu, ' ')}"`;
          return [...store.saying(phrase).keys(), ...store.titled(phrase)];
        }),
      );
      return [...found].flatMap((id) => {
        const conversation = store.find(id);
        return conversation === undefined ? [] : [{ id, title: conversation.title }];
      });
    },
  };

  function replace(conversationId: string, messageId: string, text: string): void {
    const replaced = store.findMessage(messageId);
    if (replaced?.conversationId !== conversationId || replaced.role !== 'user') {
      throw new AppError('not-found', 'The message to replace is not in this conversation.', {
        hint: 'Open the conversation again.',
      });
    }
    store.removeFrom(conversationId, replaced.turn);
    if (store.messages(conversationId).length === 0) store.retitle(conversationId, titleOf(text));
  }
}

function writeCursor({ updatedAt, id }: ListPlace): string {
  return `${updatedAt} ${id}`;
}

function readCursor(cursor: string): ListPlace {
  const parts = /^(\d{1,16}) (.+)$/u.exec(cursor);
  if (parts === null) {
    throw new AppError('invalid-input', 'The list cannot go on from there.', {
      hint: 'Read it from its beginning.',
    });
  }
  return { updatedAt: Number(parts[1]), id: parts[2] ?? '' };
}
