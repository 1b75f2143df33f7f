/**
 * A whole profile as one file, and back: manifest, database, adapters, uncompressed, so that nothing in it can grow.
 *
 * Paths of this machine do not travel: files are named by their place in the archive, bases by their hash. Runs that were
 * stopped stay behind, since their checkpoints fit only the machine that made them.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { openImage } from '../db/backups.ts';
import { latestVersion, migrate, type Migration } from '../db/migrate.ts';
import { assertSchema } from '../db/schema.ts';
import { putFile, writeWhole } from '../util/atomic-write.ts';
import { faultPoint } from '../util/fault-point.ts';
import {
  archiveLimits,
  archiveVersion,
  databasePath,
  manifestPath,
  newerArchive,
  notAnArchive,
  parseManifest,
  type ArchivedBase,
  type ProfileManifest,
} from './profile-manifest.ts';

/** One part of an archive. */
export type ArchivePart = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly chunks: () => Iterable<Uint8Array>;
};

/** A file format that holds parts one after the other, uncompressed. */
export type ArchiveFormat = {
  /** The bytes of an archive of these parts. */
  readonly encode: (parts: Iterable<ArchivePart>) => Iterable<Uint8Array>;
  /** The parts of an open file. Throws for whatever is not a plain file, is cut off or damaged. */
  readonly decode: (handle: number, sizeBytes: number) => Iterable<ArchivePart>;
};

export type ExportInput = {
  /** A private copy of the profile's database in memory; it is changed. */
  readonly db: Database;
  readonly name: string;
  readonly now: number;
  readonly format: ArchiveFormat;
  readonly listBases: (ids: readonly string[]) => readonly ArchivedBase[];
  readonly signal?: AbortSignal | undefined;
};

/** Writes the archive of a profile to a new file. Throws `conflict` for one that is there. */
export function exportProfile(input: ExportInput, output: string): ProfileManifest {
  assertPlace(output);
  assertFree(output);
  const adapters = takeAdapters(input.db);
  input.db.exec('VACUUM');
  const image = input.db.serialize();
  const files = [
    { path: databasePath, sizeBytes: image.length, chunks: (): Iterable<Uint8Array> => [image] },
    ...adapters.map(({ path, file }) => filePart(path, file, input.signal)),
  ];
  const manifest: ProfileManifest = {
    format: 'keepsake-profile',
    version: archiveVersion,
    name: input.name,
    exportedAt: input.now,
    schema: Number(input.db.pragma('user_version', { simple: true })),
    facts: Number(input.db.prepare('SELECT count(*) FROM facts').pluck().get()),
    baseModels: [...input.listBases(baseIdsOf(input.db))],
    files: files.map((part) => ({ path: part.path, sizeBytes: part.sizeBytes, sha256: hashOf(part) })),
  };
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const head: ArchivePart = { path: manifestPath, sizeBytes: text.length, chunks: () => [text] };
  const partial = `${output}.partial`;
  // Of an export that was killed; it holds what this one will.
  rmSync(partial, { force: true });
  writeWhole(partial, (sink) => {
    for (const bytes of input.format.encode([head, ...files])) {
      input.signal?.throwIfAborted();
      sink(bytes);
      faultPoint('export.write');
    }
  });
  faultPoint('export.rename');
  putFile(partial, output, { overwrite: false });
  return manifest;
}

export type ImportInput = {
  readonly format: ArchiveFormat;
  readonly migrations: readonly Migration[];
  /** Makes the profile's folder and gives it; called once the manifest is known to be good. */
  readonly begin: (manifest: ProfileManifest) => string;
  /** The id under which this data folder knows a base of that content. */
  readonly adoptBase: (base: ArchivedBase) => string;
  /** Throws for a file that is no adapter. */
  readonly assertAdapter: (file: string) => void;
  readonly signal?: AbortSignal | undefined;
};

