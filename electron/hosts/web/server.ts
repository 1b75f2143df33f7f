/**
 * The app for a browser on this machine: the contract under /rpc and the built page.
 *
 * On 127.0.0.1 only. Every request must name this listener as its host and bring the cookie; calls must come from its own
 * page. There are no CORS headers: no other site may read an answer.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { RPCHandler } from '@orpc/server/node';
import { AppError } from '../../contract/errors.ts';
import type { AppRouter } from '../../core/app.ts';
import { isFromOwnPage, isOwnHost, loopbackAddress, readJsonBody } from '../loopback/guard.ts';
import { pageHeaders } from '../page/content-policy.ts';
import { findPageFile } from '../page/page-files.ts';
import { createAccess, type Access } from './access.ts';
import { Refusal, send, sendRefusal, sendRefusalPage } from './answers.ts';

const callPrefix = '/rpc';
const mebibyte = 1024 * 1024;
/** The largest body of a call; those that carry a file's text may be larger. */
const bodyLimitBytes = 8 * mebibyte;
const textLimitBytes = 64 * mebibyte;
const textCalls: ReadonlySet<string> = new Set(['/rpc/facts/importText', '/rpc/proposals/extract']);
/**
 * How long a client may take for a request's headers and body, and how long an idle connection stays, in milliseconds.
 *
 * Long, since clocks go on while a large dataset is built in this process: a connection that was idle for Node's usual
 * 5 s is closed just when the browser sends its next call over it.
 */
const patienceMs = { headers: 60_000, request: 120_000, idle: 600_000 };

export type WebServer = {
  readonly port: number;
  /** The address that opens the page, for a browser that does not have the cookie yet. */
  readonly url: () => string;
  /** Answers calls with another app from now on; null: with none, which the page waits for and may be told why. */
  readonly serve: (
    router: AppRouter | null,
    why?: { readonly message: string; readonly hint: string },
  ) => void;
  /** Stops listening and ends what is being answered. */
  readonly close: () => Promise<void>;
};

export type WebServerOptions = {
  /** 0 picks a free one. */
  readonly port: number;
  readonly router: AppRouter;
  /** The built page. */
  readonly pageFolder: string;
  /** For tests; see `createAccess`. */
  readonly fixedKey?: string | undefined;
  /** Called when a browser was let in by the address, which is used up then. */
  readonly onOpened?: () => void;
  /** Called with what nobody foresaw. */
  readonly onError?: (error: unknown) => void;
};

