// The C++ formatter of the format check, from its pinned wheel. Needed by those who change code, not by the demo.
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWheel, wheels } from '../downloads.mjs';
import { setupFolder } from '../paths.mjs';
import { hashFile, readStamp, writeStamp } from '../stamps.mjs';
import { onednnIsOffered } from './onednn.mjs';

const folder = join(setupFolder, 'clang-format');
const stampPath = join(setupFolder, 'clang-format.json');

/** Where the formatter lies once it was fetched. */
export const clangFormatPath = join(folder, 'clang-format');

/** Is there a pinned wheel for this machine? The same machines as oneDNN's: x86-64 Linux with glibc. */
export const clangFormatIsOffered = onednnIsOffered;

/** Is the pinned formatter there? */
export async function clangFormatIsReady() {
  const stamp = readStamp(stampPath);
  return (
    stamp?.wheel === wheels.clangFormat.sha256 &&
    existsSync(clangFormatPath) &&
    stamp?.program === (await hashFile(clangFormatPath))
  );
}

/** Downloads and unpacks it. */
export async function fetchClangFormat() {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  await unpackWheel(wheels.clangFormat, { target: partial, pick: '/bin/clang-format$', drop: '^.*/' });
  chmodSync(join(partial, 'clang-format'), 0o755);
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
  writeStamp(stampPath, { wheel: wheels.clangFormat.sha256, program: await hashFile(clangFormatPath) });
}