/** Fills a new profile's folder from an archive; the database comes last. Whoever called it cleans up when it throws. */
export function importProfile(input: ImportInput, archive: string): ProfileManifest {
  const handle = openArchive(archive);
  try {
    const { size } = fstatSync(handle);
    const parts = input.format.decode(handle, size)[Symbol.iterator]();
    const manifest = readManifest(parts.next().value);
    if (manifest.schema > latestVersion(input.migrations)) throw newerArchive();
    const folder = input.begin(manifest);
    assertRoom(dirname(folder), size);
    const db = takeParts(input, { manifest, folder, parts });
    try {
      migrate(db, input.migrations);
      placeHere(db, folder, new Map(manifest.baseModels.map((base) => [base.id, input.adoptBase(base)])));
      db.exec('VACUUM');
      const image = db.serialize();
      const partial = join(folder, `${databasePath}.partial`);
      writeWhole(partial, (sink) => sink(image));
      faultPoint('import.rename');
      putFile(partial, join(folder, databasePath), { overwrite: false });
    } finally {
      db.close();
    }
    return manifest;
  } finally {
    closeSync(handle);
  }
}

/** Reads every part the manifest lists, in its order and with its hash, and gives the open database. */
function takeParts(
  input: ImportInput,
  {
    manifest,
    folder,
    parts,
  }: {
    readonly manifest: ProfileManifest;
    readonly folder: string;
    readonly parts: Iterator<ArchivePart, unknown>;
  },
): Database {
  let image: Buffer | undefined;
  mkdirSync(join(folder, 'adapters'), { recursive: true, mode: 0o700 });
  for (const expected of manifest.files) {
    input.signal?.throwIfAborted();
    const next = parts.next();
    const part = next.done === true ? undefined : next.value;
    if (part?.path !== expected.path || part.sizeBytes !== expected.sizeBytes) {
      throw notAnArchive(`The part ${expected.path} is missing or of another size.`);
    }
    const hash = createHash('sha256');
    if (part.path === databasePath) {
      image = Buffer.concat([...part.chunks()]);
      hash.update(image);
    } else {
      // The path is one that the manifest allows: adapters/NAME.gguf.
      const file = join(folder, part.path);
      writeWhole(file, (sink) => {
        for (const bytes of part.chunks()) {
          input.signal?.throwIfAborted();
          hash.update(bytes);
          sink(bytes);
          faultPoint('import.write');
        }
      });
      input.assertAdapter(file);
    }
    if (hash.digest('hex') !== expected.sha256) throw notAnArchive(`The part ${part.path} has another hash.`);
  }
  if (parts.next().done !== true) throw notAnArchive('It holds more than its manifest lists.');
  if (image === undefined) throw notAnArchive('It holds no database.');
  const db = openUntrusted(image);
  try {
    if (Number(db.pragma('user_version', { simple: true })) !== manifest.schema) {
      throw notAnArchive('Its database is of another version than it says.');
    }
    assertSchema(db, input.migrations);
    return db;
  } catch (error) {
    db.close();
    throw error instanceof AppError && error.code === 'database-corrupt'
      ? notAnArchive('Its database is not one of Keepsake.', error)
      : error;
  }
}

function openUntrusted(image: Buffer): Database {
  try {
    const db = openImage(image);
    db.pragma('trusted_schema = OFF');
    db.pragma('foreign_keys = ON');
    return db;
  } catch (cause) {
    throw notAnArchive('Its database is damaged.', cause);
  }
}

function readManifest(part: unknown): ProfileManifest {
  const first = part as ArchivePart | undefined;
  if (first?.path !== manifestPath) throw notAnArchive('It does not begin with a manifest.');
  if (first.sizeBytes > archiveLimits.manifest) throw notAnArchive('Its manifest is too large.');
  return parseManifest(Buffer.concat([...first.chunks()]).toString('utf8'));
}

const adapterRows = z.array(z.object({ id: z.string(), file: z.string() }));

/** Names adapters and runs by their place in the archive, and gives the adapter files that are there. */
function takeAdapters(db: Database): { readonly path: string; readonly file: string }[] {
  const rows = adapterRows.parse(db.prepare('SELECT id, file FROM adapters ORDER BY created_at, id').all());
  db.prepare("UPDATE adapters SET file = 'adapters/' || id || '.gguf'").run();
  db.prepare("UPDATE training_runs SET folder = 'runs/' || id").run();
  return rows
    .filter(({ file }) => existsSync(file))
    .map(({ id, file }) => ({ path: `adapters/${id}.gguf`, file }));
}

