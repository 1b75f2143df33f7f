import { mkdirSync, chmodSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Paths } from '../core/dependencies.ts';
import { defaultProfileId } from '../core/profiles/profile-rules.ts';
import { AppError } from '../contract/errors.ts';
import { withStorageErrors } from '../core/db/database-errors.ts';

/** Where the user's data lie when no folder is named: the system's place for an app's data. */
export function defaultDataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'Keepsake');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Keepsake');
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'keepsake');
}

/** Where downloaded base models are kept; it may be emptied at any time. */
export function modelCacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'keepsake', 'models');
}

/** The base model that set-up fetches. */
const defaultModelFile = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** All places the core uses: below a data folder, in the shipped resources and in the user's cache; absolute. */
export function dataPaths(
  dataFolder: string,
  resources: string,
  env: NodeJS.ProcessEnv,
  profileId: string = defaultProfileId,
): Paths {
  const data = resolve(dataFolder);
  const profiles = join(data, 'profiles');
  const profile = join(profiles, profileId);
  return {
    data,
    resources,
    profiles,
    profileId,
    profile,
    adapters: join(profile, 'adapters'),
    runs: join(profile, 'runs'),
    deviceChecks: join(data, 'device-checks.json'),
    backups: join(profile, 'backups'),
    appBackups: join(data, 'backups'),
    appDatabase: join(data, 'app.db'),
    profileDatabase: join(profile, 'profile.db'),
    defaultModel: join(modelCacheFolder(env), defaultModelFile),
    models: modelCacheFolder(env),
  };
}

/** Makes the data folder, readable by its owner only. Throws `data-folder-read-only` or `disk-full`. */
export function createDataFolder(paths: Paths): void {
  createFolders(paths, [paths.data]);
}

/** Makes the data folder and those of the profile. */
export function createDataFolders(paths: Paths): void {
  createFolders(paths, [paths.data, paths.profile, paths.adapters, paths.runs]);
}

function createFolders(paths: Paths, folders: readonly string[]): void {
  withUsableFolder(paths.data, () => {
    const isNew = !exists(paths.data);
    for (const folder of folders) createFolder(folder);
    if (isNew) chmodSync(paths.data, 0o700);
  });
}

/** Step by step: Node's own recursion never ends below some system folders. */
function createFolder(folder: string): void {
  if (exists(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) createFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (!exists(folder)) throw error;
  }
}

function withUsableFolder<Result>(folder: string, work: () => Result): Result {
  try {
    return withStorageErrors(folder, work);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('data-folder-read-only', `The data folder cannot be used: ${folder}.`, {
      hint: 'Name another folder with --data.',
      cause,
    });
  }
}

/** Refuses a data folder that is a file. Reading from a folder that is not there is an empty answer. */
export function assertFolderOrMissing(paths: Paths): void {
  const stats = withUsableFolder(paths.data, () => statSync(paths.data, { throwIfNoEntry: false }));
  if (stats !== undefined && !stats.isDirectory()) {
    throw new AppError(
      'data-folder-read-only',
      `The data folder cannot be used: ${paths.data} is not a folder.`,
      {
        hint: 'Name a folder with --data.',
      },
    );
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
