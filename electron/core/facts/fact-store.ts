import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { factSource } from '../../contract/entities/fact.ts';
import type { FactVersion } from './fact-version.ts';

const plainTier = z.enum(['simple', 'relational', 'temporal']);
const json = z.string().transform((text) => JSON.parse(text) as unknown);

const row = z.object({
  id: z.string(),
  subject: z.string(),
  attribute: z.string(),
  kind: z.string().nullable(),
  thing: z.string(),
  value: z.string(),
  aliases: json.pipe(z.array(z.string())),
  category: z.string(),
  tier: plainTier,
  tier_given: plainTier.nullable(),
  valid_from: z.string().nullable(),
  valid_to: z.string().nullable(),
  never_train: z.number(),
  standing: z.enum(['standing', 'superseded', 'lost']),
  supersedes: z.string().nullable(),
  source: json.pipe(factSource),
  created_at: z.number(),
});

export type FactStore = ReturnType<typeof createFactStore>;

/** SQL of facts and their conflicts. */
export function createFactStore(db: Database) {
  const columns = `id, subject, attribute, kind, thing, value, aliases, category, tier, tier_given, valid_from, valid_to,
    never_train, standing, supersedes, source, created_at`;
  const all = db.prepare(`SELECT ${columns} FROM facts ORDER BY sequence`);
  const byThing = db.prepare(`SELECT ${columns} FROM facts WHERE thing = ? ORDER BY sequence`);
  const byId = db.prepare(`SELECT ${columns} FROM facts WHERE id = ?`);
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
    `UPDATE facts SET value = @value, aliases = @aliases, category = @category, tier = @tier, tier_given = @tierGiven,
       valid_from = @validFrom, valid_to = @validTo, never_train = @neverTrain, standing = @standing, supersedes = @supersedes WHERE id = @id`,
  );
  const remove = db.prepare('DELETE FROM facts WHERE id = ?');
  const removeConflicts = db.prepare('DELETE FROM fact_conflicts WHERE fact_id = ?');
  const insertConflict = db.prepare('INSERT OR IGNORE INTO fact_conflicts (fact_id, other_id) VALUES (?, ?)');
  const setSupersedes = db.prepare('UPDATE facts SET supersedes = ? WHERE id = ?');
  const rebuildSearch = db.prepare(`INSERT INTO fact_search (fact_search) VALUES ('rebuild')`);
  const count = db.prepare('SELECT count(*) AS n FROM facts');

  const withConflicts = (value: unknown): FactVersion => {
    const version = toVersion(value, []);
    const others = conflictsOfFact
      .all(version.id)
      .map((other) => z.object({ other_id: z.string() }).parse(other).other_id);
    return { ...version, conflictsWith: others };
  };

  return {
    /** Every version, oldest first. */
    list: (): FactVersion[] => {
      const others = new Map<string, string[]>();
      for (const pair of z
        .array(z.object({ fact_id: z.string(), other_id: z.string() }))
        .parse(conflicts.all())) {
        const known = others.get(pair.fact_id);
        if (known === undefined) others.set(pair.fact_id, [pair.other_id]);
        else known.push(pair.other_id);
      }
      return all.all().map((value) => {
        const version = toVersion(value, []);
        return { ...version, conflictsWith: others.get(version.id) ?? [] };
      });
    },
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

function toVersion(value: unknown, conflictsWith: readonly string[]): FactVersion {
  const { tier_given, valid_from, valid_to, never_train, created_at, source, ...rest } = row.parse(value);
  if (source.type === 'derived') throw new Error('a derived fact is never stored');
  return {
    ...rest,
    tierGiven: tier_given,
    validFrom: valid_from,
    validTo: valid_to,
    neverTrain: never_train !== 0,
    source,
    createdAt: created_at,
    conflictsWith,
  };
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
