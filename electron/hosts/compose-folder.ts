/** Opens a data folder without any of its profiles: its lock, its app.db and the list of profiles. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { withStorageErrors } from '../core/db/database-errors.ts';
import { appMigrations } from '../core/db/migrations/index.ts';
import { copyToMemory, openDatabase, openDatabaseForReading } from '../core/db/open-database.ts';
import type { Clock, Logger, Paths } from '../core/dependencies.ts';
import { createProfileService, type ProfileService } from '../core/profiles/profile-service.ts';
import { acquireDataLock } from '../platform/data-lock.ts';
import {
  assertFolderOrMissing,
  createDataFolder,
  dataPaths,
  defaultDataFolder,
} from '../platform/data-paths.ts';
import { createFileLogger, silentLogger } from '../platform/file-logger.ts';

/** The folder that holds package.json. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

export type FolderOptions = {
  /** The data folder, absolute; defaults to the system's place for an app's data. */
  readonly data?: string | undefined;
  /**
   * `write` takes the folder's only write lock; `read` changes nothing on disk and works beside a writer and in a
   * read-only folder.
   */
  readonly access: 'read' | 'write';
};

/** An open data folder. */
export type DataFolder = {
  /** The places of the folder, with those of a profile by its id; the default one's where none is given. */
  readonly pathsOf: (profileId?: string) => Paths;
  readonly appDatabase: Database;
  readonly profiles: ProfileService;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Logger;
  readonly canWrite: boolean;
  /** Gives the lock back; whoever uses the database on closes it. */
  readonly release: () => void;
  /** Closes the database and gives the lock back. */
  readonly dispose: () => void;
};

/** Opens a data folder; a writer first ends what a killed process had begun with its profiles. */
export function composeFolder({ data, access }: FolderOptions): DataFolder {
  const { env, platform } = process;
  const folder = data ?? defaultDataFolder(env, platform);
  const pathsOf = (profileId?: string): Paths =>
    dataPaths(folder, join(projectRoot, 'resources'), env, profileId);
  const paths = pathsOf();
  const canWrite = access === 'write';
  const clock: Clock = { now: () => Date.now() };
  assertFolderOrMissing(paths);
  if (canWrite) createDataFolder(paths);
  const lock = canWrite ? acquireDataLock(paths.data) : undefined;
  const release = (): void => lock?.release();
  try {
    return withStorageErrors(paths.data, () => {
      const appDatabase = openAppDatabase(paths, canWrite);
      const profiles = createProfileService({
        db: appDatabase,
        clock,
        newId: randomUUID,
        profilesFolder: paths.profiles,
        destroyBackups: () => undefined,
      });
      if (canWrite) profiles.recover();
      return {
        pathsOf,
        appDatabase,
        profiles,
        clock,
        newId: randomUUID,
        log: canWrite ? createFileLogger(join(paths.data, 'logs'), clock.now) : silentLogger,
        canWrite,
        release,
        dispose: () => {
          appDatabase.close();
          release();
        },
      };
    });
  } catch (error) {
    release();
    throw error;
  }
}

function openAppDatabase(paths: Paths, canWrite: boolean): Database {
  if (canWrite) return openDatabase(paths.appDatabase, appMigrations);
  // What a reader finds out about base models is kept for this process only.
  return copyToMemory(openDatabaseForReading(paths.appDatabase, appMigrations, tmpdir()));
}
