import { describe, expect, it } from 'vitest';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { watchTables } from '../../../electron/core/db/table-revision.ts';

function aDatabase() {
  const db = openMemoryDatabase(profileMigrations);
  const revision = watchTables(db, 'test', ['profile_values']);
  const set = db.prepare('INSERT OR REPLACE INTO profile_values (key, value) VALUES (?, ?)');
  return { db, revision, set };
}

describe('the revision of a table', () => {
  it('changes with every row that is added, changed or removed', () => {
    const { db, revision, set } = aDatabase();
    const seen = [revision()];
    const note = (): unknown => seen.push(revision());
    set.run('a', '1');
    note();
    set.run('a', '2');
    note();
    db.prepare('DELETE FROM profile_values').run();
    note();
    expect(new Set(seen).size).toBe(4);
  });

  it('stays the same while other tables are written', () => {
    const { db, revision } = aDatabase();
    const before = revision();
    db.prepare("INSERT INTO datasets VALUES ('d', 's', 'routed', 'b', 42, '{}', '[]', '', 0)").run();
    expect(revision()).toBe(before);
  });

  it('is as before after a rollback', () => {
    const { db, revision, set } = aDatabase();
    const before = revision();
    db.exec('BEGIN');
    set.run('a', '1');
    expect(revision()).not.toBe(before);
    db.exec('ROLLBACK');
    expect(revision()).toBe(before);
  });

  it('changes with rows that go because another table refers to them', () => {
    const { db } = aDatabase();
    const ledger = watchTables(db, 'ledger', ['ledger']);
    db.exec(`
      INSERT INTO adapters (id, base_model_id, run_id, file, rank, alpha, state, created_at)
        VALUES ('a', 'b', 'r', 'f', 1, 1, 'approved', 0);
      INSERT INTO ledger (fact_id, adapter_id, right_count, asked, tested_at) VALUES ('f', 'a', 1, 1, 0);
    `);
    const before = ledger();
    db.exec(`DELETE FROM adapters`);
    expect(ledger()).not.toBe(before);
  });
});