/** Listens on a port of this machine. Throws `conflict` for one that is taken. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const server = createServer({
    headersTimeout: patienceMs.headers,
    requestTimeout: patienceMs.request,
    keepAliveTimeout: patienceMs.idle,
  });
  server.maxConnections = 256;
  const port = await listen(server, options.port);
  const access = createAccess({ port, fixedKey: options.fixedKey });
  let calls: Calls | null = new RPCHandler(options.router);
  let closed = opensAgain;
  const answer = createHandler({ ...options, calls: () => calls, closed: () => closed }, port, access);
  server.on('request', (request, response) => void answer(request, response));
  return {
    port,
    url: () => `http://${loopbackAddress}:${port}/?key=${access.key()}`,
    serve: (router, why = opensAgain) => {
      closed = why;
      calls = router === null ? null : new RPCHandler(router);
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

type Target = { readonly path: string; readonly query: URLSearchParams };
type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type Calls = Pick<RPCHandler<object>, 'handle'>;

const opensAgain = { message: 'Keepsake closes, and opens again.', hint: 'Wait a moment.' };

function createHandler(
  options: Omit<WebServerOptions, 'router'> & {
    readonly calls: () => Calls | null;
    readonly closed: () => { readonly message: string; readonly hint: string };
  },
  port: number,
  access: Access,
): Answer {
  async function call(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method !== 'POST') {
      throw new Refusal(405, 'Calls are made by POST.', 'Use the page or the command line.');
    }
    if (!isFromOwnPage(request, port)) {
      throw new Refusal(403, 'Only the page of Keepsake may call.', 'Open the address that was printed.');
    }
    const calls = options.calls();
    if (calls === null) throw new Refusal(503, options.closed().message, options.closed().hint);
    const limitBytes = textCalls.has(path) ? textLimitBytes : bodyLimitBytes;
    // The handler takes a body that was read already.
    Object.assign(request, { body: await bodyOf(request, limitBytes) });
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
    const { matched } = await calls.handle(request, response, { prefix: callPrefix, context: {} });
    if (!matched) throw new Refusal(404, 'There is no such call.', 'Reload the page.');
  }

  async function file(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Refusal(405, 'Files are read by GET.', 'Open the address that was printed.');
    }
    const found = await findPageFile(options.pageFolder, path);
    if (found === undefined) {
      const isPage = path === '/' || path === '/index.html';
      throw isPage
        ? new Refusal(503, 'The page is not built.', 'Build it with: npm run build')
        : new Refusal(404, 'There is no such file.', 'Go to the start page.');
    }
    send(response, 200, found);
  }

  /** Gives the cookie for the key and takes the key out of the address bar; tells whether that was what was asked. */
  function handOver(request: IncomingMessage, response: ServerResponse, { path, query }: Target): boolean {
    const key = query.get('key');
    if (key === null || path !== '/' || request.method !== 'GET') return false;
    const isKnown = access.isKnown(request);
    // Another site that knew the key could not bring its own browser in by it.
    const site = request.headers['sec-fetch-site'];
    const isAsked = site === undefined || site === 'none' || site === 'same-origin';
    const cookie = isKnown || !isAsked ? undefined : access.redeem(key);
    if (!isKnown && cookie === undefined) throw locked();
    response.writeHead(303, {
      ...pageHeaders,
      location: '/',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    });
    response.end();
    if (cookie !== undefined) options.onOpened?.();
    return true;
  }

  async function route(request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
    if (!isOwnHost(request, port)) {
      throw new Refusal(
        421,
        'This address does not belong to Keepsake.',
        'Open the address that was printed.',
      );
    }
    if (handOver(request, response, target)) return;
    if (!access.isKnown(request)) throw locked();
    const { path } = target;
    if (isCall(path)) await call(request, response, path);
    else await file(request, response, path);
  }

  return async (request, response) => {
    const target = parseTarget(request);
    try {
      await route(request, response, target);
    } catch (error) {
      const refusal = error instanceof Refusal ? error : failed();
      if (!(error instanceof Refusal)) options.onError?.(error);
      if (response.headersSent) response.destroy();
      else if (isCall(target.path)) sendRefusal(response, refusal);
      else sendRefusalPage(response, refusal);
    }
  };
}

function isCall(path: string): boolean {
  return path === callPrefix || path.startsWith(`${callPrefix}/`);
}

/** Path and query as they were sent; nothing is decoded and no `..` is resolved. */
function parseTarget(request: IncomingMessage): Target {
  const [path = '', query] = (request.url ?? '').split('?', 2);
  return { path, query: new URLSearchParams(query) };
}

async function bodyOf(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const body = await readJsonBody(request, limitBytes);
  if ('value' in body) return body.value;
  switch (body.problem) {
    case 'wrong-type':
      throw new Refusal(
        415,
        'The content type must be application/json.',
        'Use the page or the command line.',
      );
    case 'too-large': {
      const limit = limitBytes / mebibyte;
      throw new Refusal(
        413,
        `This is more than ${limit} MB at once.`,
        'Nothing was changed. Send it in parts.',
      );
    }
    case 'not-json':
      throw new Refusal(400, 'The body is not valid JSON in UTF-8.', 'Nothing was changed. Reload the page.');
    case 'cut-off':
      throw new Refusal(400, 'The body was cut off.', 'Nothing was changed. Try again.');
  }
}

function locked(): Refusal {
  return new Refusal(
    401,
    'This page opens with its key only.',
    'Paste the last address that Keepsake printed into the address bar; each opens one browser.',
  );
}

function failed(): Refusal {
  return new Refusal(500, 'The request could not be answered.', 'Your data is unchanged. Reload the page.');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new AppError('conflict', `The port ${port} cannot be used (${cause.code ?? cause.message}).`, {
          hint: 'Choose another one with --port, or 0 for any that is free.',
          cause,
        }),
      );
    });
    server.listen({ port, host: loopbackAddress, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
