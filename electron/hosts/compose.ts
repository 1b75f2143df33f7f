/** The only place where real implementations are chosen; every host starts here. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { createApp, type App } from '../core/app.ts';
import { toStorageError } from '../core/db/database-errors.ts';
import { profileMigrations } from '../core/db/migrations/index.ts';
import { createBackups } from '../core/db/backups.ts';
import { backUp, copyToMemory, openDatabase, openDatabaseForReading } from '../core/db/open-database.ts';
import type { Clock, Dependencies, HostWork, ModelRuntime, Paths } from '../core/dependencies.ts';
import { isDataLocked } from '../platform/data-lock.ts';
import { watchPlace } from '../platform/data-place.ts';
import { createDataFolders } from '../platform/data-paths.ts';
import { createHttpDownloader } from '../platform/http-downloader.ts';
import { hubEndpoints } from '../platform/hub-endpoints.ts';
import { createMachine } from '../platform/machine.ts';
import { createJobControl } from '../platform/job-control.ts';
import { createNativeTrainer } from '../platform/native-trainer.ts';
import { backendsFolder, deviceBackends, workerProgram } from '../platform/program-paths.ts';
import { sampleLimits } from '../platform/sample-limits.ts';
import { composeFolder, projectRoot, type DataFolder, type FolderOptions } from './compose-folder.ts';

export type ComposeOptions = FolderOptions & {
  /** Id or name of a profile; the current one where none is named. */
  readonly profile?: string | undefined;
  /** For reading: keeps nothing open, so that others may change and delete files meanwhile. */
  readonly detached?: boolean;
  /** A model runtime that outlives the app. Defaults to one that ends with it. */
  readonly runtime?: ModelRuntime;
  /** What a host with a page adds. */
  readonly host?: (folder: DataFolder) => HostWork;
};

export type ComposedApp = App & {
  /** What a person should be told although the work goes on. */
  readonly notices: readonly string[];
};

/** Opens a data folder and one of its profiles, and creates the app over them. */
export function compose({ profile, detached, runtime, host, ...options }: ComposeOptions): ComposedApp {
  const folder = composeFolder(options);
  try {
    const paths = folder.pathsOf(folder.profiles.resolve(profile).id);
    if (folder.canWrite) createDataFolders(paths);
    const plan = folder.planOf(
      createBackups({ database: 'profile', folder: paths.backups, now: folder.clock.now }),
    );
    const databases = {
      app: folder.appDatabase,
      profile: folder.canWrite
        ? openDatabase(paths.profileDatabase, profileMigrations, plan)
        : openForReading(paths, detached ?? false),
    };
    const dependencies = {
      ...createDependencies(folder, paths),
      ...(runtime !== undefined && { runtime }),
      ...(host !== undefined && { host: host(folder) }),
      ...(folder.canWrite && {
        assertInPlace: watchPlace(paths.data, [paths.appDatabase, paths.profileDatabase]),
        backUpIfDue: onceADay(folder.clock, () => backUp(databases.profile, false, plan)),
      }),
    };
    const created = createApp(dependencies, databases);
    if (folder.canWrite) created.services.recover();
    // Nobody is writing, so that what its row calls running was killed; only this reader's copy is told so.
    else if (!dependencies.isBusy()) created.services.jobs.markInterrupted();
    return {
      ...created,
      notices: folder.notices,
      dispose: async () => {
        // A full disk must not leave the folder locked.
        await created.dispose().finally(folder.release);
      },
    };
  } catch (error) {
    folder.dispose();
    // A damaged page may lie where nobody looked before.
    throw toStorageError(error, folder.pathsOf().data);
  }
}

function createDependencies(folder: DataFolder, paths: Paths): Dependencies {
  const { env, platform, arch } = process;
  return {
    paths,
    clock: folder.clock,
    newId: folder.newId,
    log: folder.log,
    trainer: createNativeTrainer({
      program: workerProgram(projectRoot, env, platform),
      backendsDir: backendsFolder(projectRoot, platform, arch),
      backends: deviceBackends(projectRoot, platform, arch),
      ...silenceFrom(env.KEEPSAKE_SILENCE_MS),
    }),
    runtime: createLazyRuntime(),
    downloader: createHttpDownloader(),
    machine: createMachine(),
    hubEndpoints: hubEndpoints(env),
    sampleLimits: sampleLimits(env.KEEPSAKE_SAMPLES),
    control: createJobControl(join(paths.data, 'orders')),
    isBusy: () => !folder.canWrite && isDataLocked(paths.data),
  };
}

/** For tests: after how long without a line the worker counts as hung. */
function silenceFrom(text: string | undefined): { silenceMs?: number } {
  const silenceMs = Number(text);
  return Number.isInteger(silenceMs) && silenceMs > 0 ? { silenceMs } : {};
}

function openForReading(paths: Paths, detached: boolean): Database {
  const db = openDatabaseForReading(paths.profileDatabase, profileMigrations, tmpdir());
  return detached ? copyToMemory(db) : db;
}

/** Not on the first day, which opening has seen to. */
function onceADay(clock: Clock, work: () => void): () => void {
  const today = (): string => new Date(clock.now()).toDateString();
  let last = today();
  return () => {
    if (today() === last) return;
    last = today();
    work();
  };
}

/** node-llama-cpp takes a moment to load, so that only commands that need a model wait for it. */
export function createLazyRuntime(): ModelRuntime {
  let loading: Promise<ModelRuntime> | undefined;
  let limit: number | null = null;
  const runtime = (): Promise<ModelRuntime> => {
    loading ??= import('../platform/llama-runtime.ts').then(({ createLlamaRuntime }) => {
      const loaded = createLlamaRuntime();
      loaded.limitThreads?.(limit);
      return loaded;
    });
    return loading;
  };
  return {
    load: async (file, options) => (await runtime()).load(file, options),
    releaseAdapter: async (file) => {
      await (await loading)?.releaseAdapter(file);
    },
    limitThreads: (threads) => {
      limit = threads;
      void loading?.then((loaded) => loaded.limitThreads?.(threads));
    },
    dispose: async () => {
      await (await loading)?.dispose();
    },
  };
}
