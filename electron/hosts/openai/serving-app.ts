/**
 * The app of one profile for a process that only reads, and reads again when another process has written.
 *
 * Nothing is held open between requests: facts may be edited, and forgotten, while this serves.
 */
import { existsSync, statSync } from 'node:fs';
import type { ModelRuntime } from '../../core/dependencies.ts';
import { compose, createLazyRuntime, type ComposedApp } from '../compose.ts';
import { composeFolder } from '../compose-folder.ts';

/** How often an idle process looks whether what it has read still holds, in milliseconds. */
const lookAgainMs = 2000;

export type ServingApp = {
  /** Works with the app as the data folder is now; one at a time. */
  readonly use: <Result>(work: (app: ComposedApp) => Promise<Result>) => Promise<Result>;
  readonly dispose: () => Promise<void>;
};

/** Opens a profile for serving. Throws `not-found` for one that does not exist. */
export function createServingApp(place: {
  readonly data: string | undefined;
  readonly profile: string | undefined;
}): ServingApp {
  const folder = composeFolder({ data: place.data, access: 'read' });
  const profileId = folder.profiles.resolve(place.profile).id;
  const paths = folder.pathsOf(profileId);
  folder.dispose();
  const runtime = createLazyRuntime();
  // The model outlives what was read about facts and adapters.
  const lent: ModelRuntime = { ...runtime, dispose: () => Promise.resolve() };
  const watched = [paths.appDatabase, paths.profileDatabase].flatMap((file) => [file, `${file}-wal`]);
  let open: { readonly app: ComposedApp; readonly state: string } | undefined;
  const adapterFiles = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const run = last.then(work, work);
    last = run.catch(() => undefined);
    return run;
  };
  const stateNow = (): string => watched.map(stampOf).join(' ');

  async function closeStale(): Promise<void> {
    if (open === undefined || open.state === stateNow()) return;
    const { app } = open;
    open = undefined;
    await app.dispose();
    // A forgotten adapter leaves the memory as well.
    for (const file of [...adapterFiles]) {
      if (existsSync(file)) continue;
      adapterFiles.delete(file);
      await runtime.releaseAdapter(file);
    }
  }

  async function current(): Promise<ComposedApp> {
    await closeStale();
    if (open === undefined) {
      // Taken before reading: a change in between is read again.
      const state = stateNow();
      open = {
        app: compose({ data: place.data, profile: profileId, access: 'read', detached: true, runtime: lent }),
        state,
      };
    }
    const active = open.app.services.adapters.active();
    if (active !== null) adapterFiles.add(active.file);
    return open.app;
  }

  const timer = setInterval(() => void inTurn(closeStale).catch(() => undefined), lookAgainMs);
  timer.unref();

  return {
    use: (work) => inTurn(async () => work(await current())),
    dispose: async () => {
      clearInterval(timer);
      await inTurn(async () => {
        await open?.app.dispose();
        open = undefined;
        await runtime.dispose();
      });
    },
  };
}

function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? '-' : `${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
