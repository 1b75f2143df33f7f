/** The files of the built page, by the path of a request; nothing outside their folder is ever read. */
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export type PageFile = { readonly type: string; readonly bytes: Buffer };

/** Letters, digits and `-_.` in each part, none of which begins with a dot. */
const plainPath = /^(?:\/[\w-][\w.-]*)+$/u;

/**
 * The file of a request's path (`/` is index.html), or undefined where there is none.
 *
 * Only kinds of file that a page is made of are given; a link that leads out of the folder counts as missing.
 */
export async function findPageFile(folder: string, path: string): Promise<PageFile | undefined> {
  const name = path === '/' ? '/index.html' : path;
  const type = types[extname(name)];
  if (type === undefined || !plainPath.test(name)) return undefined;
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, name));
    if (!file.startsWith(`${root}${sep}`)) return undefined;
    return { type, bytes: await readFile(file) };
  } catch {
    return undefined;
  }
}
