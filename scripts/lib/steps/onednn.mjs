// Step 4: oneDNN's matrix products for the trainer, from pinned wheels. A machine without them trains on plain ggml.
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { unpackWheel, wheels } from '../downloads.mjs';
import { onednnFolder, setupFolder } from '../paths.mjs';
import { hashFile, readStamp, removeStamp, writeStamp } from '../stamps.mjs';

const library = join(onednnFolder, 'lib', 'libdnnl.so.3');
const stampPath = join(setupFolder, 'onednn.json');

/** Are there oneDNN wheels for this machine? */
export function onednnIsOffered() {
  const isGlibc = process.report?.getReport()?.header?.glibcVersionRuntime !== undefined;
  return process.platform === 'linux' && process.arch === 'x64' && isGlibc;
}

/** Was the unpacked library made from the pinned wheels, and is it whole? */
export async function onednnIsReady() {
  const stamp = readStamp(stampPath);
  return (
    stamp?.libraryWheel === wheels.onednnLibrary.sha256 &&
    stamp?.headersWheel === wheels.onednnHeaders.sha256 &&
    existsSync(join(onednnFolder, 'include', 'oneapi', 'dnnl', 'dnnl.hpp')) &&
    existsSync(library) &&
    stamp?.library === (await hashFile(library))
  );
}

/** Identity of the oneDNN in use, or '' where the worker is built without it. */
export function onednnIdentity() {
  return readStamp(stampPath)?.library ?? '';
}

/** Downloads, checks and unpacks both wheels. */
export async function fetchOnednn() {
  removeStamp(stampPath);
  const partial = `${onednnFolder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const drop = '^[^/]+\\.data/data/';
  // The wheel has the same library under three names; one is enough, the linker's name is a link.
  await unpackWheel(wheels.onednnLibrary, {
    target: partial,
    pick: 'libdnnl\\.so\\.3$|/LICENSE$|THIRD-PARTY',
    drop,
  });
  await unpackWheel(wheels.onednnHeaders, { target: partial, pick: '/include/', drop });
  symlinkSync('libdnnl.so.3', join(partial, 'lib', 'libdnnl.so'));
  rmSync(onednnFolder, { recursive: true, force: true });
  renameSync(partial, onednnFolder);
  writeStamp(stampPath, {
    libraryWheel: wheels.onednnLibrary.sha256,
    headersWheel: wheels.onednnHeaders.sha256,
    library: await hashFile(library),
  });
}
