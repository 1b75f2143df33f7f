import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { FactChange } from '../../contract/entities/fact-list.ts';

const changeRow = z.object({
  id: z.number(),
  kind: z.enum(['add', 'import', 'edit', 'set', 'settle']),
  detail: z.string().nullable(),
  undone: z.number(),
  created_at: z.number(),
  facts: z.number(),
});

const imageRow = z.object({ fact_id: z.string(), image: z.string().nullable() });

/** A fact's row as it stands on the other side of a change; null where it does not exist there. */
export type FactImage = { readonly factId: string; readonly image: string | null };

export type ChangeStore = ReturnType<typeof createChangeStore>;

/** SQL of the changes and of the images of facts that they hold. */
export function createChangeStore(db: Database) {
  // Read from the table, so that no column is ever left out of an image.
  const columns = z
    .array(z.string())
    .parse(db.prepare(`SELECT name FROM pragma_table_info('facts')`).pluck().all());
  const imageOf = `
    (SELECT json_object(${columns.map((name) => `'${name}', facts.${name}`).join(', ')}, 'conflicts', json((
       SELECT json_group_array(other_id) FROM (
         SELECT other_id FROM fact_conflicts WHERE fact_id = facts.id ORDER BY other_id))))
     FROM facts WHERE facts.id = @factId)`;
  const fields = `c.id, c.kind, c.detail, c.undone, c.created_at,
    (SELECT count(*) FROM fact_change_rows AS r WHERE r.change_id = c.id) AS facts`;
  const insert = db.prepare(
    'INSERT INTO fact_changes (kind, detail, created_at) VALUES (@kind, @detail, @createdAt)',
  );
  const touch = db.prepare(
    `INSERT OR IGNORE INTO fact_change_rows (change_id, fact_id, thing, image)
     VALUES (@changeId, @factId, @thing, ${imageOf})`,
  );
  const list = db.prepare(`SELECT ${fields} FROM fact_changes AS c ORDER BY c.id DESC`);
  const last = db.prepare(
    `SELECT ${fields} FROM fact_changes AS c WHERE c.undone = 0 ORDER BY c.id DESC LIMIT 1`,
  );
  const next = db.prepare(`SELECT ${fields} FROM fact_changes AS c WHERE c.undone = 1 ORDER BY c.id LIMIT 1`);
  const images = db.prepare(
    'SELECT fact_id, image FROM fact_change_rows WHERE change_id = ? ORDER BY fact_id',
  );
  const anyRow = db.prepare('SELECT 1 FROM fact_change_rows WHERE change_id = ? LIMIT 1');
  const keepCurrent = db.prepare(
    `UPDATE fact_change_rows SET image = ${imageOf} WHERE change_id = @changeId AND fact_id = @factId`,
  );
  const removeFact = db.prepare('DELETE FROM facts WHERE id = ?');
  const restore = db.prepare(
    `INSERT INTO facts (${columns.join(', ')})
     SELECT ${columns.map((name) => `json_extract(@image, '$.${name}')`).join(', ')} WHERE true
     ON CONFLICT (id) DO UPDATE SET ${columns
       .filter((name) => name !== 'sequence' && name !== 'id')
       .map((name) => `${name} = excluded.${name}`)
       .join(', ')}`,
  );
  const removeConflicts = db.prepare('DELETE FROM fact_conflicts WHERE fact_id = ?');
  const restoreConflicts = db.prepare(
    `INSERT OR IGNORE INTO fact_conflicts (fact_id, other_id)
     SELECT @factId, value FROM json_each(@image, '$.conflicts')`,
  );
  const setUndone = db.prepare(
    'UPDATE fact_changes SET undone = @undone, verdicts = @verdicts WHERE id = @id',
  );
  const verdictsOf = db.prepare('SELECT verdicts FROM fact_changes WHERE id = ?').pluck();
  const remove = db.prepare('DELETE FROM fact_changes WHERE id = ?');
  const removeUndone = db.prepare('DELETE FROM fact_changes WHERE undone = 1');
  const removeOld = db.prepare(
    'DELETE FROM fact_changes WHERE id NOT IN (SELECT id FROM fact_changes ORDER BY id DESC LIMIT ?)',
  );
  const removeThing = db.prepare('DELETE FROM fact_change_rows WHERE thing = ?');
  const removeEmpty = db.prepare(
    'DELETE FROM fact_changes WHERE NOT EXISTS (SELECT 1 FROM fact_change_rows WHERE change_id = fact_changes.id)',
  );

  const toChange = (value: unknown): FactChange => {
    const { undone, created_at, ...rest } = changeRow.parse(value);
    return { ...rest, undone: undone !== 0, createdAt: created_at };
  };
  const optional = (value: unknown): FactChange | undefined =>
    value === undefined ? undefined : toChange(value);

  return {
    /** Begins a change and gives its id. */
    insert: (change: { kind: FactChange['kind']; detail: string | null; createdAt: number }): number =>
      Number(insert.run(change).lastInsertRowid),
    /** Keeps a fact's row as it stands, once for each change; called before the row is written. */
    touch: (changeId: number, factId: string, thing: string): void => {
      touch.run({ changeId, factId, thing });
    },
    /** Newest first. */
    list: (): FactChange[] => list.all().map(toChange),
    findLast: (): FactChange | undefined => optional(last.get()),
    /** The undone change that a redo brings back. */
    findNext: (): FactChange | undefined => optional(next.get()),
    isEmpty: (changeId: number): boolean => anyRow.get(changeId) === undefined,
    images: (changeId: number): FactImage[] =>
      images.all(changeId).map((value) => {
        const { fact_id, image } = imageRow.parse(value);
        return { factId: fact_id, image };
      }),
    /** Puts the rows of a change in place of the present ones, which take theirs. */
    swap: (changeId: number, rows: readonly FactImage[]): void => {
      // A version may come before the one that it replaced.
      db.pragma('defer_foreign_keys = ON');
      for (const { factId } of rows) keepCurrent.run({ changeId, factId });
      for (const { factId, image } of rows) if (image === null) removeFact.run(factId);
      for (const { image } of rows) if (image !== null) restore.run({ image });
      for (const { factId, image } of rows) {
        if (image === null) continue;
        removeConflicts.run(factId);
        restoreConflicts.run({ factId, image });
      }
    },
    verdicts: (id: number): string => z.string().parse(verdictsOf.get(id)),
    conclude: (id: number, undone: boolean, verdicts: string): void => {
      setUndone.run({ id, undone: undone ? 1 : 0, verdicts });
    },
    remove: (id: number): void => void remove.run(id),
    removeUndone: (): void => void removeUndone.run(),
    /** Leaves only the newest changes. */
    keepNewest: (count: number): void => void removeOld.run(count),
    /** Lets go of every image of these things. */
    forgetThings: (things: readonly string[]): void => {
      for (const thing of things) removeThing.run(thing);
      removeEmpty.run();
    },
  };
}
