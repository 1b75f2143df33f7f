/**
 * A first look at a GGUF before the library opens it: a header that makes no sense lets its reader run for ever.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { AppError } from '../contract/errors.ts';

const headerBytes = 24;
const largestCount = 1_000_000n;

/** Throws `not-found` without a file and `model-corrupt` for one that does not begin like a GGUF. */
export function assertGguf(file: string, what: string): void {
  const header = readHeader(file, what);
  const isGguf = header.length === headerBytes && header.toString('latin1', 0, 4) === 'GGUF';
  const version = isGguf ? header.readUInt32LE(4) : 0;
  const counts = isGguf ? [header.readBigUInt64LE(8), header.readBigUInt64LE(16)] : [];
  if ((version === 2 || version === 3) && counts.every((count) => count < largestCount)) return;
  throw new AppError('model-corrupt', `The ${what} ${file} is not a GGUF file or is damaged.`, {
    hint: 'Get the file again or choose another one.',
  });
}

function readHeader(file: string, what: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  try {
    const handle = openSync(file, 'r');
    try {
      return header.subarray(0, readSync(handle, header, 0, headerBytes, 0));
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    throw new AppError('not-found', `The ${what} ${file} cannot be read.`, { cause });
  }
}
