/** Routes in the hash with their own query ("#/facts?q=luna"); Back works for both. */
import { useSyncExternalStore } from 'react';

const moved = 'keepsake:moved';

/** Path and query of the address now: "/facts?q=luna". */
export function currentAddress(): string {
  const address = location.hash.replace(/^#?\/?/u, '');
  return `/${address}`;
}

/** Goes to a path with an optional query. */
export function navigate(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  const address = `#${to.startsWith('/') ? to : `/${to}`}`;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  window.dispatchEvent(new Event(moved));
}

/** The hook that wouter asks for the path. */
export function useHashPath(): [string, typeof navigate] {
  return [useSyncExternalStore(subscribe, readPath), navigate];
}
useHashPath.hrefs = (href: string): string => `#${href}`;

/** The hook that wouter asks for the query, without its question mark. */
export function useHashQuery(): string {
  return useSyncExternalStore(subscribe, readQuery);
}

/** The query's fields, and a way to change some of them; an empty one leaves the address. */
export function useQueryFields(): [
  URLSearchParams,
  (change: Readonly<Record<string, string | null>>, options?: { readonly replace?: boolean }) => void,
] {
  const query = useHashQuery();
  return [new URLSearchParams(query), changeQuery];
}

function changeQuery(
  change: Readonly<Record<string, string | null>>,
  { replace = true }: { readonly replace?: boolean } = {},
): void {
  const fields = new URLSearchParams(readQuery());
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '') fields.delete(name);
    else fields.set(name, value);
  }
  const query = fields.toString();
  navigate(`${readPath()}${query === '' ? '' : `?${query}`}`, { replace });
}

const readPath = (): string => currentAddress().split('?', 1)[0] ?? '/';
const readQuery = (): string => {
  const address = currentAddress();
  const mark = address.indexOf('?');
  return mark === -1 ? '' : address.slice(mark + 1);
};

function subscribe(onChange: () => void): () => void {
  const names = ['hashchange', 'popstate', moved];
  for (const name of names) window.addEventListener(name, onChange);
  return () => {
    for (const name of names) window.removeEventListener(name, onChange);
  };
}
