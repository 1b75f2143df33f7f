/**
 * Files and folders that are there as a whole or not at all: written under a temporary name, brought to the disk,
 * then renamed. Readable by their owner only.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Takes the bytes of a file one after the other. */
export type Sink = (bytes: Uint8Array) => void;

/** The temporary name beside a path, the same for the same tag. */
export function partialOf(path: string, tag: string): string {
  return `${path}.${tag.slice(0, 8)}.partial`;
}

/** Where a folder waits while another takes its place. */
export function replacedOf(partial: string): string {
  return partial.replace(/\.partial$/u, '.replaced');
}

/** Writes a new file that must not be there yet, and brings it to the disk. What failed leaves nothing. */
export function writeWhole(file: string, write: (sink: Sink) => void): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    try {
      write((bytes) => {
        let done = 0;
        while (done < bytes.length) done += writeSync(handle, bytes, done, bytes.length - done);
      });
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

/** Gives a finished temporary file its name. Without `overwrite` a file of that name makes it throw EEXIST. */
export function putFile(partial: string, path: string, options: { readonly overwrite: boolean }): void {
  chmodSync(partial, 0o600);
  syncPath(partial);
  if (options.overwrite) renameSync(partial, path);
  else moveWithoutReplacing(partial, path);
  syncPath(dirname(path));
}

/** Gives a finished temporary folder its name. An empty folder of that name is no obstacle. */
export function putFolder(partial: string, path: string, options: { readonly overwrite: boolean }): void {
  syncPath(partial);
  const replaced = replacedOf(partial);
  const replaces = options.overwrite && statSync(path, { throwIfNoEntry: false }) !== undefined;
  if (replaces) renameSync(path, replaced);
  renameSync(partial, path);
  syncPath(dirname(path));
  if (replaces) rmSync(replaced, { recursive: true, force: true });
}

/** Makes a temporary folder for its owner only and fills it. What failed leaves nothing. */
export function fillFolder(partial: string, fill: (fileOf: (name: string) => string) => void): void {
  mkdirSync(partial, { mode: 0o700 });
  try {
    fill((name) => join(partial, name));
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** What is at a path. */
export function kindOfPath(path: string): 'nothing' | 'file' | 'empty-folder' | 'folder' {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 'nothing';
  if (!stats.isDirectory()) return 'file';
  return readdirSync(path).length === 0 ? 'empty-folder' : 'folder';
}

/** Hard links never replace; file systems that have none get a look before the rename. */
function moveWithoutReplacing(partial: string, path: string): void {
  try {
    linkSync(partial, path);
  } catch (error) {
    if (isCode(error, 'EEXIST') || kindOfPath(path) !== 'nothing') throw error;
    renameSync(partial, path);
    return;
  }
  rmSync(partial, { force: true });
}

/** Not every system can sync a folder; then the name is as safe as the system makes it. */
function syncPath(path: string): void {
  let handle: number;
  try {
    handle = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(handle);
  } catch {
    // A folder on such a system.
  } finally {
    closeSync(handle);
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
