/**
 * Is a file still the one that was checked? Its hash is trusted while size, time of change and inode stay the same.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { AppError } from '../../contract/errors.ts';

/** `size:mtime:inode`, the time in nanoseconds; undefined when there is no such file. */
export function findFileIdentity(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true ? `${stats.size}:${stats.mtimeNs}:${stats.ino}` : undefined;
}

/** True when the file begins as every GGUF file does. */
export function beginsAsGguf(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const magic = Buffer.alloc(4);
    readSync(handle, magic, 0, magic.length, 0);
    return magic.toString('latin1') === 'GGUF';
  } finally {
    closeSync(handle);
  }
}

/** SHA-256 of a file in hexadecimal, read as a stream. `report` gets the bytes read so far. */
export async function hashFile(
  file: string,
  options: { readonly signal?: AbortSignal | undefined; readonly report?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = createReadStream(file, { highWaterMark: 1024 * 1024 });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (options.signal?.aborted === true) {
      throw new AppError('cancelled', `Reading ${file} was stopped.`);
    }
    hash.update(chunk);
    bytes += chunk.length;
    options.report?.(bytes);
  }
  return hash.digest('hex');
}
