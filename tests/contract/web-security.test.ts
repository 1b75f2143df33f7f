import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { implement } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methods } from '../../electron/contract/methods.ts';
import type { AppRouter } from '../../electron/core/app.ts';
import { startWebServer, type WebServer } from '../../electron/hosts/web/server.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

let server: WebServer;
let cookie: string;
let added: unknown[];

beforeEach(async () => {
  const folder = tempFolder();
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(page, 'assets', 'app.js'), 'export {};');
  writeFileSync(join(page, '.hidden.js'), 'secret');
  writeFileSync(join(folder, 'outside.js'), 'secret');
  symlinkSync(join(folder, 'outside.js'), join(page, 'link.js'));
  added = [];
  const os = implement(methods);
  // One method is enough here; the others are not called.
  const router = {
    profiles: {
      list: os.profiles.list.handler(({ input }) => {
        added.push(input);
        return { profiles: [] };
      }),
    },
  } as unknown as AppRouter;
  server = await startWebServer({ port: 0, router, pageFolder: page });
  cookie = cookieFrom(await get(new URL(server.url()).pathname + new URL(server.url()).search, {}));
});
afterEach(() => server.close());

const cookieFrom = (answer: Answer): string => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
const origin = (): string => `http://127.0.0.1:${server.port}`;
const ownPage = (): Record<string, string> => ({
  cookie,
  origin: origin(),
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/json',
});

