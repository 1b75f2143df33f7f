import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };
export type Handler = (exchange: Exchange, turn: number) => void;

/** A server on this machine whose every path does what its handler says; `turn` counts the requests of the path. */
export type BadServer = {
  readonly url: (path: string) => string;
  /** Ranges that were asked for, `null` for whole files, in order. */
  readonly ranges: (string | null)[];
  readonly paths: string[];
  readonly close: () => Promise<void>;
};

/** Starts it on a free port. */
export async function startBadServer(handlers: Readonly<Record<string, Handler>>): Promise<BadServer> {
  const turns = new Map<string, number>();
  const ranges: (string | null)[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const turn = turns.get(path) ?? 0;
    turns.set(path, turn + 1);
    paths.push(path);
    ranges.push(request.headers.range ?? null);
    const handler = handlers[path] ?? handlers['*'];
    if (handler === undefined) response.writeHead(404).end();
    else handler({ request, response }, turn);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    ranges,
    paths,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The first byte that is asked for; 0 for a whole file. */
export function rangeStart(request: IncomingMessage): number {
  return Number(/^bytes=(\d+)-$/u.exec(request.headers.range ?? '')?.[1] ?? 0);
}

/** An honest server of one file: ranges, If-Range, ETag. */
export function honest(content: Buffer, etag = '"one"'): Handler {
  return ({ request, response }) => {
    const mayContinue = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const start = mayContinue ? rangeStart(request) : 0;
    if (start > 0 && start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-type': 'application/octet-stream',
      'content-length': content.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    response.end(content.subarray(start));
  };
}

/** Sends the file from the range's start on and breaks off after so many bytes. */
export function breaksOff(content: Buffer, afterBytes: number, etag = '"one"'): Handler {
  return ({ request, response }) => {
    const start = rangeStart(request);
    response.writeHead(start > 0 ? 206 : 200, {
      etag,
      'content-length': content.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    response.write(content.subarray(start, start + afterBytes), () =>
      setTimeout(() => response.socket?.end(), 150),
    );
  };
}

/** A handler for each turn; the last one stays. */
export function inTurn(...handlers: readonly Handler[]): Handler {
  return (exchange, turn) => {
    handlers[Math.min(turn, handlers.length - 1)]?.(exchange, turn);
  };
}
