/**
 * Fetches one large file: resumes after anything, tries mirrors, and gives the final name only to proved bytes.
 *
 * Phases: ask -> download -> flush -> verify -> inspect -> rename. Nothing a server says is trusted: where its range,
 * length or mark (ETag) does not fit, the bytes are asked for in another way or not at all, and the hash decides.
 */
import { statfsSync } from 'node:fs';
import { mkdir, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, cancelledError } from '../contract/errors.ts';
import type { Downloader, DownloadOptions, DownloadRequest, DownloadResult } from '../core/dependencies.ts';
import { hashFile } from '../core/models/file-identity.ts';
import { faultPoint } from '../core/util/fault-point.ts';
import { noRoom, toFailure, withDiskErrors } from './download-failures.ts';
import { readJson } from './http-json.ts';
import { hostOf, openSource, SourceProblem, type SourceAnswer } from './http-source.ts';
import {
  discardPartial,
  lockPartial,
  openPartial,
  partialPlaces,
  partialSize,
  publishPartial,
  readPartialState,
  writePartialState,
  type PartialPlaces,
} from './partial-file.ts';
import { planReading, type Reading } from './range-answer.ts';

export type HttpDownloaderOptions = {
  /** Silence after which a connection counts as dead. Defaults to 30 s. */
  readonly silenceMs?: number;
  /** Tries of one source that bring less than 1 MiB each. Defaults to 6. */
  readonly tries?: number;
  /** First pause between tries, doubled each time. Defaults to 500 ms. */
  readonly pauseMs?: number;
  /** Free bytes of the disk below a folder. Defaults to asking the system. */
  readonly freeBytes?: (folder: string) => number;
};

/** Gain after which a source counts as working. */
const goodGain = 1024 * 1024;
/** Left free on the disk. */
const spareBytes = 16 * 1024 * 1024;
const longestPauseMs = 30_000;

type Settings = Required<HttpDownloaderOptions>;
type Work = {
  readonly request: DownloadRequest;
  readonly places: PartialPlaces;
  readonly options: DownloadOptions;
  readonly settings: Settings;
};

/** A downloader over HTTP and HTTPS. */
export function createHttpDownloader(options: HttpDownloaderOptions = {}): Downloader {
  const settings: Settings = {
    silenceMs: options.silenceMs ?? 30_000,
    tries: options.tries ?? 6,
    pauseMs: options.pauseMs ?? 500,
    freeBytes: options.freeBytes ?? freeBytesOf,
  };
  return {
    readJson: (url, asked) => readJson(url, { ...asked, silenceMs: settings.silenceMs }),
    download: async (request, downloadOptions) => {
      for (const url of request.urls) assertHttp(url);
      await withDiskErrors(request.file, () =>
        mkdir(dirname(request.file), { recursive: true, mode: 0o700 }),
      );
      const places = partialPlaces(request.file);
      const lock = lockPartial(places);
      let isDone = false;
      try {
        const result = await withDiskErrors(request.file, () =>
          downloadLocked({ request, places, options: downloadOptions, settings }),
        );
        isDone = true;
        return result;
      } finally {
        lock.release({ isDone });
      }
    },
  };
}

async function downloadLocked(work: Work): Promise<DownloadResult> {
  const { request, places, options } = work;
  const resumedFrom = forgetForeignBytes(work);
  const problems: SourceProblem[] = [];
  for (const url of request.urls) {
    try {
      options.onPhase?.('ask');
      faultPoint('download.ask');
      await fetchAll(work, url);
      const sha256 = await prove(work);
      options.onPhase?.('rename');
      faultPoint('download.rename');
      publishPartial(places);
      faultPoint('download.renamed');
      return { sha256, url, resumedFrom };
    } catch (error) {
      if (!(error instanceof SourceProblem)) throw error;
      problems.push(error);
    }
  }
  throw toFailure(request, problems);
}

