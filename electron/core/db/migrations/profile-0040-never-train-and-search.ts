import type { Database } from 'better-sqlite3';

/**
 * Facts that are never trained, and the index that finds facts by their words.
 *
 * The index keeps no text of its own: its words come from the table of facts, and triggers keep the two together.
 */
export function up(db: Database): void {
  const columns = 'subject, attribute, kind, value, aliases, category, valid_from, valid_to';
  const of = (row: 'new' | 'old'): string =>
    columns
      .split(', ')
      .map((column) => `${row}.${column}`)
      .join(', ');
  const changed = columns
    .split(', ')
    .map((column) => `old.${column} IS NOT new.${column}`)
    .join(' OR ');
  const add = `INSERT INTO fact_search (rowid, ${columns}) VALUES (new.sequence, ${of('new')});`;
  const drop = `INSERT INTO fact_search (fact_search, rowid, ${columns}) VALUES ('delete', old.sequence, ${of('old')});`;
  db.exec(`
    ALTER TABLE facts ADD COLUMN never_train INTEGER NOT NULL DEFAULT 0 CHECK (never_train IN (0, 1));

    CREATE VIRTUAL TABLE fact_search USING fts5 (
      ${columns},
      content = 'facts', content_rowid = 'sequence',
      tokenize = 'unicode61 remove_diacritics 2'
    );
    INSERT INTO fact_search (fact_search) VALUES ('rebuild');

    CREATE TRIGGER fact_search_insert AFTER INSERT ON facts BEGIN ${add} END;
    CREATE TRIGGER fact_search_delete AFTER DELETE ON facts BEGIN ${drop} END;
    CREATE TRIGGER fact_search_update AFTER UPDATE ON facts WHEN ${changed} BEGIN ${drop} ${add} END;
  `);
}
