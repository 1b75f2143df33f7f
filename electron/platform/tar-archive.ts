/**
 * Plain tar, as every system can open it, read strictly: files only, no links, no folders, no extensions, nothing cut off.
 */
import { readSync } from 'node:fs';
import { Header } from 'tar';
import type { ArchiveFormat, ArchivePart } from '../core/profiles/profile-archive.ts';
import { notAnArchive } from '../core/profiles/profile-manifest.ts';

const blockBytes = 512;
const chunkBytes = 1 << 20;

/** Parts as files of a tar archive. */
export const tarArchive: ArchiveFormat = { encode, decode };

function* encode(parts: Iterable<ArchivePart>): Iterable<Uint8Array> {
  for (const part of parts) {
    const block = Buffer.alloc(blockBytes);
    const header = new Header({
      path: part.path,
      size: part.sizeBytes,
      mode: 0o600,
      type: 'File',
      mtime: new Date(0),
    });
    // Short names and honest sizes fit the header itself.
    if (header.encode(block)) throw new Error(`The part ${part.path} needs an extended header.`);
    yield block;
    yield* part.chunks();
    yield Buffer.alloc(paddingOf(part.sizeBytes));
  }
  yield Buffer.alloc(2 * blockBytes);
}

function* decode(handle: number, sizeBytes: number): Iterable<ArchivePart> {
  for (let offset = 0; ;) {
    const header = new Header(readWhole(handle, offset, blockBytes));
    if (header.nullBlock) return;
    const { path, size } = header;
    if (!header.cksumValid || path === undefined || size === undefined) {
      throw notAnArchive('It is no tar archive or is damaged.');
    }
    if (header.type !== 'File') throw notAnArchive('It holds something that is no plain file.');
    const start = offset + blockBytes;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > sizeBytes) {
      throw notAnArchive('It is cut off.');
    }
    yield { path, sizeBytes: size, chunks: () => chunksOf(handle, start, size) };
    offset = start + size + paddingOf(size);
  }
}

function* chunksOf(handle: number, start: number, size: number): Iterable<Uint8Array> {
  for (let done = 0; done < size;) {
    const chunk = readWhole(handle, start + done, Math.min(chunkBytes, size - done));
    done += chunk.length;
    yield chunk;
  }
}

function readWhole(handle: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const count = readSync(handle, bytes, done, length - done, offset + done);
    if (count === 0) throw notAnArchive('It is cut off.');
    done += count;
  }
  return bytes;
}

function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
