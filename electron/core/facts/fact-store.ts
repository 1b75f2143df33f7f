import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { factSource } from '../../contract/entities/fact.ts';
import { takeAll, type Steps } from '../util/slices.ts';
import type { FactVersion } from './fact-version.ts';

/** A row as the table guarantees it: STRICT types and CHECKs, so that ten thousand rows need no second check. */
type FactRow = {
  /** Only where all are read. */
  readonly sequence?: number;
  readonly id: string;
  readonly subject: string;
  readonly attribute: string;
  readonly kind: string | null;
  readonly thing: string;
  readonly value: string;
  readonly aliases: string;
  readonly category: string;
  readonly tier: FactVersion['tier'];
  readonly tier_given: FactVersion['tierGiven'];
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly never_train: number;
  readonly standing: FactVersion['standing'];
  readonly supersedes: string | null;
  readonly source: string;
  readonly created_at: number;
};

const texts = z.array(z.string());
const pairs = z.array(z.object({ fact_id: z.string(), other_id: z.string() }));
/** Rows that are read at once. */
const rowsInStep = 500;

/** A version and its number in the order in which all were told. */
export type NumberedVersion = { readonly version: FactVersion; readonly sequence: number };

export type FactStore = ReturnType<typeof createFactStore>;

/** SQL of facts and their conflicts. */
export function createFactStore(db: Database) {
  const columns = `id, subject, attribute, kind, thing, value, aliases, category, tier, tier_given, valid_from, valid_to,
    never_train, standing, supersedes, source, created_at`;
  const after = db.prepare<[number, number], FactRow & { readonly sequence: number }>(
    `SELECT sequence, ${columns} FROM facts WHERE sequence > ? ORDER BY sequence LIMIT ?`,
  );
  const byThing = db.prepare<[string], FactRow>(
    `SELECT ${columns} FROM facts WHERE thing = ? ORDER BY sequence`,
  );
  const byId = db.prepare<[string], FactRow>(`SELECT ${columns} FROM facts WHERE id = ?`);
  const byPrefix = db.prepare(`SELECT id FROM facts WHERE substr(id, 1, length(@prefix)) = @prefix LIMIT 2`);
  const conflicts = db.prepare('SELECT fact_id, other_id FROM fact_conflicts ORDER BY other_id');
  const conflictsOfFact = db.prepare(
    'SELECT other_id FROM fact_conflicts WHERE fact_id = ? ORDER BY other_id',
  );
  const insert = db.prepare(
    `INSERT INTO facts (${columns}) VALUES (@id, @subject, @attribute, @kind, @thing, @value, @aliases, @category,
       @tier, @tierGiven, @validFrom, @validTo, @neverTrain, @standing, @supersedes, @source, @createdAt)`,
  );
  const update = db.prepare(
    `UPDATE facts SET kind = @kind, thing = @thing, value = @value, aliases = @aliases, category = @category, tier = @tier, tier_given = @tierGiven,
       valid_from = @validFrom, valid_to = @validTo, never_train = @neverTrain, standing = @standing, supersedes = @supersedes WHERE id = @id`,
  );
  const remove = db.prepare('DELETE FROM facts WHERE id = ?');
  const removeConflicts = db.prepare('DELETE FROM fact_conflicts WHERE fact_id = ?');
  const insertConflict = db.prepare('INSERT OR IGNORE INTO fact_conflicts (fact_id, other_id) VALUES (?, ?)');
  const setSupersedes = db.prepare('UPDATE facts SET supersedes = ? WHERE id = ?');
  const rebuildSearch = db.prepare(`INSERT INTO fact_search (fact_search) VALUES ('rebuild')`);
  const count = db.prepare('SELECT count(*) AS n FROM facts');

  /** Versions as they were read last: those whose rows are the same are the same objects again. */
  let read = new Map<string, { readonly row: FactRow; readonly version: FactVersion }>();

  const withConflicts = (row: FactRow): FactVersion => {
    const version = toVersion(row, []);
    const others = conflictsOfFact
      .all(version.id)
      .map((other) => z.object({ other_id: z.string() }).parse(other).other_id);
    return { ...version, conflictsWith: others };
  };

  function* listSteps(): Steps<NumberedVersion[]> {
    const others = new Map<string, string[]>();
    for (const pair of pairs.parse(conflicts.all())) {
      const known = others.get(pair.fact_id);
      if (known === undefined) others.set(pair.fact_id, [pair.other_id]);
      else known.push(pair.other_id);
    }
    const before = read;
    const now: typeof read = new Map();
    const listed: NumberedVersion[] = [];
    for (let last = 0, isMore = true; isMore;) {
      const rows = after.all(last, rowsInStep);
      for (const row of rows) {
        const conflicting = others.get(row.id);
        const known = before.get(row.id);
        const isKnown = conflicting === undefined && known !== undefined && isSameRow(known.row, row);
        const version = isKnown ? known.version : toVersion(row, conflicting ?? []);
        if (conflicting === undefined) now.set(row.id, { row, version });
        listed.push({ version, sequence: row.sequence });
        last = row.sequence;
      }
      isMore = rows.length === rowsInStep;
      yield;
    }
    read = now;
    return listed;
  }

  return {
    /** Every version, oldest first. */
    list: (): FactVersion[] => takeAll(listSteps()).map(({ version }) => version),
    /** The same in steps, with the numbers that order them; what is written meanwhile may or may not be in it. */
    listSteps,
    listThing: (thing: string): FactVersion[] => byThing.all(thing).map(withConflicts),
    find: (id: string): FactVersion | undefined => {
      const found = byId.get(id);
      return found === undefined ? undefined : withConflicts(found);
    },
    /** Ids that begin so; at most two, which is enough to know whether one is meant. */
    listIdsStartingWith: (prefix: string): string[] =>
      byPrefix.all({ prefix }).map((found) => z.object({ id: z.string() }).parse(found).id),
    count: (): number => z.object({ n: z.number() }).parse(count.get()).n,
    /** Inserts without links; {@link saveLinks} follows once all versions are there. */
    insert: (version: FactVersion): void => void insert.run({ ...toRow(version), supersedes: null }),
    update: (version: FactVersion): void => void update.run(toRow(version)),
    saveLinks: (version: FactVersion): void => {
      setSupersedes.run(version.supersedes, version.id);
      removeConflicts.run(version.id);
      for (const other of version.conflictsWith) insertConflict.run(version.id, other);
    },
    remove: (id: string): void => void remove.run(id),
    /** Writes the search index anew, so that no word of a deleted fact is left in it. */
    rebuildSearch: (): void => void rebuildSearch.run(),
  };
}

