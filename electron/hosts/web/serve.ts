/** Joins the web host to a data folder. */
import { setTimeout as wait } from 'node:timers/promises';
import { toAppError } from '../../contract/errors.ts';
import { composeHosted, type HostedApp } from '../compose-hosted.ts';
import { performOrder } from '../compose-order.ts';
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
  /** Hears what a person should be told later on. */
  readonly onNotice?: (notice: string) => void;
};

/** A running web host. */
export type Serving = {
  readonly url: () => string;
  readonly port: number;
  readonly notices: readonly string[];
  /** Resolves, with a sentence for the terminal, when the app has closed by itself because everything was deleted. */
  readonly ended: Promise<string>;
  /** Stops listening, then stops jobs (a training keeps its checkpoint) and gives the data folder back. */
  readonly close: () => Promise<void>;
};

/** How often a folder is tried that cannot be opened again, in milliseconds. */
const retryMs = 2000;

/** Serves a profile until `close`; an app that closes to be restored is opened again for the same browsers. */
export async function serveWeb(options: ServeOptions): Promise<Serving> {
  const place = { data: options.data, profile: options.profile };
  let app = await composeHosted(place);
  try {
    const server = await startWebServer({
      port: options.port,
      router: app.router,
      pageFolder: options.pageFolder ?? builtPage,
      fixedKey: options.fixedKey,
      ...(options.onOpened !== undefined && { onOpened: options.onOpened }),
    });
    let isClosed = false;
    /** Until it can be opened, the page is told why it cannot. */
    const openAgain = async (): Promise<HostedApp | null> => {
      let told = '';
      while (!isClosed) {
        try {
          return await composeHosted(place);
        } catch (error) {
          const { message, hint = 'Keepsake tries again.' } = toAppError(error);
          if (message !== told) options.onNotice?.(`${message} ${hint}`);
          told = message;
          server.serve(null, { message, hint });
          await wait(retryMs);
        }
      }
      return null;
    };
    const follow = async (): Promise<string> => {
      for (;;) {
        const order = await app.asked;
        server.serve(null);
        // A full disk may refuse the last rows of what runs.
        await app.dispose().catch(() => undefined);
        if (order.kind === 'delete-all') {
          await server.close();
          return (await performOrder(options.data, order)) ?? '';
        }
        const opened = await openAgain();
        if (opened === null) return '';
        app = opened;
        for (const notice of app.notices) options.onNotice?.(notice);
        server.serve(app.router);
      }
    };
    return {
      url: server.url,
      port: server.port,
      notices: app.notices,
      ended: follow(),
      close: async () => {
        isClosed = true;
        await server.close();
        await app.dispose();
      },
    };
  } catch (error) {
    await app.dispose();
    throw error;
  }
}
