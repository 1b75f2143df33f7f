/** The ways on which a host offers the contract, each as one function from a router to a client of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client';
import { RPCLink as HttpLink } from '@orpc/client/fetch';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { createRouterClient } from '@orpc/server';
import type { AppClient, AppRouter } from '../../electron/core/app.ts';
import { servePort, type Port } from '../../electron/hosts/port/serve-port.ts';
import { startWebServer } from '../../electron/hosts/web/server.ts';

export type Connection = {
  readonly client: AppClient;
  /** Goes away as a closed page does. */
  readonly disconnect: () => Promise<void>;
};

export type Transport = {
  readonly name: string;
  readonly connect: (router: AppRouter) => Promise<Connection>;
};

const clientOver = (link: ClientLink<ClientContext>): AppClient => createORPCClient<AppClient>(link);

const inProcess: Transport = {
  name: 'in-process',
  connect: (router) =>
    Promise.resolve({ client: createRouterClient(router), disconnect: () => Promise.resolve() }),
};

const messagePort: Transport = {
  name: 'message port',
  connect: (router) => {
    const { port1, port2 } = new MessageChannel();
    servePort(asMainPort(port1), router);
    port2.start();
    return Promise.resolve({
      client: clientOver(new PortLink({ port: port2 })),
      disconnect: () => {
        port2.close();
        return Promise.resolve();
      },
    });
  },
};

/** Node's port with the events that Electron's has. */
export function asMainPort(port: MessagePort): Port {
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) =>
      port.on(event, (data?: unknown) => {
        listener({ data });
      }),
    start: () => port.start(),
  };
}

const http: Transport = {
  name: 'HTTP',
  connect: async (router) => {
    const pageFolder = mkdtempSync(join(tmpdir(), 'keepsake-page-'));
    const server = await startWebServer({ port: 0, router, pageFolder });
    const origin = `http://127.0.0.1:${server.port}`;
    const opened = await fetch(server.url(), { redirect: 'manual' });
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
    const headers = { cookie, origin, 'sec-fetch-site': 'same-origin' };
    return {
      client: clientOver(new HttpLink({ url: `${origin}/rpc`, headers })),
      disconnect: async () => {
        await server.close();
        rmSync(pageFolder, { recursive: true, force: true });
      },
    };
  },
};

/** Every transport, the plain call first. */
export const transports: readonly Transport[] = [inProcess, messagePort, http];
