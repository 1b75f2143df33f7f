/** Opens a data folder without any of its profiles: its lock, its app.db and the list of profiles. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { createBackups, type Backups } from '../core/db/backups.ts';
import { toStorageError, withStorageErrors } from '../core/db/database-errors.ts';
import { AppError } from '../contract/errors.ts';
import { appMigrations } from '../core/db/migrations/index.ts';
import {
  copyToMemory,
  openDatabase,
  openDatabaseForReading,
  type BackupPlan,
} from '../core/db/open-database.ts';
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

/** The folder that holds package.json: of the checkout, or of the packed app, where programs lie in other folders. */
export const projectRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package.json')) ? folder : findRoot(above);
}

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
  /** What a person should be told although the work goes on. */
  readonly notices: readonly string[];
  /** How a database is copied before it is written to. */
  readonly planOf: (backups: Backups) => BackupPlan;
  /** Gives the lock back; whoever uses the database on closes it. */
  readonly release: () => void;
  /** Closes the database and gives the lock back. */
  readonly dispose: () => void;
};

/** The places of a data folder, with those of one of its profiles. */
export function dataPathsOf(data: string | undefined, profileId?: string): Paths {
  const { env, platform } = process;
  return dataPaths(data ?? defaultDataFolder(env, platform), join(projectRoot, 'resources'), env, profileId);
}

/** Opens a data folder; a writer first ends what a killed process had begun with its profiles. */
export function composeFolder({ data, access }: FolderOptions): DataFolder {
  const pathsOf = (profileId?: string): Paths => dataPathsOf(data, profileId);
  const paths = pathsOf();
  const canWrite = access === 'write';
  const clock: Clock = { now: () => Date.now() };
  assertFolderOrMissing(paths);
  if (canWrite) createDataFolder(paths);
  const lock = canWrite ? acquireDataLock(paths.data) : undefined;
  const release = (): void => lock?.release();
  const log = canWrite ? createFileLogger(join(paths.data, 'logs'), clock.now) : silentLogger;
  const notices: string[] = [];
  const planOf = (backups: Backups): BackupPlan => ({
    backups,
    onFailure: (error) => {
      const named = toStorageError(error, paths.data);
      const code = named instanceof AppError ? named.code : 'internal';
      log.log('warn', 'backup', { code });
      const reason = named instanceof AppError ? named.message : String(named);
      notices.push(`No backup could be made: ${reason} The work goes on without one.`);
    },
  });
  const appBackups = createBackups({ database: 'app', folder: paths.appBackups, now: clock.now });
  try {
    return withStorageErrors(paths.data, () => {
      const appDatabase = openAppDatabase(paths, canWrite ? planOf(appBackups) : undefined);
      const profiles = createProfileService({
        db: appDatabase,
        clock,
        newId: randomUUID,
        profilesFolder: paths.profiles,
        destroyBackups: () => appBackups.destroy(),
      });
      if (canWrite) profiles.recover();
      return {
        pathsOf,
        appDatabase,
        profiles,
        clock,
        newId: randomUUID,
        log,
        canWrite,
        notices,
        planOf,
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

/** For writing where there is a plan for its copies, else for reading. */
function openAppDatabase(paths: Paths, plan: BackupPlan | undefined): Database {
  if (plan !== undefined) return openDatabase(paths.appDatabase, appMigrations, plan);
  // What a reader finds out about base models is kept for this process only.
  return copyToMemory(openDatabaseForReading(paths.appDatabase, appMigrations, tmpdir()));
}