/** Names adapters, runs and bases as this data folder does. */
function placeHere(db: Database, folder: string, baseIds: ReadonlyMap<string, string>): void {
  db.transaction(() => {
    const setFile = db.prepare('UPDATE adapters SET file = ? WHERE id = ?');
    for (const { id } of adapterRows.parse(db.prepare('SELECT id, file FROM adapters').all())) {
      setFile.run(join(folder, 'adapters', `${basename(id)}.gguf`), id);
    }
    const setFolder = db.prepare('UPDATE training_runs SET folder = ? WHERE id = ?');
    for (const id of z.array(z.string()).parse(db.prepare('SELECT id FROM training_runs').pluck().all())) {
      setFolder.run(join(folder, 'runs', basename(id)), id);
    }
    for (const table of tablesWithBase(db)) {
      const update = db.prepare(`UPDATE ${table} SET base_model_id = ? WHERE base_model_id = ?`);
      for (const [before, after] of baseIds) if (before !== after) update.run(after, before);
    }
  })();
}

function baseIdsOf(db: Database): string[] {
  const ids = tablesWithBase(db).flatMap((table) =>
    z
      .array(z.string())
      .parse(
        db
          .prepare(`SELECT DISTINCT base_model_id FROM ${table} WHERE base_model_id IS NOT NULL`)
          .pluck()
          .all(),
      ),
  );
  return [...new Set(ids)];
}

function tablesWithBase(db: Database): string[] {
  return z.array(z.string()).parse(
    db
      .prepare(
        `SELECT t.name FROM pragma_table_list AS t JOIN pragma_table_info(t.name) AS c
           WHERE t.schema = 'main' AND t.type = 'table' AND c.name = 'base_model_id' ORDER BY t.name`,
      )
      .pluck()
      .all(),
  );
}

function filePart(path: string, file: string, signal: AbortSignal | undefined): ArchivePart {
  const handle = openSync(file, 'r');
  const { size } = fstatSync(handle);
  closeSync(handle);
  return {
    path,
    sizeBytes: size,
    *chunks() {
      const source = openSync(file, 'r');
      try {
        for (let done = 0; done < size;) {
          signal?.throwIfAborted();
          const chunk = Buffer.alloc(Math.min(1 << 20, size - done));
          const count = readSync(source, chunk, 0, chunk.length, done);
          if (count === 0) throw new AppError('conflict', `The adapter ${path} changed while it was read.`);
          done += count;
          yield chunk.subarray(0, count);
        }
      } finally {
        closeSync(source);
      }
    },
  };
}

function hashOf(part: ArchivePart): string {
  const hash = createHash('sha256');
  for (const bytes of part.chunks()) hash.update(bytes);
  return hash.digest('hex');
}

/** Throws `invalid-input` where no file can be. */
function assertPlace(file: string): void {
  const isNamed = !file.includes('\0') && Buffer.byteLength(basename(file)) <= 200;
  if (isNamed && statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new AppError(
    'invalid-input',
    isNamed ? `There is no folder ${dirname(file)} to write into.` : 'That is no name for a file.',
    { hint: 'Name a file in a folder that is there.' },
  );
}

function assertFree(file: string): void {
  if (!existsSync(file)) return;
  throw new AppError('conflict', `There is a file ${file} already; nothing was written over.`, {
    hint: 'Name another file, or move that one away.',
  });
}

function openArchive(file: string): number {
  try {
    // Asked first: opening a pipe would wait for whoever writes into it.
    if (statSync(file).isFile()) return openSync(file, 'r');
  } catch (cause) {
    throw new AppError('not-found', `The file cannot be read: ${file}.`, { hint: 'Check the path.', cause });
  }
  throw new AppError('invalid-input', `${file} is not a file.`, { hint: 'Name a profile archive.' });
}

/** The parts are as large in the folder as in the archive, and some room must stay. */
function assertRoom(folder: string, sizeBytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const spareBytes = 50_000_000;
  if (bavail * bsize > sizeBytes + spareBytes) return;
  throw new AppError(
    'disk-full',
    `The profile needs ${Math.ceil(sizeBytes / 1e6)} MB, and the disk has not that much free.`,
    {
      hint: 'Free some space, then import it again.',
    },
  );
}