function toVersion(row: FactRow, conflictsWith: readonly string[]): FactVersion {
  const {
    sequence: _sequence,
    tier_given,
    valid_from,
    valid_to,
    never_train,
    created_at,
    aliases,
    source,
    ...rest
  } = row;
  return {
    ...rest,
    aliases: aliases === '[]' ? [] : texts.parse(JSON.parse(aliases)),
    tierGiven: tier_given,
    validFrom: valid_from,
    validTo: valid_to,
    neverTrain: never_train !== 0,
    source: sourceOf(source),
    createdAt: created_at,
    conflictsWith,
  };
}

function sourceOf(text: string): FactVersion['source'] {
  if (text === typed) return { type: 'typed' };
  const given = JSON.parse(text) as unknown;
  if (isImported(given)) return { type: 'imported', file: given.file, line: given.line };
  const source = factSource.parse(given);
  if (source.type === 'derived') throw new Error('a derived fact is never stored');
  return source;
}

/** Said by hand: the check of a schema would be the longest part of reading ten thousand rows. */
function isImported(source: unknown): source is { readonly file: string; readonly line: number } {
  return (
    typeof source === 'object' &&
    source !== null &&
    'type' in source &&
    source.type === 'imported' &&
    'file' in source &&
    typeof source.file === 'string' &&
    'line' in source &&
    typeof source.line === 'number'
  );
}

const typed = JSON.stringify({ type: 'typed' });

/** True when nothing in a row has changed. */
function isSameRow(first: FactRow, second: FactRow): boolean {
  for (const name in second) {
    const field = name as keyof FactRow; // the rows have no other columns
    if (first[field] !== second[field]) return false;
  }
  return true;
}

function toRow(version: FactVersion): Record<string, unknown> {
  const { conflictsWith: _conflictsWith, ...columns } = version;
  return {
    ...columns,
    aliases: JSON.stringify(version.aliases),
    neverTrain: version.neverTrain ? 1 : 0,
    source: JSON.stringify(version.source),
  };
}
