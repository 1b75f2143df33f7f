/** Takes a file into the app's own folder of models, by copy or by link, so that it stays when its owner tidies up. */
import { constants, linkSync, statSync, symlinkSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { faultPoint } from '../util/fault-point.ts';
import { hashFile } from './file-identity.ts';

export type PlaceInput = {
  readonly file: string;
  readonly folder: string;
  readonly how: 'copy' | 'link';
  readonly freeDiskBytes: (folder: string) => number;
  readonly signal?: AbortSignal | undefined;
};

/** Left free on the disk. */
const spareBytes = 16 * 1024 * 1024;

/** Gives the place of the file below `folder`, and whether it was made now. */
export async function placeFile(input: PlaceInput): Promise<{ file: string; isNew: boolean }> {
  const { file, folder, how, signal } = input;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const target = await freeName(file, folder, signal);
  if (target.isTaken) return { file: target.file, isNew: false };
  if (how === 'link') link(file, target.file);
  else await copy(input, target.file);
  return { file: target.file, isNew: true };
}

/** The file's own name, with a number where another file has it. The same content is found again. */
async function freeName(
  file: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<{ file: string; isTaken: boolean }> {
  const ending = extname(file);
  const stem = basename(file, ending);
  const { size } = statSync(file);
  let ownHash: string | undefined;
  for (let number = 1; ; number += 1) {
    const candidate = join(folder, `${stem}${number === 1 ? '' : `-${number}`}${ending}`);
    const there = statSync(candidate, { throwIfNoEntry: false });
    if (there === undefined) return { file: candidate, isTaken: false };
    if (!there.isFile() || there.size !== size) continue;
    ownHash ??= await hashFile(file, { signal });
    if ((await hashFile(candidate, { signal })) === ownHash) return { file: candidate, isTaken: true };
  }
}

async function copy({ file, folder, freeDiskBytes, signal }: PlaceInput, target: string): Promise<void> {
  const { size } = statSync(file);
  const free = freeDiskBytes(folder);
  if (size + spareBytes > free) {
    throw new AppError(
      'disk-full',
      `Cannot copy ${file}: ${gigabytes(size)} are needed, ${gigabytes(free)} are free.`,
      {
        hint: 'Free some space, or leave the file where it is: keepsake models add FILE',
      },
    );
  }
  const partial = `${target}.partial`;
  try {
    faultPoint('models.copy');
    await copyFile(file, partial, constants.COPYFILE_FICLONE);
    if (signal?.aborted === true) throw new AppError('cancelled', `Copying ${file} was stopped.`);
    const handle = await open(partial, 'r+');
    try {
      faultPoint('models.fsync');
      await handle.sync();
    } finally {
      await handle.close();
    }
    faultPoint('models.rename');
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** A second name for the same bytes; a symbolic link where the disks differ. */
function link(file: string, target: string): void {
  try {
    linkSync(file, target);
  } catch {
    symlinkSync(file, target);
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
