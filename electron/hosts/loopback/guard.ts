/**
 * What every listener on this machine asks before it answers: is the request meant for it, did no web page send it, does
 * the sender hold the key, is the body one it wants.
 *
 * A page of another site can make a browser send requests here, also under a name that was made to point here (DNS
 * rebinding). So the Host must be this listener's own.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The only address that listeners bind. */
export const loopbackAddress = '127.0.0.1';

/** True for a request that names this listener as its host: `127.0.0.1:PORT` or `localhost:PORT`. */
export function isOwnHost(request: IncomingMessage, port: number): boolean {
  const host = request.headers.host?.toLowerCase();
  return host === `${loopbackAddress}:${port}` || host === `localhost:${port}`;
}

/** True for a request that a page of a browser sent; programs send neither header. */
export function isFromPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (site !== undefined && site !== 'none');
}

/** True for a request that a page of this very listener sent: browsers set both headers, and no page can forge them. */
export function isFromOwnPage(request: IncomingMessage, port: number): boolean {
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  return isOwnHost(request, port) && origin === `http://${host ?? ''}` && site === 'same-origin';
}

/** The value of a cookie, if the request brings it. */
export function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [key = '', ...value] = pair.split('=');
    if (key.trim() === name) return value.join('=').trim();
  }
  return undefined;
}

/** The token of `Authorization: Bearer …`, if there is one. */
export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+) *$/iu.exec(headers.authorization ?? '')?.[1];
}

/** Compares two secrets in a time that tells nothing about them. */
export function isSameSecret(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Headers of every answer: nothing of it is for pages, caches or other sites. */
export const answerHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Why a body was not taken. */
export type BodyProblem = 'wrong-type' | 'too-large' | 'not-json' | 'cut-off';

/** Reads a JSON body of at most `limitBytes`. */
export async function readJsonBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<{ readonly value: unknown } | { readonly problem: BodyProblem }> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { problem: 'wrong-type' };
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return { problem: 'too-large' };
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limitBytes) return { problem: 'too-large' };
      chunks.push(chunk);
    }
  } catch {
    return { problem: 'cut-off' };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: 'not-json' };
  }
}
