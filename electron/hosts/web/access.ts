/**
 * Who may use the page: whoever opened the address that was printed.
 *
 * The address holds a key of 256 random bits that is good for one hand-over: what stays in a browser's history or in a
 * process list afterwards opens nothing. The browser keeps a second secret in a cookie, which scripts cannot read and
 * other sites cannot make it send. Cookies know no ports, so its name holds ours.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { cookieOf, isSameSecret } from '../loopback/guard.ts';

const keyBytes = 32;

export type Access = {
  /** The key that the next address is to hold. */
  readonly key: () => string;
  /** Does the request bring the cookie? */
  readonly isKnown: (request: IncomingMessage) => boolean;
  /** The cookie for whoever brings the key, which is used up by that; undefined for a wrong one. */
  readonly redeem: (key: string) => string | undefined;
};

/** Keeps the secrets of one start. A `fixedKey` is for tests: it is never used up. */
export function createAccess(options: {
  readonly port: number;
  readonly fixedKey?: string | undefined;
}): Access {
  const cookieName = `keepsake-${options.port}`;
  const secret = newSecret();
  let key = options.fixedKey ?? newSecret();
  return {
    key: () => key,
    isKnown: (request) => {
      const value = cookieOf(request, cookieName);
      return value !== undefined && isSameSecret(value, secret);
    },
    redeem: (given) => {
      if (!isSameSecret(given, key)) return undefined;
      if (options.fixedKey === undefined) key = newSecret();
      return `${cookieName}=${secret}; HttpOnly; SameSite=Strict; Path=/`;
    },
  };
}

function newSecret(): string {
  return randomBytes(keyBytes).toString('base64url');
}
