/** The way to the core: a message port in the window, HTTP in a browser. */
import { createORPCClient, type ClientContext, type ClientLink } from '@orpc/client';
import { RPCLink as HttpLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import type { Methods } from '../../electron/contract/methods.ts';

export type Client = ContractRouterClient<Methods>;

/** What the page says to the preload script, once, with the other end of its port. */
const portGreeting = 'keepsake:connect';

/** A client of the core; nothing is asked yet. */
export async function connect(): Promise<Client> {
  const link: ClientLink<ClientContext> =
    location.protocol === 'app:' ? await linkToPort() : new HttpLink({ url: `${location.origin}/rpc` });
  return createORPCClient<Client>(link);
}

async function linkToPort(): Promise<ClientLink<ClientContext>> {
  const { RPCLink } = await import('@orpc/client/message-port');
  const { port1, port2 } = new MessageChannel();
  window.postMessage(portGreeting, '*', [port2]);
  port1.start();
  return new RPCLink({ port: port1 });
}
