/** What is read for an id, kept until something is written to the tables that it is read from. */
import type { Database } from 'better-sqlite3';
import { watchTables } from './table-revision.ts';

/** Creates the reader. What it gives is shared by all who ask and must not be changed. */
export function keepRows<Value>(
  db: Database,
  name: string,
  tables: readonly string[],
  read: (id: string) => Value,
): (id: string) => Value {
  const revision = watchTables(db, name, tables);
  let kept = { at: '', values: new Map<string, Value>() };
  return (id) => {
    // Within a transaction another reader could be shown what is rolled back later.
    if (db.inTransaction) return read(id);
    const at = revision();
    if (kept.at !== at) kept = { at, values: new Map() };
    const known = kept.values.get(id);
    if (known !== undefined) return known;
    const value = read(id);
    kept.values.set(id, value);
    return value;
  };
}
