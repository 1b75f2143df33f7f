/** Whole profiles out of a data folder and into one. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { BaseModel } from '../contract/entities/model.ts';
import type { Profile } from '../contract/entities/profile.ts';
import { AppError } from '../contract/errors.ts';
import { withStorageErrors } from '../core/db/database-errors.ts';
import { profileMigrations } from '../core/db/migrations/index.ts';
import { copyToMemory, openDatabaseForReading } from '../core/db/open-database.ts';
import { findFileIdentity } from '../core/models/file-identity.ts';
import { findText, readGgufHeader } from '../core/models/gguf-header.ts';
import { createModelStore } from '../core/models/model-store.ts';
import { exportProfile, importProfile } from '../core/profiles/profile-archive.ts';
import { notAnArchive, type ArchivedBase, type ProfileManifest } from '../core/profiles/profile-manifest.ts';
import { cleanProfileName, freeName } from '../core/profiles/profile-rules.ts';
import { tarArchive } from '../platform/tar-archive.ts';
import type { DataFolder } from './compose-folder.ts';

/** Writes a profile to a new file. */
export function exportFrom(
  folder: DataFolder,
  reference: string,
  output: string,
  signal?: AbortSignal,
): { readonly profile: Profile; readonly manifest: ProfileManifest } {
  const profile = folder.profiles.resolve(reference);
  const paths = folder.pathsOf(profile.id);
  if (!existsSync(dirname(dirname(dirname(paths.profileDatabase))))) {
    throw new AppError('not-found', 'The data folder is gone from the disk; nothing can be exported.', {
      hint: 'Put it back where it was, then open Keepsake again.',
    });
  }
  const db = copyToMemory(openDatabaseForReading(paths.profileDatabase, profileMigrations, tmpdir()));
  try {
    const store = createModelStore(folder.appDatabase);
    const listBases = (ids: readonly string[]): ArchivedBase[] =>
      ids.flatMap((id) => {
        const base = store.find(id);
        return base === undefined ? [] : [toArchived(base)];
      });
    const manifest = withStorageErrors(output, () =>
      exportProfile(
        { db, name: profile.name, now: folder.clock.now(), format: tarArchive, listBases, signal },
        output,
      ),
    );
    return { profile, manifest };
  } finally {
    db.close();
  }
}

/** Makes a new profile from an archive; nothing that is there is changed. */
export function importInto(
  folder: DataFolder,
  archive: string,
  options: { readonly name?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): {
  readonly profile: Profile;
  readonly manifest: ProfileManifest;
  readonly missingBases: readonly string[];
} {
  const { profiles } = folder;
  const missingBases: string[] = [];
  let begun: ReturnType<typeof profiles.beginImport> | undefined;
  try {
    const manifest = withStorageErrors(folder.pathsOf().data, () =>
      importProfile(
        {
          format: tarArchive,
          migrations: profileMigrations,
          begin: ({ name }) => {
            const wanted =
              options.name === undefined
                ? freeName(profiles.listNames(), cleanArchivedName(name))
                : cleanProfileName(options.name);
            begun = profiles.beginImport(wanted);
            const place = profiles.folderOf(begun.id);
            mkdirSync(place, { recursive: true, mode: 0o700 });
            chmodSync(place, 0o700);
            return place;
          },
          adoptBase: (base) => adoptBase(folder, base, missingBases),
          assertAdapter,
          signal: options.signal,
        },
        archive,
      ),
    );
    if (begun === undefined) throw new Error('An import ended without a profile.');
    return { profile: profiles.finishImport(begun), manifest, missingBases };
  } catch (error) {
    if (begun !== undefined) profiles.abandonImport(begun);
    throw error;
  }
}

/** The name in an archive may be anything. */
function cleanArchivedName(name: string): string {
  try {
    return cleanProfileName(name);
  } catch {
    return 'Imported';
  }
}

function toArchived(base: BaseModel): ArchivedBase {
  const { id, name, sizeBytes, sha256, architecture, quantisation, contextLength, licence } = base;
  return { id, name, sizeBytes, sha256, architecture, quantisation, contextLength, licence };
}

/** The base of that content: one that is known, a file that lies where models lie, or one that is still to be got. */
function adoptBase(folder: DataFolder, base: ArchivedBase, missing: string[]): string {
  const store = createModelStore(folder.appDatabase);
  const known = store.findBySha256(base.sha256);
  if (known !== undefined) {
    if (!existsSync(known.file)) missing.push(known.name);
    return known.id;
  }
  const paths = folder.pathsOf();
  const models = join(paths.data, 'models');
  const files = [
    paths.defaultModel,
    ...(existsSync(models) ? readdirSync(models).map((name) => join(models, name)) : []),
  ];
  const found = files.find(
    (file) =>
      statSync(file, { throwIfNoEntry: false })?.size === base.sizeBytes && hashOfFile(file) === base.sha256,
  );
  if (found === undefined) missing.push(base.name);
  const id = store.find(base.id) === undefined ? base.id : folder.newId();
  const file = found ?? join(models, `${basename(base.name).replaceAll(/[^\w.-]/gu, '_')}.gguf`);
  store.insert({
    ...base,
    id,
    file,
    fileIdentity: found === undefined ? '' : (findFileIdentity(found) ?? ''),
    createdAt: folder.clock.now(),
  });
  return id;
}

function assertAdapter(file: string): void {
  let type: string | undefined;
  try {
    type = findText(readGgufHeader(file), 'general.type') ?? undefined;
  } catch (cause) {
    throw notAnArchive('An adapter in it is damaged.', cause);
  }
  if (type !== 'adapter') throw notAnArchive('A file in it is no adapter.');
}

function hashOfFile(file: string): string {
  const hash = createHash('sha256');
  const handle = openSync(file, 'r');
  try {
    const chunk = Buffer.alloc(1 << 20);
    for (let count = readSync(handle, chunk); count > 0; count = readSync(handle, chunk)) {
      hash.update(chunk.subarray(0, count));
    }
    return hash.digest('hex');
  } finally {
    closeSync(handle);
  }
}
