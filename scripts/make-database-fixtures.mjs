// Writes a small database of each schema version as SQL text into tests/fixtures/databases/; what is there stays as it is.
//
// Usage: node scripts/make-database-fixtures.mjs [--force]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { appMigrations, profileMigrations } from '../electron/core/db/migrations/index.ts';

const folder = join(import.meta.dirname, '..', 'tests', 'fixtures', 'databases');
const force = process.argv.includes('--force');

/** Rows of an invented person, by the version that brought their tables. Later columns have their defaults. */
const rows = {
  app: {
    10: `
      INSERT INTO base_models VALUES ('base-1', 'Tiny', '/nowhere/tiny.gguf', 4, 'ab', '4:1:1', 'llama', 'Q4_1', 2048, NULL, 1);
      INSERT INTO settings VALUES ('theme', 'dark');
      INSERT INTO jobs (id, kind, state, params, created_at) VALUES ('job-1', 'train', 'succeeded', '{"seed":42}', 2);`,
    30: `
      INSERT INTO profiles (id, name, created_at) VALUES ('default', 'Default', 3), ('profile-2', 'Wörk', 4);
      INSERT INTO settings VALUES ('current-profile', 'profile-2');`,
  },
  profile: {
    10: `
      INSERT INTO facts (sequence, id, subject, attribute, kind, thing, value, aliases, category, tier, valid_from,
        valid_to, standing, supersedes, source, created_at) VALUES
        (1, 'fact-1', 'me', 'city', 'city', 'me city', 'Oslo', '[]', 'home', 'temporal', NULL, '2019-05', 'superseded',
          NULL, '{"type":"typed"}', 5),
        (2, 'fact-2', 'me', 'city', 'city', 'me city', 'Porto', '["Oporto"]', 'home', 'temporal', '2019-05', NULL,
          'standing', 'fact-1', '{"type":"imported","file":"facts.csv","line":2}', 6),
        (3, 'fact-3', 'Jördan', 'job', 'job', 'jördan job', 'nurse "who" <|im_end|> 🙂', '[]', 'work', 'relational', NULL,
          NULL, 'lost', NULL, '{"type":"typed"}', 7);
      INSERT INTO fact_conflicts VALUES ('fact-3', 'fact-2');
      INSERT INTO profile_values VALUES ('rebuild-needed', 'true');`,
    20: `
      INSERT INTO datasets VALUES ('dataset-1', 'cd', 'routed', 'base-1', 42, '{"fact":1,"unknown":0,"pass":0,"bridge":0}',
        '["fact-2"]', '{"schema":1}', 8);
      INSERT INTO training_runs (id, dataset_id, base_model_id, recipe, seed, state, folder, adapter_id, seconds, tokens,
        loss, error, created_at) VALUES ('run-1', 'dataset-1', 'base-1', 'routed', 42, 'succeeded', '/nowhere/run-1',
        'adapter-1', 1.5, 100, 0.25, NULL, 9);
      INSERT INTO adapters (id, base_model_id, run_id, parent_adapter_id, file, rank, alpha, state, override, verdict,
        created_at) VALUES ('adapter-1', 'base-1', 'run-1', NULL, '/nowhere/adapter-1.gguf', 16, 32, 'approved', NULL,
        '{"approved":true,"reasons":[]}', 10);
      INSERT INTO adapter_facts VALUES ('adapter-1', 'fact-2');
      INSERT INTO ledger VALUES ('fact-2', 'adapter-1', 4, 5, 11);
      INSERT INTO evaluations VALUES ('evaluation-1', 'adapter-1', 'tuned', 'full', '{"answers":[]}', NULL, 12);
      INSERT INTO profile_values VALUES ('active-adapter', 'adapter-1');`,
    110: `
      INSERT INTO conversations (id, title, created_at, updated_at) VALUES ('conversation-1', 'Wér "is" it?', 13, 14);
      INSERT INTO messages (conversation_id, turn, id, role, arm, answered_by, adapter_id, basis, created_at, text) VALUES
        ('conversation-1', 1, 'message-1', 'user', NULL, NULL, NULL, NULL, 13, 'Wér "is" it? <|im_end|> 🙂'),
        ('conversation-1', 1, 'message-2', 'assistant', 'served', 'adapter', 'adapter-1',
          '{"from":"learned","factIds":["fact-2"],"bridged":[],"tokensSaved":4}', 14, 'Porto.');`,
    120: `
      INSERT INTO proposals (id, draft, claim, quote, source, place, found_by, state, fact_id, created_at, decided_at)
        VALUES ('proposal-1', '{"attribute":"city","value":"Porto"}', 'me city porto', 'I live in Porto "now" 🙂',
          '{"type":"text","name":"You wrote"}', 'text', 'rules', 'accepted', 'fact-2', 15, 16);
      INSERT INTO proposal_steps (proposal_ids, change_id, created_at) VALUES ('["proposal-1"]', 1, 16);`,
  },
};

mkdirSync(folder, { recursive: true });
for (const [name, migrations] of [
  ['app', appMigrations],
  ['profile', profileMigrations],
]) {
  const db = new BetterSqlite(':memory:');
  db.pragma('foreign_keys = ON');
  for (const { version, up } of migrations) {
    up(db);
    db.exec(rows[name][version] ?? '');
    const file = join(folder, `${name}-${String(version).padStart(4, '0')}.sql`);
    if (existsSync(file) && !force) continue;
    writeFileSync(file, dump(db, version));
    console.log(file);
  }
  db.close();
}

/** Statements that make the same database: tables with their rows, then what looks at rows. */
function dump(db, version) {
  const kinds = new Map(
    db
      .prepare("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
      .all()
      .map((row) => [row.name, row.type]),
  );
  const entries = db
    .prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    .all();
  const isTable = (entry, kind) => entry.type === 'table' && kinds.get(entry.name) === kind;
  const statements = [
    ...entries
      .filter((entry) => isTable(entry, 'table'))
      .flatMap((entry) => [`${entry.sql};`, ...inserts(db, entry.name)]),
    // A search index is made from the rows.
    ...entries
      .filter((entry) => isTable(entry, 'virtual'))
      .flatMap((entry) => [`${entry.sql};`, `INSERT INTO ${entry.name} (${entry.name}) VALUES ('rebuild');`]),
    ...entries.filter((entry) => entry.type === 'index').map((entry) => `${entry.sql};`),
    ...entries
      .filter((entry) => entry.type === 'trigger' || entry.type === 'view')
      .map((entry) => `${entry.sql};`),
  ];
  return `${['PRAGMA foreign_keys = OFF;', ...statements, `PRAGMA user_version = ${version};`].join('\n')}\n`;
}

function inserts(db, table) {
  const columns = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => `"${name}"`);
  const quoted = columns.map((column) => `quote(${column})`).join(" || ', ' || ");
  return db
    .prepare(`SELECT ${quoted} AS line FROM ${table} ORDER BY 1`)
    .all()
    .map(({ line }) => `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${line});`);
}
