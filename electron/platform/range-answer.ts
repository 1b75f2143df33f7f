/** What an answer to a request for the rest of a file is worth: a pure decision over its status and headers. */
import { SourceProblem, type SourceAnswer } from './http-source.ts';

/** What was asked for. */
export type AskedRange = {
  /** Bytes that are there and may be gone on from. */
  readonly have: number;
  /** The ETag they came with. */
  readonly mark: string | null;
  /** False when the whole file was asked for. */
  readonly isRange: boolean;
};

/** Bytes to be written from `start` on, after `skip` bytes of the body that are there already. */
export type Reading = {
  readonly kind: 'read';
  readonly start: number;
  readonly skip: number;
  readonly totalBytes: number | null;
  readonly mark: string | null;
};

/** `lied`: ask for the whole file instead; `anew`: the bytes so far belong to another file. */
export type ReadingPlan = Reading | { readonly kind: 'complete' | 'lied' | 'anew' };

/** Sizes that the answer must agree with, as far as they are known. */
export type KnownSizes = {
  /** Told by whoever named the file. */
  readonly wanted: number | null;
  /** Told by the same source before. */
  readonly seen: number | null;
};

/** Decides what to do with an answer. Throws `SourceProblem` where the file is another one than expected. */
export function planReading(
  { status, headers }: Pick<SourceAnswer, 'status' | 'headers'>,
  asked: AskedRange,
  { wanted, seen }: KnownSizes,
): ReadingPlan {
  const expectedBytes = wanted ?? seen;
  const mark = strongMark(headers);
  const isChanged = asked.have > 0 && asked.mark !== null && mark !== null && mark !== asked.mark;
  if (status === 416) {
    const total = parseContentRange(headers)?.total ?? null;
    return total === asked.have ? { kind: 'complete' } : { kind: 'anew' };
  }
  if (/^text\/html\b/iu.test(headers.get('content-type') ?? '')) {
    // A login page of the network or of the server; what is there already stays.
    throw new SourceProblem('a web page (text/html) was sent in place of a model file', { isCorrupt: true });
  }
  if (status === 206) {
    const range = parseContentRange(headers);
    if (!asked.isRange || range?.start !== asked.have) return { kind: 'lied' };
    if (isChanged) return { kind: 'anew' };
    if (range.total !== null && expectedBytes !== null && range.total !== expectedBytes)
      return { kind: 'lied' };
    if (range.total !== null && range.end !== null && range.end >= range.total) return { kind: 'lied' };
    return { kind: 'read', start: asked.have, skip: 0, totalBytes: range.total ?? expectedBytes, mark };
  }
  const length = findLength(headers);
  if (length !== null && wanted !== null && length !== wanted) {
    throw new SourceProblem(`the server has ${length} bytes under this name, expected were ${wanted}`, {
      isCorrupt: true,
    });
  }
  const isOtherLength =
    asked.have > 0 && length !== null && expectedBytes !== null && length !== expectedBytes;
  if (isChanged || isOtherLength) return { kind: 'read', start: 0, skip: 0, totalBytes: length, mark };
  // The whole file came although its rest was asked for: what is there already is passed over.
  return { kind: 'read', start: asked.have, skip: asked.have, totalBytes: length ?? expectedBytes, mark };
}

/** An ETag that stands for the very bytes. */
function strongMark(headers: Headers): string | null {
  const etag = headers.get('etag');
  return etag === null || etag.startsWith('W/') ? null : etag;
}

function findLength(headers: Headers): number | null {
  const length = headers.get('content-length');
  return length !== null && /^\d+$/u.test(length) ? Number(length) : null;
}

function parseContentRange(
  headers: Headers,
): { readonly start: number | null; readonly end: number | null; readonly total: number | null } | null {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/u.exec(headers.get('content-range') ?? '');
  if (match === null) return null;
  const [, start, end, total] = match;
  return { start: toNumber(start), end: toNumber(end), total: total === '*' ? null : toNumber(total) };
}

function toNumber(digits: string | undefined): number | null {
  return digits === undefined ? null : Number(digits);
}
