import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import type { ArchivePart } from '../../../electron/core/profiles/profile-archive.ts';
import { exportFrom, importInto } from '../../../electron/hosts/compose-archive.ts';
import { composeFolder, type DataFolder } from '../../../electron/hosts/compose-folder.ts';
import { deleteAll } from '../../../electron/hosts/compose-deletion.ts';
import { tarArchive } from '../../../electron/platform/tar-archive.ts';
import { writeAdapter } from '../../helpers/adapter-file.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { filesHolding, listFiles } from '../../helpers/find-text.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const fixture = join(import.meta.dirname, '..', '..', 'fixtures', 'databases', 'profile-0020.sql');
const secret = 'Oporto';

function openFolder(data = tempFolder()): { readonly data: string; readonly folder: DataFolder } {
  const folder = composeFolder({ data, access: 'write' });
  onTestFinished(() => {
    if (folder.appDatabase.open) folder.dispose();
  });
  return { data, folder };
}

/** A data folder whose default profile has facts, a run, and an adapter with its file and base. */
function aFolder() {
  const { data, folder } = openFolder();
  const profile = join(data, 'profiles', 'default');
  mkdirSync(join(profile, 'adapters'), { recursive: true });
  const db = new BetterSqlite(join(profile, 'profile.db'));
  db.exec(readFileSync(fixture, 'utf8'));
  const adapter = join(profile, 'adapters', 'adapter-1.gguf');
  writeAdapter(adapter, { layers: 1, width: 8 }, 1, 1);
  db.prepare('UPDATE adapters SET file = ?').run(adapter);
  db.prepare('UPDATE training_runs SET folder = ?').run(join(profile, 'runs', 'run-1'));
  db.close();
  openDatabase(join(profile, 'profile.db'), profileMigrations).close();
  folder.appDatabase.exec(
    `INSERT INTO base_models (id, name, file, size_bytes, sha256, file_identity, architecture, quantisation, context_length,
       licence, created_at)
     VALUES ('base-1', 'Tiny', '/nowhere/tiny.gguf', 4, '${'a'.repeat(64)}', '4:1:1', 'llama', 'Q4_1', 2048, NULL, 1)`,
  );
  const archive = join(data, 'äda.keepsake');
  return { data, folder, adapter, archive };
}