/** Bytes of another content than the one that is wanted are no use. Gives the number of those that are. */
function forgetForeignBytes({ request, places }: Work): number {
  const size = partialSize(places);
  const state = readPartialState(places);
  const isTooLong = request.sizeBytes !== null && size > request.sizeBytes;
  const known = state?.sha256 ?? null;
  const isOther = known !== null && request.sha256 !== null && known !== request.sha256;
  const isUnknown = state === null && request.sha256 === null;
  if (!isTooLong && !isOther && !isUnknown) return size;
  discardPartial(places);
  return 0;
}

/** Asks one source until all bytes are there. */
async function fetchAll(work: Work, url: string): Promise<void> {
  const { options, settings, places } = work;
  let mayUseRange = true;
  let poorTries = 0;
  const started = partialSize(places);
  for (;;) {
    const before = partialSize(places);
    let problem: SourceProblem;
    try {
      const reading = await readOnce(work, url, mayUseRange);
      if (reading === 'complete') return;
      mayUseRange = reading === 'broken';
      problem = new SourceProblem(
        reading === 'broken'
          ? `${hostOf(url)} ended before all was sent`
          : `${hostOf(url)} sent another part`,
        { retry: true, isCorrupt: reading !== 'broken' },
      );
    } catch (error) {
      if (!(error instanceof SourceProblem) || !error.retry) throw error;
      problem = error;
      // Without a connection from the start there is nothing to wait for.
      if (problem.isUnreachable && before === started) throw problem;
    }
    poorTries = partialSize(places) - before >= goodGain ? 0 : poorTries + 1;
    if (poorTries >= settings.tries) throw problem;
    await pause(
      problem.waitMs ?? Math.min(settings.pauseMs * 2 ** poorTries, longestPauseMs),
      options.signal,
    );
  }
}

/** `broken`: the body ended early; `lied`: the part that came was not the part that was asked for. */
async function readOnce(
  work: Work,
  url: string,
  mayUseRange: boolean,
): Promise<'complete' | 'broken' | 'lied'> {
  const { request, places, options, settings } = work;
  const have = partialSize(places);
  if (have > 0 && have === request.sizeBytes) return 'complete';
  const state = readPartialState(places);
  const mark = state?.url === url ? state.etag : null;
  const isSame = request.sha256 !== null || mark !== null;
  const headers: Record<string, string> = {};
  if (have > 0 && isSame && mayUseRange) {
    headers.range = `bytes=${have}-`;
    if (mark !== null) headers['if-range'] = mark;
  }
  const answer = await openSource(url, {
    headers,
    signal: options.signal,
    silenceMs: settings.silenceMs,
    onConnect: options.onConnect,
  });
  try {
    const asked = { have: isSame ? have : 0, mark, isRange: headers.range !== undefined };
    const reading = planReading(answer, asked, {
      wanted: request.sizeBytes,
      seen: isSame ? (state?.totalBytes ?? null) : null,
    });
    if (reading.kind !== 'read') {
      if (reading.kind === 'anew') discardPartial(places);
      return reading.kind === 'complete' ? 'complete' : 'lied';
    }
    assertRoom(work, reading);
    faultPoint('download.state');
    await writePartialState(places, {
      version: 1,
      url,
      etag: reading.mark,
      totalBytes: reading.totalBytes,
      sha256: request.sha256,
    });
    return await writeBody(work, answer, reading, hostOf(url));
  } finally {
    answer.close();
  }
}

