import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { answeredBy, armName } from '../../contract/entities/evaluation.ts';
import { chatMessage, type ChatMessage, type Conversation } from '../../contract/entities/conversation.ts';

const conversationRow = z.object({
  id: z.string(),
  title: z.string(),
  created_at: z.number(),
  updated_at: z.number(),
  messages: z.number(),
});

const messageRow = z.object({
  id: z.string(),
  turn: z.number(),
  role: z.enum(['user', 'assistant']),
  arm: armName.nullable(),
  text: z.string(),
  answered_by: answeredBy.nullable(),
  adapter_id: z.string().nullable(),
  basis: z.string().nullable(),
  stopped: z.number(),
  created_at: z.number(),
});

const ids = z.array(z.string());
const holders = z.array(z.object({ conversation_id: z.string(), sequence: z.number() }));

/** A line with the number of the question that it belongs to. */
export type StoredMessage = ChatMessage & { readonly turn: number };

/** The place of a page's first conversation: after this one in the order of the list. */
export type ListPlace = { readonly updatedAt: number; readonly id: string };

export type ConversationStore = ReturnType<typeof createConversationStore>;

/** SQL of kept conversations. */
export function createConversationStore(db: Database) {
  const fields = `c.id, c.title, c.created_at, c.updated_at,
    (SELECT count(*) FROM messages AS m WHERE m.conversation_id = c.id) AS messages`;
  const after = '(@all OR c.updated_at < @updatedAt OR (c.updated_at = @updatedAt AND c.id < @id))';
  const newestFirst = 'ORDER BY c.updated_at DESC, c.id DESC LIMIT @limit';
  const page = db.prepare(`SELECT ${fields} FROM conversations AS c WHERE ${after} ${newestFirst}`);
  const pageOf = db.prepare(
    `SELECT ${fields} FROM conversations AS c
     WHERE c.id IN (SELECT value FROM json_each(@ids)) AND ${after} ${newestFirst}`,
  );
  const byId = db.prepare(`SELECT ${fields} FROM conversations AS c WHERE c.id = ?`);
  const countAll = db.prepare('SELECT count(*) FROM conversations').pluck();
  const insert = db.prepare(
    'INSERT INTO conversations (id, title, created_at, updated_at) VALUES (@id, @title, @now, @now)',
  );
  const touch = db.prepare('UPDATE conversations SET updated_at = max(updated_at, ?) WHERE id = ?');
  const rename = db.prepare('UPDATE conversations SET title = ?, named = 1 WHERE id = ?');
  const retitle = db.prepare('UPDATE conversations SET title = ? WHERE id = ? AND named = 0');
  const remove = db.prepare('DELETE FROM conversations WHERE id = ?');
  const removeAll = db.prepare('DELETE FROM conversations');
  const columns = 'id, turn, role, arm, text, answered_by, adapter_id, basis, stopped, created_at';
  const lines = db.prepare(
    `SELECT ${columns} FROM messages WHERE conversation_id = ? ORDER BY turn, sequence`,
  );
  const line = db.prepare(`SELECT ${columns}, conversation_id FROM messages WHERE id = ?`);
  const insertQuestion = db.prepare(
    `INSERT INTO messages (conversation_id, turn, id, role, created_at, text)
     SELECT @conversationId, coalesce(max(sequence), 0) + 1, @id, 'user', @createdAt, @text FROM messages`,
  );
  const insertAnswer = db.prepare(
    `INSERT INTO messages (conversation_id, turn, id, role, arm, answered_by, adapter_id, basis, stopped, created_at, text)
     SELECT conversation_id, turn, @id, 'assistant', @arm, @answeredBy, @adapterId, @basis, @stopped, @createdAt, @text
     FROM messages WHERE id = @questionId`,
  );
  const removeFrom = db.prepare('DELETE FROM messages WHERE conversation_id = ? AND turn >= ?');
  const setBasis = db.prepare('UPDATE messages SET basis = ? WHERE id = ?');
  const withBasis = db.prepare(
    `SELECT id, basis FROM messages WHERE basis IS NOT NULL AND EXISTS (
       SELECT 1 FROM json_each(@needles) WHERE instr(messages.basis, value) > 0)`,
  );
  const titled = db
    .prepare(
      `SELECT c.id FROM conversation_search AS s JOIN conversations AS c ON c.sequence = s.rowid
       WHERE conversation_search MATCH ?`,
    )
    .pluck();
  const saying = db.prepare(
    `SELECT m.conversation_id, max(m.sequence) AS sequence
     FROM message_search AS s JOIN messages AS m ON m.sequence = s.rowid
     WHERE message_search MATCH ? GROUP BY m.conversation_id`,
  );
  const titledWith = db.prepare('SELECT id FROM conversations WHERE instr(lower(title), ?)').pluck();
  const holding = db.prepare(
    `SELECT conversation_id, max(sequence) AS sequence FROM messages WHERE instr(lower(text), ?)
     GROUP BY conversation_id`,
  );
  const textAt = db.prepare('SELECT text FROM messages WHERE sequence = ?').pluck();

  return {
    /** Newest first. `among`: only these. */
    page: (request: {
      readonly limit: number;
      readonly after: ListPlace | null;
      readonly among: readonly string[] | null;
    }): Conversation[] => {
      const place = {
        limit: request.limit,
        all: request.after === null ? 1 : 0,
        updatedAt: request.after?.updatedAt ?? 0,
        id: request.after?.id ?? '',
      };
      const rows =
        request.among === null
          ? page.all(place)
          : pageOf.all({ ...place, ids: JSON.stringify(request.among) });
      return rows.map(toConversation);
    },
    count: (): number => z.number().parse(countAll.get()),
    find: (id: string): Conversation | undefined => {
      const row = byId.get(id);
      return row === undefined ? undefined : toConversation(row);
    },
    insert: (conversation: { readonly id: string; readonly title: string; readonly now: number }): void => {
      insert.run(conversation);
    },
    touch: (id: string, now: number): void => void touch.run(now, id),
    rename: (id: string, title: string): void => void rename.run(title, id),
    /** A title that its owner gave stays. */
    retitle: (id: string, title: string): void => void retitle.run(title, id),
    remove: (id: string): boolean => remove.run(id).changes > 0,
    removeAll: (): number => removeAll.run().changes,

    messages: (id: string): StoredMessage[] => lines.all(id).map(toMessage),
    findMessage: (id: string): (StoredMessage & { readonly conversationId: string }) | undefined => {
      const row = line.get(id);
      if (row === undefined) return undefined;
      const { conversation_id } = z.object({ conversation_id: z.string() }).parse(row);
      return { ...toMessage(row), conversationId: conversation_id };
    },
    insertQuestion: (conversationId: string, message: ChatMessage): void => {
      const { id, createdAt, text } = message;
      insertQuestion.run({ conversationId, id, createdAt, text });
    },
    /** False where the question is gone by now. */
    insertAnswer: (questionId: string, message: ChatMessage): boolean =>
      insertAnswer.run({
        ...message,
        questionId,
        basis: message.basis === null ? null : JSON.stringify(message.basis),
        stopped: message.stopped ? 1 : 0,
      }).changes > 0,
    /** Lets go of a question and of all that came after it. */
    removeFrom: (conversationId: string, turn: number): void => void removeFrom.run(conversationId, turn),
    setBasis: (id: string, basis: ChatMessage['basis']): void => {
      setBasis.run(basis === null ? null : JSON.stringify(basis), id);
    },
    /** What answers rest on, of those that hold one of these texts. */
    basesHolding: (needles: readonly string[]): { id: string; basis: NonNullable<ChatMessage['basis']> }[] =>
      z
        .array(z.object({ id: z.string(), basis: z.string() }))
        .parse(withBasis.all({ needles: JSON.stringify(needles) }))
        .flatMap(({ id, basis }) => {
          const parsed = chatMessage.shape.basis.parse(JSON.parse(basis));
          return parsed === null ? [] : [{ id, basis: parsed }];
        }),

    /** Conversations whose title fits an expression of the index, or holds a text. */
    titled: (match: string): string[] => ids.parse(titled.all(match)),
    titledWith: (text: string): string[] => ids.parse(titledWith.all(text)),
    /** Conversations that say it, each with the number of its last line that does. */
    saying: (match: string): Map<string, number> => toMap(saying.all(match)),
    holding: (text: string): Map<string, number> => toMap(holding.all(text)),
    textAt: (sequence: number): string => z.string().parse(textAt.get(sequence) ?? ''),
  };
}

function toMap(rows: unknown): Map<string, number> {
  return new Map(holders.parse(rows).map((row) => [row.conversation_id, row.sequence]));
}

function toConversation(value: unknown): Conversation {
  const { created_at, updated_at, ...row } = conversationRow.parse(value);
  return { ...row, createdAt: created_at, updatedAt: updated_at };
}

function toMessage(value: unknown): StoredMessage {
  const { answered_by, adapter_id, created_at, basis, stopped, ...row } = messageRow.parse(value);
  return {
    ...row,
    answeredBy: answered_by,
    adapterId: adapter_id,
    basis: basis === null ? null : chatMessage.shape.basis.parse(JSON.parse(basis)),
    stopped: stopped !== 0,
    createdAt: created_at,
  };
}
