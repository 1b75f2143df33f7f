import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { DownloadPhase, DownloadRequest, DownloadResult } from '../../electron/core/dependencies.ts';
import { createHttpDownloader, type HttpDownloaderOptions } from '../../electron/platform/http-downloader.ts';
import { startBadServer, type BadServer, type Handler } from './bad-server.ts';
import { appErrorOf } from './errors.ts';
import { tempFolder } from './temp-folder.ts';

/** A model file as far as a download looks at it, and another one of the same length. */
export const content = Buffer.concat([Buffer.from('GGUF'), randomBytes(200_000)]);
export const other = Buffer.concat([Buffer.from('GGUF'), randomBytes(200_000)]);

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const quick: HttpDownloaderOptions = { pauseMs: 1, silenceMs: 400, tries: 4 };

export type DownloadBench = ReturnType<typeof createDownloadBench>;

/** A fresh folder and a server for each test of the file that calls this. */
export function createDownloadBench() {
  let folder = '';
  let server: BadServer | undefined;
  let phases: DownloadPhase[] = [];
  beforeEach(() => {
    folder = tempFolder();
    phases = [];
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const file = (): string => join(folder, 'models', 'tiny.gguf');

  return {
    /** The final name. */
    file,
    phases: (): DownloadPhase[] => [...new Set(phases)],
    /** What a person would find in the folder. */
    left: (): string[] => readdirSync(join(folder, 'models')).sort(),

    serve: async (handlers: Readonly<Record<string, Handler>>): Promise<BadServer> => {
      server = await startBadServer(handlers);
      return server;
    },

    get: (
      part: Partial<DownloadRequest> & { readonly urls: readonly string[] },
      options: { signal?: AbortSignal; downloader?: HttpDownloaderOptions } = {},
    ): Promise<DownloadResult> =>
      createHttpDownloader({ ...quick, ...options.downloader }).download(
        { file: file(), sizeBytes: content.length, sha256: hashOf(content), beginsWith: 'GGUF', ...part },
        { signal: options.signal ?? new AbortController().signal, onPhase: (phase) => phases.push(phase) },
      ),

    /** Leaves the first bytes of a file behind, as a killed process does. */
    leavePartial: async (bytes: number, sha256: string | null = hashOf(content)): Promise<void> => {
      const { url, close } = await startBadServer({
        '/a': ({ response }) => {
          response.writeHead(200, { 'content-length': content.length, etag: '"one"' });
          response.write(content.subarray(0, bytes));
        },
      });
      const stop = new AbortController();
      const work = createHttpDownloader({ silenceMs: 10_000 }).download(
        { urls: [url('/a')], file: file(), sizeBytes: null, sha256 },
        { signal: stop.signal, report: ({ done }) => done === bytes && stop.abort() },
      );
      expect((await appErrorOf(() => work)).code).toBe('cancelled');
      await close();
      expect(statSync(`${file()}.partial`).size).toBe(bytes);
    },
  };
}
