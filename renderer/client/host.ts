/** What the window can do beside the app: choose paths, copy. In a browser there is none of it. */
import type { ContractRouterClient } from '@orpc/contract';
import type { HostMethods } from '../../electron/contract/host.ts';
import type { Client } from './connect.ts';

type Host = ContractRouterClient<HostMethods>['host'];

/** The window's own methods; null in a browser. */
export function hostOf(client: Client): Host | null {
  if (location.protocol !== 'app:') return null;
  // In the window the same port answers both.
  return (client as Client & ContractRouterClient<HostMethods>).host;
}

/** Puts words on the clipboard. */
export async function copyText(client: Client, words: string): Promise<void> {
  const host = hostOf(client);
  if (host === null) await navigator.clipboard.writeText(words);
  else await host.copyText({ text: words });
}
