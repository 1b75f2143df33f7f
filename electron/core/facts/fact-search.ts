/**
 * Facts by their words: SQLite FTS5, every word a beginning ("port" finds "Porto"), case and accents folded.
 *
 * Scripts that write no spaces, emoji and other signs are no words to the index; they are looked for as they stand.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** Longer searches are cut. */
const mostWords = 50;

/** Words of a statement that stand in none of its fields. */
const fillers = new Set(
  'a an and are be for former from in is me my of on or s since the their to until was were will your'.split(
    ' ',
  ),
);

/** What a search looks for: an expression for the index, and texts that must stand in the fact; null and [] for all. */
export type SearchQuery = { readonly match: string | null; readonly texts: readonly string[] };

/** Reads whatever a person types; nothing in it is syntax. */
export function parseSearch(text: string): SearchQuery {
  const clean = text.normalize('NFC').replace(/\p{Cc}+/gu, ' ');
  const pieces =
    clean.toLowerCase().match(/[\p{L}\p{N}\p{M}]+|[\p{S}\p{Extended_Pictographic}\p{Co}]+/gu) ?? [];
  const words = [...new Set(pieces)].slice(0, mostWords);
  const indexed = words.filter(isIndexed);
  const texts = words.filter((word) => !isIndexed(word));
  const telling = indexed.filter((word) => !fillers.has(word));
  const wanted = telling.length > 0 || texts.length > 0 ? telling : indexed;
  const match = wanted.length === 0 ? null : wanted.map((word) => `"${word}"*`).join(' AND ');
  if (match !== null || texts.length > 0) return { match, texts };
  const rest = clean.trim();
  return { match: null, texts: rest === '' ? [] : [rest.toLowerCase()] };
}

/** Alphabets whose words the index keeps apart by spaces. */
function isIndexed(word: string): boolean {
  return (
    /[\p{L}\p{Nd}]/u.test(word) &&
    /^[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}\p{sc=Hebrew}\p{sc=Arabic}\p{M}\p{Nd}]+$/u.test(
      word,
    )
  );
}

const places = z.array(z.number());

export type FactSearch = ReturnType<typeof createFactSearch>;

/** Searches the tables `facts` and `fact_search` of a database. */
export function createFactSearch(db: Database) {
  const all = db.prepare('SELECT sequence FROM facts').pluck();
  const matching = db.prepare('SELECT rowid FROM fact_search WHERE fact_search MATCH ?').pluck();
  const holding = db
    .prepare(
      `SELECT sequence FROM facts WHERE instr(lower(
         subject || char(10) || attribute || char(10) || value || char(10) || category || char(10)
         || CASE aliases WHEN '[]' THEN '' ELSE (SELECT group_concat(value, char(10)) FROM json_each(aliases)) END), ?)`,
    )
    .pluck();
  return {
    /** Sequence numbers of the facts that a search finds; null where it asks for nothing. */
    find: ({ match, texts }: SearchQuery): ReadonlySet<number> | null => {
      if (match === null && texts.length === 0) return null;
      let found = new Set(
        places.parse((match === null ? all : matching).all(...(match === null ? [] : [match]))),
      );
      for (const text of texts) {
        const holders = new Set(places.parse(holding.all(text)));
        found = new Set([...found].filter((place) => holders.has(place)));
      }
      return found;
    },
  };
}