function withDatabase<Result>(data: string, id: string, work: (db: Database) => Result): Result {
  const db = new BetterSqlite(join(data, 'profiles', id, 'profile.db'));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/** All rows of a profile, the places of its files left out. */
function contentOf(data: string, id: string): unknown {
  return withDatabase(data, id, (db) => {
    const tables = db
      .prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )
      .pluck()
      .all() as string[];
    return tables.map((table) => [
      table,
      (db.prepare(`SELECT * FROM ${table} ORDER BY 1`).all() as object[]).map((row) => ({
        ...row,
        ...('folder' in row && { folder: '' }),
        ...(table === 'adapters' && { file: '' }),
      })),
    ]);
  });
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The parts of an archive, to be changed and written again. */
function partsOf(archive: string): Map<string, Buffer> {
  const bytes = readFileSync(archive);
  const parts = new Map<string, Buffer>();
  for (let offset = 0; bytes[offset] !== 0;) {
    const path = bytes.toString('latin1', offset, offset + 100).replace(/\0.*$/su, '');
    const size = Number.parseInt(bytes.toString('latin1', offset + 124, offset + 136), 8);
    parts.set(path, bytes.subarray(offset + 512, offset + 512 + size));
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return parts;
}

type Manifest = {
  files: { path: string; sizeBytes: number; sha256: string }[];
  version: number;
  schema: number;
  name: string;
};

/** Writes an archive of changed parts; `honest` makes the manifest fit them. */
function rewrite(
  from: string,
  to: string,
  change: (parts: Map<string, Buffer>, manifest: Manifest) => void,
  honest = true,
): void {
  const parts = partsOf(from);
  const manifest = JSON.parse(parts.get('manifest.json')?.toString() ?? '') as Manifest;
  change(parts, manifest);
  if (honest) {
    for (const file of manifest.files) {
      const bytes = parts.get(file.path);
      if (bytes !== undefined) Object.assign(file, { sizeBytes: bytes.length, sha256: sha(bytes) });
    }
  }
  if (parts.has('manifest.json')) parts.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  const list: ArchivePart[] = [...parts].map(([path, bytes]) => ({
    path,
    sizeBytes: bytes.length,
    chunks: () => [bytes],
  }));
  writeFileSync(to, Buffer.concat([...tarArchive.encode(list)]));
}

describe('a whole profile', () => {
  it('comes out of an archive as it went in, in another folder, with nothing of the places it was in', () => {
    const { data, folder, adapter, archive } = aFolder();
    exportFrom(folder, 'default', archive);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    expect(filesHolding([archive], 'tést')).toEqual([]);
    const other = openFolder();
    const { profile, manifest, missingBases } = importInto(other.folder, archive);
    expect([manifest.facts, missingBases, profile.name]).toEqual([3, ['Tiny'], 'Default (2)']);
    expect(contentOf(other.data, profile.id)).toEqual(contentOf(data, 'default'));
    const file = withDatabase(other.data, profile.id, (db) =>
      db.prepare('SELECT file FROM adapters').pluck().get(),
    );
    expect(file).toBe(join(other.data, 'profiles', profile.id, 'adapters', 'adapter-1.gguf'));
    expect(sha(readFileSync(String(file)))).toBe(sha(readFileSync(adapter)));
    expect(statSync(String(file)).mode & 0o777).toBe(0o600);
    // Twice is two profiles.
    expect(importInto(other.folder, archive, { name: 'Ada' }).profile.name).toBe('Ada');
    expect(other.folder.profiles.list()).toHaveLength(3);
    for (const { id } of other.folder.profiles.list().slice(1)) other.folder.profiles.remove(id);
    expect(filesHolding(listFiles(join(other.data, 'profiles')), secret)).toEqual([]);
  });

  it('is attached to a base that this folder knows under another id', () => {
    const { folder, archive } = aFolder();
    exportFrom(folder, 'default', archive);
    const other = openFolder();
    other.folder.appDatabase.exec(
      `INSERT INTO base_models (id, name, file, size_bytes, sha256, file_identity, architecture, quantisation,
         context_length, licence, created_at)
       VALUES ('mine', 'My tiny', '${archive.replaceAll("'", "''")}', 4, '${'a'.repeat(64)}', '', 'llama', 'Q4_1', 2048, NULL, 1)`,
    );
    const { profile, missingBases } = importInto(other.folder, archive);
    expect(missingBases).toEqual([]);
    const bases = withDatabase(other.data, profile.id, (db) =>
      ['adapters', 'datasets', 'training_runs'].map((table) =>
        db.prepare(`SELECT base_model_id FROM ${table}`).pluck().get(),
      ),
    );
    expect(bases).toEqual(['mine', 'mine', 'mine']);
  });

  it('is never written over a file, nor half', async () => {
    const { folder, archive, data } = aFolder();
    writeFileSync(archive, 'mine');
    expect((await appErrorOf(() => exportFrom(folder, 'default', archive))).code).toBe('conflict');
    expect(readFileSync(archive, 'utf8')).toBe('mine');
    const stopped = join(data, 'stopped');
    expect(() => exportFrom(folder, 'default', stopped, AbortSignal.abort())).toThrow();
    expect(readdirSync(data).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  it('goes where a killed one has left its half, and into no folder that is not there', async () => {
    const { folder, archive, data } = aFolder();
    writeFileSync(`${archive}.partial`, 'half');
    exportFrom(folder, 'default', archive);
    expect(readdirSync(data).filter((name) => name.startsWith('äda'))).toEqual(['äda.keepsake']);
    for (const place of [
      join(data, 'none', 'x'),
      join(archive, 'x'),
      join(data, 'x\0y'),
      join(data, 'x'.repeat(300)),
    ])
      expect((await appErrorOf(() => exportFrom(folder, 'default', place))).code).toBe('invalid-input');
  });

  it('is not read from a pipe, which nobody may ever write into', async () => {
    const { folder, data } = aFolder();
    const pipe = join(data, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await appErrorOf(() => importInto(folder, pipe))).code).toBe('invalid-input');
  });

  const attacks: readonly [string, (parts: Map<string, Buffer>, manifest: Manifest) => void, boolean?][] = [
    [
      'a path that leads out',
      (parts, manifest) => {
        parts.set('../../evil', Buffer.from('x'));
        manifest.files.push({ path: '../../evil', sizeBytes: 1, sha256: '' });
      },
    ],
    [
      'an absolute path',
      (parts, manifest) => {
        parts.set('/evil', Buffer.from('x'));
        manifest.files.push({ path: '/evil', sizeBytes: 1, sha256: '' });
      },
    ],
    [
      'an adapter whose name leads out',
      (parts, manifest) => {
        const path = 'adapters/../../../evil.gguf';
        parts.set(path, parts.get('adapters/adapter-1.gguf') ?? Buffer.alloc(0));
        manifest.files.push({ path, sizeBytes: 1, sha256: '' });
      },
    ],
    ['a part that the manifest does not list', (parts) => void parts.set('extra', Buffer.from('x'))],
    ['a part missing', (parts) => void parts.delete('adapters/adapter-1.gguf')],
    ['no manifest', (parts) => void parts.delete('manifest.json')],
    [
      'another hash',
      (_, manifest) => Object.assign(manifest.files[1] ?? {}, { sha256: 'b'.repeat(64) }),
      false,
    ],
    ['another size', (_, manifest) => Object.assign(manifest.files[0] ?? {}, { sizeBytes: 1 }), false],
    [
      'a size beyond all limits',
      (_, manifest) => Object.assign(manifest.files[0] ?? {}, { sizeBytes: 2e12 }),
      false,
    ],
    [
      'a part listed twice',
      (_, manifest) => void manifest.files.push(...manifest.files.slice(1).map((file) => ({ ...file }))),
    ],
    ['a database that is none', (parts) => void parts.set('profile.db', Buffer.from('x'.repeat(5000)))],
    [
      'a database cut off',
      (parts) => void parts.set('profile.db', (parts.get('profile.db') ?? Buffer.alloc(0)).subarray(0, 9000)),
    ],
    [
      'an adapter that is none',
      (parts) => void parts.set('adapters/adapter-1.gguf', Buffer.from('GGUFxxxx')),
    ],
    [
      'a database with a trigger of its own',
      (parts) => {
        const db = new BetterSqlite(Buffer.from(parts.get('profile.db') ?? ''));
        db.exec('CREATE TRIGGER evil AFTER UPDATE ON adapters BEGIN DELETE FROM facts; END');
        parts.set('profile.db', db.serialize());
        db.close();
      },
    ],
    ['another kind', (_, manifest) => Object.assign(manifest, { format: 'zip' })],
  ];
  it.each(attacks)('is refused with %s, and nothing is left of it', async (_name, change, honest = true) => {
    const { folder, archive } = aFolder();
    exportFrom(folder, 'default', archive);
    const other = openFolder();
    const bad = join(other.data, 'bad');
    rewrite(archive, bad, change, honest);
    const before = listFiles(other.data).sort();
    expect((await appErrorOf(() => importInto(other.folder, bad))).code).toBe('invalid-input');
    expect(listFiles(other.data).sort()).toEqual(before);
    expect(other.folder.profiles.list()).toHaveLength(1);
  });

  it.each([
    ['layout', { version: 2 }],
    ['schema', { schema: 100_000 }],
  ])('of a newer %s is refused as newer', async (_name, change) => {
    const { folder, archive, data } = aFolder();
    exportFrom(folder, 'default', archive);
    rewrite(archive, join(data, 'newer'), (_parts, manifest) => Object.assign(manifest, change));
    expect((await appErrorOf(() => importInto(folder, join(data, 'newer')))).code).toBe('database-newer');
  });

  it('cut off anywhere, compressed, with a link, or something else altogether is refused', async () => {
    const { folder, archive, data } = aFolder();
    exportFrom(folder, 'default', archive);
    const whole = readFileSync(archive);
    const link = Buffer.from(whole);
    link[156] = '2'.charCodeAt(0);
    const candidates: [string, Buffer][] = [
      ['empty', Buffer.alloc(0)],
      ['zeros', Buffer.alloc(4096)],
      ['gzip', gzipSync(Buffer.alloc(50_000_000))],
      ['zip', Buffer.from('PK\u0003\u0004'.padEnd(2000, 'x'))],
      ['link', link],
      ...[1, 511, 512, 700, 2000, Math.floor(whole.length / 2), whole.length - 1025].map(
        (length): [string, Buffer] => [`cut at ${length}`, whole.subarray(0, length)],
      ),
    ];
    for (const [name, bytes] of candidates) {
      const file = join(data, 'bad');
      writeFileSync(file, bytes);
      expect([name, (await appErrorOf(() => importInto(folder, file))).code]).toEqual([
        name,
        'invalid-input',
      ]);
    }
    expect((await appErrorOf(() => importInto(folder, join(data, 'nothing')))).code).toBe('not-found');
    expect((await appErrorOf(() => importInto(folder, data))).code).toBe('invalid-input');
    expect(readdirSync(join(data, 'profiles'))).toEqual(['default']);
  });
});

describe('deleting all', () => {
  it('leaves nothing that was told, keeps models and files of the user, and says so', () => {
    const { data, folder } = aFolder();
    folder.profiles.add('Zirkusdirektorin');
    folder.dispose();
    mkdirSync(join(data, 'models'));
    writeFileSync(join(data, 'models', 'a.gguf'), 'GGUF');
    writeFileSync(join(data, 'mine.txt'), 'x');
    const { kept, modelBytes, deleted } = deleteAll(data, { models: false });
    expect([[...kept].sort(), modelBytes]).toEqual([['mine.txt', 'models'], 4]);
    expect(deleted).toContain('profiles');
    expect(listFiles(data).sort()).toEqual([join(data, 'mine.txt'), join(data, 'models', 'a.gguf')]);
  });

  it('removes an own folder whole with its models, and is refused where no data or another process are', async () => {
    const { data, folder } = aFolder();
    expect((await appErrorOf(() => deleteAll(data, { models: true }))).code).toBe('data-folder-locked');
    expect(existsSync(join(data, 'app.db'))).toBe(true);
    folder.dispose();
    deleteAll(data, { models: true });
    expect(existsSync(data)).toBe(false);
    const mine = tempFolder();
    mkdirSync(join(mine, 'logs'));
    expect((await appErrorOf(() => deleteAll(mine, { models: true }))).code).toBe('not-found');
    expect(existsSync(join(mine, 'logs'))).toBe(true);
  });
});
