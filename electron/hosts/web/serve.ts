/** Joins the web host to a data folder. */
import { compose } from '../compose.ts';
import { builtPage } from '../page/built.ts';
import { startWebServer } from './server.ts';

export type ServeOptions = {
  /** The data folder, absolute; undefined for the system's place. */
  readonly data: string | undefined;
  readonly profile?: string | undefined;
  readonly port: number;
  readonly pageFolder?: string | undefined;
  /** For tests; see `createAccess`. */
  readonly fixedKey?: string | undefined;
  readonly onOpened?: () => void;
};

/** A running web host. */
export type Serving = {
  readonly url: () => string;
  readonly port: number;
  readonly notices: readonly string[];
  /** Stops listening, then stops jobs (a training keeps its checkpoint) and gives the data folder back. */
  readonly close: () => Promise<void>;
};

/** Serves a profile until `close`. */
export async function serveWeb(options: ServeOptions): Promise<Serving> {
  const app = compose({ data: options.data, profile: options.profile, access: 'write' });
  try {
    const server = await startWebServer({
      port: options.port,
      router: app.router,
      pageFolder: options.pageFolder ?? builtPage,
      fixedKey: options.fixedKey,
      ...(options.onOpened !== undefined && { onOpened: options.onOpened }),
    });
    return {
      url: server.url,
      port: server.port,
      notices: app.notices,
      close: async () => {
        await server.close();
        await app.dispose();
      },
    };
  } catch (error) {
    await app.dispose();
    throw error;
  }
}