/** Sends exactly these headers; undefined leaves one out. */
function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string | undefined>>,
  body?: string | Buffer,
): Promise<Answer> {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        method,
        path,
        headers: Object.fromEntries(given) as Record<string, string>,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const get = (path: string, headers: Readonly<Record<string, string>>): Promise<Answer> =>
  send('GET', path, headers);
const call = (
  headers: Readonly<Record<string, string | undefined>> = {},
  body: string | Buffer = '{"json":{}}',
): Promise<Answer> => send('POST', '/rpc/profiles/list', { ...ownPage(), ...headers }, body);

describe('the key', () => {
  it('is 256 random bits, gives a cookie that scripts cannot read, and leaves the address', async () => {
    const address = new URL(server.url());
    expect(Buffer.from(address.searchParams.get('key') ?? '', 'base64url')).toHaveLength(32);
    const answer = await get(address.pathname + address.search, {});
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe('/');
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/u);
    expect(answer.headers['set-cookie']?.[0]).not.toContain(address.searchParams.get('key'));
  });

  it('opens once; the next address holds another one', async () => {
    const first = new URL(server.url()).search;
    expect((await get(`/${first}`, {})).status).toBe(303);
    const again = await get(`/${first}`, {});
    expect(again.status).toBe(401);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(new URL(server.url()).search).not.toBe(first);
    // Whoever is in already is led to the page by an old address as well.
    expect((await get(`/${first}`, { cookie })).status).toBe(303);
  });

  it('is refused to a page of another site, and stays good', async () => {
    const { search } = new URL(server.url());
    expect((await get(`/${search}`, { 'sec-fetch-site': 'cross-site' })).status).toBe(401);
    expect((await get(`/${search}`, {})).status).toBe(303);
  });

  it.each(['/?key=', '/?key=x', '/?key=%00', '/assets/app.js?key=x'])('is not %s', async (path) => {
    const answer = await get(path, {});
    expect(answer.status).toBe(401);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('the page', () => {
  it('comes with a policy that runs nothing but its own files', async () => {
    const { status, headers, body } = await get('/', { cookie });
    expect([status, body]).toEqual([200, '<!doctype html><title>page</title>']);
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it.each(['/', '/assets/app.js', '/rpc/profiles/list', '/anything'])(
    'is closed without the cookie: %s',
    async (path) => {
      expect((await get(path, {})).status).toBe(401);
      expect((await get(path, { cookie: 'keepsake-1=x' })).status).toBe(401);
      expect((await get(path, { cookie: `${cookie}x` })).status).toBe(401);
    },
  );

  it.each([
    ...['/../outside.js', '/assets/../../outside.js', '/%2e%2e/outside.js', '/..%2foutside.js', '/link.js'],
    ...[
      '/.hidden.js',
      '/assets/%00app.js',
      '/assets//app.js',
      '/\\outside.js',
      '/assets',
      '//evil.example/x.js',
    ],
  ])('gives nothing for %s', async (path) => {
    const answer = await get(path, { cookie });
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });
});

describe('a request with a wrong Host', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:80',
    'localhost.evil.example',
  ])('is sent away: %s', async (host) => {
    expect((await get('/', { host, cookie })).status).toBe(421);
    expect((await call({ host, origin: `http://${host}` })).status).toBe(421);
    expect(added).toEqual([]);
  });

  it('is served under both names of this machine', async () => {
    const host = `localhost:${server.port}`;
    expect((await call({ host, origin: `http://${host}` })).status).toBe(200);
    // Each name is an origin of its own.
    expect((await call({ host })).status).toBe(403);
  });
});

describe('a call', () => {
  it('is answered to the own page', async () => {
    const { status, body } = await call();
    expect([status, JSON.parse(body)]).toEqual([200, { json: { profiles: [] } }]);
    expect(added).toEqual([{}]);
  });

  it.each([
    ['another origin', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['no origin', { origin: undefined }],
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['the same site', { 'sec-fetch-site': 'same-site' }],
    ['a typed address', { 'sec-fetch-site': 'none' }],
    ['no browser', { 'sec-fetch-site': undefined }],
  ])('from %s is refused', async (_name, headers) => {
    const answer = await call(headers);
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    expect(added).toEqual([]);
  });

  it('without the cookie is refused in the form that the client reads', async () => {
    const { status, body } = await call({ cookie: undefined });
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({
      json: { data: { code: 'invalid-input', message: 'This page opens with its key only.' } },
    });
  });

  it.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])('by %s is refused', async (method) => {
    const answer = await send(method, '/rpc/profiles/list?data=%7B%22json%22%3A%7B%7D%7D', ownPage());
    expect(answer.status).toBe(405);
    expect(answer.headers['access-control-allow-methods']).toBeUndefined();
    expect(added).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined])(
    'as %s is refused',
    async (type) => {
      expect((await call({ 'content-type': type })).status).toBe(415);
      expect(added).toEqual([]);
    },
  );

  it.each([
    ['nothing', ''],
    ['half an object', '{"json":'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('that holds %s is refused', async (_name, body) => {
    expect((await call({}, body)).status).toBe(400);
    expect(added).toEqual([]);
  });

  it.each([
    ['no object', '7'],
    ['null', 'null'],
    ['a wrong layout', '{"json":{},"meta":7}'],
    ['a type that fits nothing', '{"json":{},"meta":[[1]]}'],
    ['a path into a prototype', '{"json":{"a":null},"meta":[[3,"__proto__","polluted"]]}'],
    ['files', '{"json":{},"meta":[],"maps":[["x"]]}'],
  ])('that holds %s harms nobody', async (_name, body) => {
    const answer = await call({}, body);
    expect([200, 400, 500]).toContain(answer.status);
    expect(answer.body).not.toContain('.ts:');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((await call()).status).toBe(200);
  });

  it('of more than 8 MB is refused before it is read, also without a length', async () => {
    const announced = await call({ 'content-length': String(9 * 1024 * 1024) }, undefined);
    expect(announced.status).toBe(413);
    const chunked = await call({ 'transfer-encoding': 'chunked' }, Buffer.alloc(9 * 1024 * 1024, 0x20)).catch(
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    );
    expect(chunked === 'EPIPE' || chunked === 'ECONNRESET' || (chunked as Answer).status === 413).toBe(true);
    expect(added).toEqual([]);
    expect((await call()).status).toBe(200);
  });

  it.each([
    '/rpc',
    '/rpc/',
    '/rpc/nothing',
    '/rpc/__proto__/toString',
    '/rpc/profiles',
    '/rpc/profiles/list/x',
  ])('that does not exist is told so: %s', async (path) => {
    const answer = await send('POST', path, ownPage(), '{"json":{}}');
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ json: { code: 'not-found' } });
  });
});

describe('what is no HTTP', () => {
  it.each([
    '\r\n\r\n',
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: ${'x'.repeat(70_000)}\r\n\r\n`,
    '\x16\x03\x01',
  ])('is dropped (%#)', async (text) => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end(text));
      socket.on('error', () => resolve()).on('close', () => resolve());
      socket.resume();
    });
    expect((await call()).status).toBe(200);
  });

  it('keeps the server when a caller leaves in the middle of a body', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(
          `POST /rpc/profiles/list HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncookie: ${cookie}\r\norigin: ${origin()}\r\n` +
            'sec-fetch-site: same-origin\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"json"',
          () => socket.destroy(),
        );
      });
      socket.on('close', () => resolve());
    });
    expect((await call()).status).toBe(200);
    expect(added).toEqual([{}]);
  });
});
