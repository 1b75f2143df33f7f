// Preloaded into a process (NODE_OPTIONS=--import=…): writes a line to the file named by WATCH_CONNECTIONS for every
// attempt to reach a network, and lets it fail.
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

function refuse(what) {
  appendFileSync(process.env.WATCH_CONNECTIONS, `${what}\n`);
  throw Object.assign(new Error(`${what} was asked for`), { code: 'ENETUNREACH' });
}

net.Socket.prototype.connect = () => refuse('a socket');
dns.lookup = () => refuse('a name');
Object.assign(globalThis, { fetch: () => refuse('fetch') });
syncBuiltinESMExports();
