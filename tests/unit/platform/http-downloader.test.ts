import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/errors.ts';
import { breaksOff, honest, inTurn } from '../../helpers/bad-server.ts';
import { content, createDownloadBench, hashOf } from '../../helpers/download-bench.ts';
import { appErrorOf } from '../../helpers/errors.ts';

const { file, get, leavePartial, left, phases, serve } = createDownloadBench();

describe('a download', () => {
  it('goes through its phases and leaves nothing but the file', async () => {
    const { url } = await serve({ '/a': honest(content) });
    expect(await get({ urls: [url('/a')] })).toEqual({
      sha256: hashOf(content),
      url: url('/a'),
      resumedFrom: 0,
    });
    expect(readFileSync(file()).equals(content)).toBe(true);
    expect(phases()).toEqual(['ask', 'download', 'flush', 'verify', 'inspect', 'rename']);
    expect(left()).toEqual(['tiny.gguf']);
  });

  it('goes on after a connection that breaks off again and again', async () => {
    const { url, ranges } = await serve({
      '/a': inTurn(...[1, 2, 3].map(() => breaksOff(content, 50_000)), honest(content)),
    });
    await get({ urls: [url('/a')] });
    expect(readFileSync(file()).equals(content)).toBe(true);
    // What the system had received and not yet handed over when the connection broke is asked for again.
    const starts = ranges.map((range) => Number(/\d+/u.exec(range ?? '0')?.[0]));
    expect(starts.length).toBeGreaterThanOrEqual(4);
    expect(starts.at(-1)).toBeGreaterThan(50_000);
    expect(starts).toEqual([...starts].sort((left, right) => left - right));
  });

  it('goes on with what an earlier process left, without a second look at those bytes', async () => {
    await leavePartial(150_000);
    const { url, ranges } = await serve({ '/b': honest(content) });
    expect((await get({ urls: [url('/b')] })).resumedFrom).toBe(150_000);
    expect(ranges).toEqual(['bytes=150000-']);
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('needs no further byte where all were there', async () => {
    await leavePartial(150_000);
    writeFileSync(`${file()}.partial`, content);
    const { url, ranges } = await serve({ '/b': honest(content) });
    await get({ urls: [url('/b')] });
    expect(ranges).toEqual([]);
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('takes the next mirror when one does not have the file(), and the bytes of the first count', async () => {
    await leavePartial(100_000);
    const { url, paths, ranges } = await serve({ '/b': honest(content, '"other mark"') });
    const result = await get({ urls: [url('/none'), url('/b')] });
    expect(result.url).toBe(url('/b'));
    expect(paths).toEqual(['/none', '/b']);
    expect(ranges[1]).toBe('bytes=100000-');
    expect(readFileSync(file()).equals(content)).toBe(true);
  });

  it('is refused to a second process while the first one is at work, and free again afterwards', async () => {
    let release = (): void => undefined;
    const { url } = await serve({
      '/a': ({ response }) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 1000));
        release = () => response.end(content.subarray(1000));
      },
    });
    const first = get({ urls: [url('/a')] });
    await expect.poll(() => existsSync(`${file()}.partial`)).toBe(true);
    const error = await appErrorOf(() => get({ urls: [url('/a')] }));
    expect(error.code).toBe('conflict');
    expect(error.message).toContain('Another Keepsake process is downloading');
    release();
    await first;
    expect(left()).toEqual(['tiny.gguf']);
  });

  it('stops when it is told to, and goes on later', async () => {
    const stop = new AbortController();
    const { url, ranges } = await serve({
      '/a': inTurn(({ response }) => {
        response.writeHead(200, { 'content-length': content.length, etag: '"one"' });
        response.write(content.subarray(0, 60_000), () => setTimeout(() => stop.abort(), 150));
      }, honest(content)),
    });
    expect((await appErrorOf(() => get({ urls: [url('/a')] }, { signal: stop.signal }))).code).toBe(
      'cancelled',
    );
    expect(existsSync(file())).toBe(false);
    await get({ urls: [url('/a')] });
    expect(ranges).toEqual([null, 'bytes=60000-']);
  });

  it('stops before the first byte when the disk has no room for all', async () => {
    const { url } = await serve({ '/a': honest(content) });
    const error = await appErrorOf(() =>
      get({ urls: [url('/a')] }, { downloader: { freeBytes: () => 1e6 } }),
    );
    expect(error.code).toBe('disk-full');
    expect(error.message).toContain('0.00 GB are free');
    expect(existsSync(`${file()}.partial`)).toBe(false);
  });

  it('does not keep what the inspection calls corrupt', async () => {
    const { url } = await serve({ '/a': honest(content) });
    const inspect = (): Promise<void> => Promise.reject(new AppError('model-corrupt', 'It is damaged.'));
    expect((await appErrorOf(() => get({ urls: [url('/a')], inspect }))).code).toBe('model-corrupt');
    expect(existsSync(file())).toBe(false);
    expect(existsSync(`${file()}.partial`)).toBe(false);
  });

  it('keeps the bytes when the inspection itself could not be made', async () => {
    const { url, paths } = await serve({ '/a': honest(content) });
    const inspect = (): Promise<void> =>
      Promise.reject(new AppError('setup-missing', 'There is no program.'));
    expect((await appErrorOf(() => get({ urls: [url('/a')], inspect }))).code).toBe('setup-missing');
    await get({ urls: [url('/a')] });
    expect(paths).toHaveLength(1);
  });
});

describe('a machine without a connection', () => {
  it('says so in one sentence, at once', async () => {
    const port = await closedPort();
    const started = Date.now();
    const error = await appErrorOf(() =>
      get({ urls: [`http://127.0.0.1:${port}/a`] }, { downloader: { pauseMs: 5000 } }),
    );
    expect([error.code, error.message]).toEqual([
      'download-failed',
      `No connection to 127.0.0.1:${port}: the machine seems to be offline.`,
    ]);
    expect(Date.now() - started).toBeLessThan(4000);
  });

  it.each(['file:///etc/passwd', 'ftp://host/a', 'nonsense', ''])('never asks %s', async (url) => {
    expect((await appErrorOf(() => get({ urls: [url] }))).code).toBe('invalid-input');
  });
});

async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 1;
}
