/** The only place where real implementations are chosen; every host starts here. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createApp, type App } from '../core/app.ts';
import { withStorageErrors } from '../core/db/database-errors.ts';
import { appMigrations, profileMigrations } from '../core/db/migrations/index.ts';
import { copyToMemory, openDatabase, openDatabaseForReading } from '../core/db/open-database.ts';
import type { Dependencies, ModelRuntime } from '../core/dependencies.ts';
import type { Databases } from '../core/services.ts';
import { acquireDataLock, isDataLocked } from '../platform/data-lock.ts';
import {
  assertFolderOrMissing,
  createDataFolders,
  dataPaths,
  defaultDataFolder,
} from '../platform/data-paths.ts';
import { createFileLogger, silentLogger } from '../platform/file-logger.ts';
import { createNativeTrainer } from '../platform/native-trainer.ts';
import { backendsFolder, workerProgram } from '../platform/program-paths.ts';

/** The folder that holds package.json. */
const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

export type ComposeOptions = {
  /** The data folder, absolute; defaults to the system's place for an app's data. */
  readonly data?: string | undefined;
  /**
   * `write` takes the folder's only write lock; `read` changes nothing on disk and works beside a writer and in a
   * read-only folder.
   */
  readonly access: 'read' | 'write';
};

/** Opens a data folder and creates the app over it. */
export function compose({ data, access }: ComposeOptions): App {
  const { env, platform } = process;
  const paths = dataPaths(data ?? defaultDataFolder(env, platform), join(projectRoot, 'resources'), env);
  const canWrite = access === 'write';
  assertFolderOrMissing(paths);
  if (canWrite) createDataFolders(paths);
  const lock = canWrite ? acquireDataLock(paths.data) : undefined;
  try {
    const dependencies: Dependencies = {
      paths,
      clock: { now: () => Date.now() },
      newId: randomUUID,
      log: canWrite ? createFileLogger(join(paths.data, 'logs'), () => Date.now()) : silentLogger,
      trainer: createNativeTrainer({
        program: workerProgram(projectRoot, env, platform),
        backendsDir: backendsFolder(projectRoot, platform, process.arch),
      }),
      runtime: createLazyRuntime(),
      isBusy: () => !canWrite && isDataLocked(paths.data),
    };
    const databases = withStorageErrors(paths.data, () => openDatabases(dependencies, canWrite));
    // A damaged page may lie where nobody looked before.
    const app = withStorageErrors(paths.data, () => {
      const created = createApp(dependencies, databases);
      if (canWrite) created.services.recover();
      // Nobody is writing, so that what its row calls running was killed; only this reader's copy is told so.
      else if (!dependencies.isBusy()) created.services.jobs.markInterrupted();
      return created;
    });
    return {
      ...app,
      dispose: async () => {
        await app.dispose();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function openDatabases({ paths }: Dependencies, canWrite: boolean): Databases {
  if (canWrite) {
    return {
      app: openDatabase(paths.appDatabase, appMigrations),
      profile: openDatabase(paths.profileDatabase, profileMigrations),
    };
  }
  const temporary = tmpdir();
  return {
    // What a reader finds out about base models is kept for this process only.
    app: copyToMemory(openDatabaseForReading(paths.appDatabase, appMigrations, temporary)),
    profile: openDatabaseForReading(paths.profileDatabase, profileMigrations, temporary),
  };
}

/** node-llama-cpp takes a moment to load, so that only commands that need a model wait for it. */
function createLazyRuntime(): ModelRuntime {
  let loading: Promise<ModelRuntime> | undefined;
  const runtime = (): Promise<ModelRuntime> => {
    loading ??= import('../platform/llama-runtime.ts').then(({ createLlamaRuntime }) => createLlamaRuntime());
    return loading;
  };
  return {
    load: async (file, options) => (await runtime()).load(file, options),
    releaseAdapter: async (file) => {
      await (await loading)?.releaseAdapter(file);
    },
    dispose: async () => {
      await (await loading)?.dispose();
    },
  };
}
