import type { Database } from 'better-sqlite3';

/**
 * Kept conversations and the indexes that find them by their words.
 *
 * The indexes keep no text of their own, and what is deleted leaves their pages at once (`secure-delete`).
 */
export function up(db: Database): void {
  const indexed = (table: string, column: string, search: string): string => `
    CREATE VIRTUAL TABLE ${search} USING fts5 (
      ${column}, content = '${table}', content_rowid = 'sequence', tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO ${search} (${search}, rank) VALUES ('secure-delete', 1);
    CREATE TRIGGER ${search}_insert AFTER INSERT ON ${table} BEGIN
      INSERT INTO ${search} (rowid, ${column}) VALUES (new.sequence, new.${column});
    END;
    CREATE TRIGGER ${search}_delete AFTER DELETE ON ${table} BEGIN
      INSERT INTO ${search} (${search}, rowid, ${column}) VALUES ('delete', old.sequence, old.${column});
    END;
    CREATE TRIGGER ${search}_update AFTER UPDATE OF ${column} ON ${table} BEGIN
      INSERT INTO ${search} (${search}, rowid, ${column}) VALUES ('delete', old.sequence, old.${column});
      INSERT INTO ${search} (rowid, ${column}) VALUES (new.sequence, new.${column});
    END;`;
  db.exec(`
    CREATE TABLE conversations (
      sequence INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      title TEXT NOT NULL,
      -- 1 once its owner named it.
      named INTEGER NOT NULL DEFAULT 0 CHECK (named IN (0, 1)),
      created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX conversations_by_time ON conversations (updated_at, id);

    CREATE TABLE messages (
      sequence INTEGER PRIMARY KEY,
      -- Before the text, so that a search need not read it.
      conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      -- The number of the question that an answer belongs to; a question's own.
      turn INTEGER NOT NULL,
      id TEXT NOT NULL UNIQUE,
      role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
      arm TEXT,
      answered_by TEXT,
      adapter_id TEXT,
      -- What an answer rests on, as JSON; null for questions.
      basis TEXT,
      stopped INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)),
      created_at INTEGER NOT NULL,
      text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_conversation ON messages (conversation_id, turn, sequence);
    ${indexed('conversations', 'title', 'conversation_search')}
    ${indexed('messages', 'text', 'message_search')}
  `);
}
