/** Joins the endpoint to a data folder. */
import { join } from 'node:path';
import { createDataFolder } from '../../platform/data-paths.ts';
import { dataPathsOf } from '../compose-folder.ts';
import { readOrCreateKey } from './key-file.ts';
import { startOpenAiServer } from './server.ts';
import { createServingApp } from './serving-app.ts';

export type ServeOptions = {
  readonly data: string | undefined;
  readonly profile: string | undefined;
  readonly port: number;
  /** A key file of the user's own, absolute; undefined for the one in the data folder. */
  readonly keyFile: string | undefined;
  readonly newKey: boolean;
};

/** A running endpoint. */
export type Serving = {
  readonly url: string;
  readonly port: number;
  readonly key: string;
  readonly keyFile: string;
  readonly isNewKey: boolean;
  readonly close: () => Promise<void>;
};

/** Serves a profile until `close`. */
export async function serveOpenAi(options: ServeOptions): Promise<Serving> {
  const paths = dataPathsOf(options.data);
  const keyFile = options.keyFile ?? join(paths.data, 'openai-key');
  const serving = createServingApp(options);
  try {
    if (options.keyFile === undefined) createDataFolder(paths);
    const { key, isNew } = readOrCreateKey(keyFile, paths.data, { renew: options.newKey });
    const server = await startOpenAiServer({
      port: options.port,
      key,
      complete: (request, { signal, onText }) =>
        serving.use((app) => {
          // Whoever has left while waiting is not answered.
          signal.throwIfAborted();
          return app.services.chat.complete(request, { signal, onText });
        }),
    });
    return {
      url: server.url,
      port: server.port,
      key,
      keyFile,
      isNewKey: isNew,
      close: async () => {
        await server.close();
        await serving.dispose();
      },
    };
  } catch (error) {
    await serving.dispose();
    throw error;
  }
}
