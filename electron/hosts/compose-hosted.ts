/** The app for a host with a page: it also serves other programs, archives profiles, and closes to be deleted. */
import { join } from 'node:path';
import type { FolderOrder, HostWork } from '../core/dependencies.ts';
import { compose, type ComposedApp, type ComposeOptions } from './compose.ts';
import { exportFrom, importInto } from './compose-archive.ts';
import { dataPathsOf, type DataFolder } from './compose-folder.ts';
import { keepOrder, performOrder } from './compose-order.ts';
import { findKey, readOrCreateKey } from './openai/key-file.ts';
import { startOpenAiServer } from './openai/server.ts';

/** The page gets its answer before the app closes, in milliseconds. */
const answerFirstMs = 200;
/** How long what was done before the opening is news for a page, in milliseconds. */
const newsMs = 60_000;

export type HostedApp = ComposedApp & {
  /** Resolves when the app is asked to close; `performOrder` then does what it closes for. */
  readonly asked: Promise<FolderOrder>;
  readonly dataFolder: string;
};

/** Opens a data folder for writing, after doing what a closed app had left to do. */
export async function composeHosted(options: Pick<ComposeOptions, 'data' | 'profile'>): Promise<HostedApp> {
  const said = await performOrder(options.data);
  let ask: (order: FolderOrder) => void = () => undefined;
  const asked = new Promise<FolderOrder>((resolve) => {
    ask = resolve;
  });
  const openedAt = Date.now();
  const openedWith = (): string | null => (Date.now() - openedAt < newsMs ? said : null);
  const host = (folder: DataFolder): HostWork => ({ ...hostWork(folder, ask), openedWith });
  const app = compose({ ...options, access: 'write', host });
  void app.services.localServer.resume();
  return {
    ...app,
    notices: [...(said === null ? [] : [said]), ...app.notices],
    asked,
    dataFolder: dataPathsOf(options.data).data,
  };
}

function hostWork(folder: DataFolder, ask: (order: FolderOrder) => void): Omit<HostWork, 'openedWith'> {
  const { data } = folder.pathsOf();
  const keyFile = join(data, 'openai-key');
  return {
    exportProfile: (id, output, signal) => {
      const { profile, manifest } = exportFrom(folder, id, output, signal);
      return { profile, facts: manifest.facts, versions: manifest.files.length - 1 };
    },
    importProfile: (file, options) => {
      const { profile, manifest, missingBases } = importInto(folder, file, options);
      return { profile, facts: manifest.facts, versions: manifest.files.length - 1, missingBases };
    },
    afterClose: (order) => {
      keepOrder(data, order);
      setTimeout(() => ask(order), answerFirstMs);
    },
    listen: startOpenAiServer,
    serverKey: {
      find: () => findKey(keyFile)?.key ?? null,
      make: (renew) => readOrCreateKey(keyFile, data, { renew }).key,
    },
  };
}
