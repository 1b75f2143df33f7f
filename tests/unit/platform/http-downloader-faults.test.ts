import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { breaksOff, honest, inTurn, rangeStart, type Handler } from '../../helpers/bad-server.ts';
import { content, createDownloadBench, other } from '../../helpers/download-bench.ts';
import { appErrorOf } from '../../helpers/errors.ts';

const { file, get, leavePartial, left, serve } = createDownloadBench();

describe('a server that misbehaves', () => {
  /** How the download ends, whether the bytes so far are kept, and how it went on where it could. */
  const endsWell: readonly (readonly [name: string, handler: Handler, had: number])[] = [
    ['sends the whole file although its rest was asked for', whole(content, '"one"'), 120_000],
    ['calls the whole file a part', partFrom(0), 120_000],
    ['sends a later part than was asked for', partFrom(130_000), 120_000],
    ['sends an earlier part than was asked for', partFrom(90_000), 120_000],
    ['names another total length in its part', lyingTotal, 120_000],
    [
      'sends a part without saying which',
      ({ request, response }, turn) => {
        if (turn > 0) honest(content)({ request, response }, turn);
        else response.writeHead(206, { 'content-length': 1000 }).end(content.subarray(0, 1000));
      },
      120_000,
    ],
    ['has the file under a new mark', honest(content, '"two"'), 120_000],
    ['says too many requests first', busy(429, '0'), 0],
    ['says 503 with a date to wait for', busy(503, new Date(Date.now() - 1000).toUTCString()), 0],
    ['falls silent once', inTurn(silent, honest(content)), 0],
    ['ends early while it said the whole length', inTurn(breaksOff(content, 1), honest(content)), 0],
    ['sends no length at all', ({ response }) => response.writeHead(200).end(content), 0],
    [
      'says the range cannot be had',
      inTurn(({ response }) => response.writeHead(416).end(), honest(content)),
      120_000,
    ],
  ];

  it.each(endsWell)('that %s does no harm', async (_name, handler, had) => {
    if (had > 0) await leavePartial(had);
    const { url } = await serve({ '/a': handler });
    await get({ urls: [url('/a')] });
    expect(readFileSync(file()).equals(content)).toBe(true);
    expect(left()).toEqual(['tiny.gguf']);
  });

  const endsBadly: readonly (readonly [name: string, handler: Handler, code: string, told: RegExp])[] = [
    [
      'has other bytes under the name',
      honest(Buffer.concat([other.subarray(0, content.length)])),
      'download-corrupt',
      /SHA-256 is [0-9a-f]{64}, expected/,
    ],
    [
      'has a shorter file',
      honest(content.subarray(0, 1000)),
      'download-corrupt',
      /has 1000 bytes under this name/,
    ],
    ['sends more than it said', tooMuch, 'download-corrupt', /more bytes than/],
    [
      'sends a login page',
      ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'download-corrupt',
      /web page/,
    ],
    [
      'sends a login page as if it were a file',
      ({ response }) =>
        response
          .writeHead(200, { 'content-length': content.length })
          .end(Buffer.alloc(content.length, '<html>')),
      'download-corrupt',
      /no model file/,
    ],
    [
      'compresses what nobody asked for',
      ({ response }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(),
      'download-corrupt',
      /compressed/,
    ],
    [
      'redirects without end',
      ({ response }) => response.writeHead(302, { location: '/a' }).end(),
      'download-failed',
      /redirects without end/,
    ],
    [
      'redirects to a file of this machine',
      ({ response }) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'download-failed',
      /cannot be used/,
    ],
    [
      'wants a login',
      ({ response }) => response.writeHead(401).end(),
      'download-failed',
      /login or an accepted licence/,
    ],
    [
      'has no such file',
      ({ response }) => response.writeHead(404).end(),
      'download-failed',
      /does not have this file/,
    ],
    [
      'is out of order for good',
      ({ response }) => response.writeHead(500).end(),
      'download-failed',
      /out of order/,
    ],
    ['falls silent for good', silent, 'download-failed', /sent nothing for/],
    ['breaks off for good', breaksOff(content, 0), 'download-failed', /./],
    ['drips a byte at a time and breaks off', breaksOff(content, 1), 'download-failed', /./],
  ];

  it.each(endsBadly)(
    'that %s is named, and nothing has the final name',
    async (_name, handler, code, told) => {
      const { url } = await serve({ '/a': handler });
      const error = await appErrorOf(() => get({ urls: [url('/a')] }));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(told)]);
      expect(existsSync(file())).toBe(false);
    },
  );

  it.each(endsBadly)('that %s costs nothing where a mirror is honest', async (_name, handler) => {
    const { url } = await serve({ '/a': handler, '/b': honest(content) });
    expect((await get({ urls: [url('/a'), url('/b')] })).url).toBe(url('/b'));
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('refuses a file of another size than was told, also where no hash is known', async () => {
    const { url } = await serve({ '/a': honest(content) });
    const asked = get({ urls: [url('/a')], sha256: null, sizeBytes: content.length + 1 });
    await expect(asked).rejects.toThrow(/bytes/u);
    expect(existsSync(file())).toBe(false);
  });

  it('keeps a nearly complete file when a login page comes in between', async () => {
    await leavePartial(200_000);
    const { url } = await serve({
      '/a': ({ response }) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    });
    await expect(get({ urls: [url('/a')], sizeBytes: null })).rejects.toThrow();
    expect(readFileSync(`${file()}.partial`).length).toBe(200_000);
  });

  it('begins anew where no hash is known and the file has changed', async () => {
    await leavePartial(120_000, null);
    const { url } = await serve({ '/a': honest(other, '"two"') });
    await get({ urls: [url('/a')], sha256: null, sizeBytes: null });
    expect(readFileSync(file()).equals(other)).toBe(true);
  });

  it('never joins the bytes of two files, whatever the server says', async () => {
    const { url } = await serve({
      '/a': inTurn(
        breaksOff(content, 50_000, '"one"'),
        ({ request, response }) => {
          const start = rangeStart(request);
          response.writeHead(206, {
            etag: '"two"',
            'content-length': other.length - start,
            'content-range': `bytes ${start}-${other.length - 1}/${other.length}`,
          });
          response.end(other.subarray(start));
        },
        honest(other, '"two"'),
      ),
    });
    await get({ urls: [url('/a')], sha256: null, sizeBytes: null });
    expect(readFileSync(file()).equals(other)).toBe(true);
  });
});

function whole(bytes: Buffer, etag: string): Handler {
  return ({ response }) => {
    response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes);
  };
}

/** Sends another part than was asked for, whenever a part is asked for. */
function partFrom(start: number): Handler {
  return ({ request, response }, turn) => {
    if (request.headers.range === undefined) {
      honest(content)({ request, response }, turn);
      return;
    }
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response
      .writeHead(206, { etag: '"one"', 'content-length': content.length - start, 'content-range': range })
      .end(content.subarray(start));
  };
}

const lyingTotal: Handler = ({ request, response }, turn) => {
  if (request.headers.range === undefined) {
    honest(content)({ request, response }, turn);
    return;
  }
  const start = rangeStart(request);
  response
    .writeHead(206, { etag: '"one"', 'content-range': `bytes ${start}-${content.length - 1}/999999999` })
    .end(content.subarray(start));
};

function busy(status: number, retryAfter: string): Handler {
  return inTurn(({ response }) => {
    response.writeHead(status, { 'retry-after': retryAfter }).end();
  }, honest(content));
}

const silent: Handler = ({ response }) => {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, 10));
};

const tooMuch: Handler = ({ response }) => {
  response.writeHead(200);
  response.end(Buffer.concat([content, content]));
};
