/** Orders facts by how well their words fit a question: BM25 over an index in memory (SQLite FTS5, English stems). */
import BetterSqlite from 'better-sqlite3';
import { z } from 'zod';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Kinds } from '../facts/kinds.ts';

/** Longer questions are cut: the first words say what is asked. */
const mostWords = 100;

const positions = z.array(z.number().int());

/** The best fitting facts first, then those that share no word with the question, newest first. */
export function rankFacts(facts: readonly Fact[], question: string, kinds?: Kinds): Fact[] {
  const newestFirst = facts
    .map((fact, position) => ({ fact, position }))
    .sort((a, b) => b.fact.createdAt - a.fact.createdAt || b.position - a.position)
    .map(({ fact }) => fact);
  const matching = findMatching(newestFirst, question, kinds);
  const matched = new Set(matching);
  return [...matching, ...newestFirst.filter((fact) => !matched.has(fact))];
}

function findMatching(facts: readonly Fact[], question: string, kinds: Kinds | undefined): Fact[] {
  const words = [...new Set(question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].slice(0, mostWords);
  if (words.length === 0) return [];
  const db = new BetterSqlite(':memory:');
  try {
    db.exec(
      `CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'porter unicode61 remove_diacritics 2')`,
    );
    const insert = db.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
    db.transaction(() => facts.forEach((fact, position) => insert.run(position, wordsOf(fact, kinds))))();
    const query = words.map((word) => `"${word}"`).join(' OR ');
    const found = db
      .prepare('SELECT rowid FROM words WHERE text MATCH ? ORDER BY rank, rowid')
      .pluck()
      .all(query);
    return positions.parse(found).flatMap((position) => facts[position] ?? []);
  } finally {
    db.close();
  }
}

function wordsOf(fact: Fact, kinds: Kinds | undefined): string {
  const kind = fact.kind === null ? undefined : kinds?.byId.get(fact.kind);
  const names = kind === undefined ? [] : [kind.label, ...kind.aliases];
  return [fact.statement, fact.attribute, ...fact.aliases, ...names].join(' ');
}