async function writeBody(
  work: Work,
  answer: SourceAnswer,
  reading: Reading,
  host: string,
): Promise<'complete' | 'broken'> {
  const { request, places, options } = work;
  const handle = await openPartial(places);
  try {
    if (reading.start === 0 && reading.skip === 0) await handle.truncate(0);
    options.onPhase?.('download');
    faultPoint('download.begin');
    let position = reading.start;
    let toSkip = reading.skip;
    const beginning = createBeginningCheck(
      request.beginsWith,
      position === 0 && toSkip === 0,
      answer.headers,
    );
    for await (const piece of answer.chunks) {
      const chunk = toSkip === 0 ? piece : piece.subarray(Math.min(toSkip, piece.length));
      toSkip -= piece.length - chunk.length;
      if (chunk.length === 0) continue;
      beginning(chunk);
      if (reading.totalBytes !== null && position + chunk.length > reading.totalBytes) {
        throw new SourceProblem(`${host} sent more bytes than it said`, { isCorrupt: true });
      }
      if (reading.totalBytes === null) assertRoom(work, { ...reading, totalBytes: position + chunk.length });
      faultPoint('download.write');
      await writeAll(handle, chunk, position);
      position += chunk.length;
      options.report?.({ done: position, total: reading.totalBytes });
    }
    if (reading.totalBytes !== null && position < reading.totalBytes) return 'broken';
    return position === 0 ? 'broken' : 'complete';
  } catch (error) {
    // Only what this answer brought is given up.
    if (error instanceof SourceProblem && error.isCorrupt) await handle.truncate(reading.start);
    throw error;
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, start: number): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await handle.write(chunk, written, chunk.length - written, start + written)).bytesWritten;
  }
}

/** The first bytes tell a login page from a model. */
function createBeginningCheck(
  wanted: string | undefined,
  isFromStart: boolean,
  headers: Headers,
): (chunk: Uint8Array) => void {
  let left = isFromStart ? Buffer.from(wanted ?? '', 'latin1') : Buffer.alloc(0);
  return (chunk) => {
    if (left.length === 0) return;
    const length = Math.min(left.length, chunk.length);
    if (!left.subarray(0, length).equals(chunk.subarray(0, length))) {
      const type = headers.get('content-type')?.split(';')[0] ?? 'something unknown';
      throw new SourceProblem(`what was sent is no model file but ${type}`, { isCorrupt: true });
    }
    left = left.subarray(length);
  };
}

/** Flushes, hashes and inspects the bytes. What cannot be used is not kept. */
async function prove({ request, places, options }: Work): Promise<string> {
  options.onPhase?.('flush');
  const handle = await openPartial(places);
  try {
    faultPoint('download.fsync');
    await handle.sync();
    faultPoint('download.fsynced');
  } finally {
    await handle.close();
  }
  options.onPhase?.('verify');
  faultPoint('download.verify');
  const total = partialSize(places);
  if (request.sizeBytes !== null && total !== request.sizeBytes) {
    discardPartial(places);
    throw new SourceProblem(`it has ${total} bytes, expected were ${request.sizeBytes}`, { isCorrupt: true });
  }
  const sha256 = await hashFile(places.partial, {
    signal: options.signal,
    report: (done) => options.report?.({ done, total }),
  });
  if (request.sha256 !== null && sha256 !== request.sha256) {
    discardPartial(places);
    throw new SourceProblem(`its SHA-256 is ${sha256}, expected was ${request.sha256}`, { isCorrupt: true });
  }
  options.onPhase?.('inspect');
  faultPoint('download.inspect');
  try {
    await request.inspect?.(places.partial, sha256);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'model-corrupt' || error.code === 'model-unsupported')) {
      discardPartial(places);
    }
    throw error;
  }
  return sha256;
}

function assertRoom({ request, settings }: Work, { totalBytes, start }: Reading): void {
  if (totalBytes === null) return;
  const free = settings.freeBytes(dirname(request.file));
  const needed = totalBytes - start;
  if (needed + spareBytes <= free) return;
  throw noRoom(request.file, needed, free);
}

function assertHttp(url: string): void {
  if (/^https?:$/u.test(URL.parse(url)?.protocol ?? '')) return;
  throw new AppError('invalid-input', `This is not an address to download from: ${url}.`, {
    hint: 'Name an id of the catalogue, hf:owner/repository/file, or an address that begins with https://',
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throw cancelledError(error);
  }
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
