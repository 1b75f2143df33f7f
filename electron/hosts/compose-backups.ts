/** The copies of a data folder's databases, also where one of these can no longer be opened. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup } from '../contract/entities/backup.ts';
import { AppError } from '../contract/errors.ts';
import { createBackups, type Backups } from '../core/db/backups.ts';
import { appMigrations, profileMigrations } from '../core/db/migrations/index.ts';
import type { Paths } from '../core/dependencies.ts';
import { defaultProfileId } from '../core/profiles/profile-rules.ts';
import { acquireDataLock } from '../platform/data-lock.ts';
import { compose, type ComposeOptions } from './compose.ts';
import { composeFolder, dataPathsOf } from './compose-folder.ts';

type Place = Omit<ComposeOptions, 'access'>;

/** Copies of the app's database and of one profile's. */
export type FolderBackups = { readonly paths: Paths; readonly app: Backups; readonly profile: Backups };

/** Finds the copies. A damaged list of profiles leaves the ids, which are folder names. */
export function findBackups({ data, profile }: Place): FolderBackups {
  const paths = dataPathsOf(data, profileIdOf({ data, profile }));
  return {
    paths,
    app: createBackups({ database: 'app', folder: paths.appBackups, now: Date.now }),
    profile: createBackups({ database: 'profile', folder: paths.backups, now: Date.now }),
  };
}

/** What was put back, and what became of what was there. */
export type Restored = {
  readonly backup: Backup;
  /** The copy of the state before, or the name under which a damaged database was put aside. */
  readonly keptAs: string | null;
  /** True where the adapter that was active then is gone: the base answers until one is activated. */
  readonly adapterMissing: boolean;
};

/** Puts a copy back. The folder must be free: nobody may have a database of it open. */
export async function restoreBackup(place: Place, id: string): Promise<Restored> {
  const { paths, app, profile } = findBackups(place);
  const backup = [...profile.list(), ...app.list()].find((each) => each.id === id);
  if (backup === undefined) {
    throw new AppError('not-found', `There is no backup ${id}.`, {
      hint: 'See which there are with: keepsake backups list',
    });
  }
  const lock = acquireDataLock(paths.data);
  let keptAs: string | null;
  try {
    ({ keptAs } =
      backup.database === 'app'
        ? app.restore(id, paths.appDatabase, appMigrations)
        : profile.restore(id, paths.profileDatabase, profileMigrations));
  } finally {
    lock.release();
  }
  if (backup.database === 'app') adoptProfiles(place);
  return { backup, keptAs, adapterMissing: await dropMissingAdapter(place) };
}

/** Profiles that were made after the copy have a folder and no row. */
function adoptProfiles({ data }: Place): void {
  const folder = composeFolder({ data, access: 'write' });
  try {
    const { profiles } = folder.pathsOf();
    const ids = existsSync(profiles) ? readdirSync(profiles) : [];
    folder.profiles.adopt(ids.filter((id) => existsSync(join(profiles, id, 'profile.db'))));
  } finally {
    folder.dispose();
  }
}

async function dropMissingAdapter(place: Place): Promise<boolean> {
  const app = compose({ ...place, access: 'write' });
  try {
    const { adapters } = app.services;
    const active = adapters.active();
    if (active === null || existsSync(active.file)) return false;
    adapters.deactivate();
    return true;
  } finally {
    await app.dispose();
  }
}

function profileIdOf({ data, profile }: Place): string {
  try {
    const folder = composeFolder({ data, access: 'read' });
    try {
      return folder.profiles.resolve(profile).id;
    } finally {
      folder.dispose();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'database-corrupt') throw error;
    const id = profile ?? defaultProfileId;
    if (/^[\w-]+$/u.test(id)) return id;
    throw error;
  }
}
