// Step 3: the headers of ggml and llama.cpp, at the commit that node-llama-cpp's prebuilt libraries were made from.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { llamaSourceFolder, nativeBuildFolder, projectRoot, setupFolder } from '../paths.mjs';
import { runCommand } from '../run-command.mjs';
import { SetupError } from '../setup-error.mjs';
import { hashFile, readStamp, removeStamp, writeStamp } from '../stamps.mjs';

const bundle = join(projectRoot, 'node_modules', 'node-llama-cpp', 'llama', 'gitRelease.bundle');
const stampPath = join(setupFolder, 'llama-source.json');

/** Was the folder made from the bundle that is installed now? */
export async function llamaSourceIsReady() {
  const stamp = readStamp(stampPath);
  return (
    existsSync(join(llamaSourceFolder, 'ggml', 'include', 'ggml.h')) &&
    existsSync(bundle) &&
    stamp?.bundle === (await hashFile(bundle))
  );
}

/** The commit of the unpacked sources. */
export function llamaCommit() {
  return readStamp(stampPath)?.commit ?? '';
}

/** Clones the bundle beside its final place and moves it there when it is whole. */
export async function unpackLlamaSource() {
  removeStamp(stampPath);
  mkdirSync(nativeBuildFolder, { recursive: true });
  const partial = `${llamaSourceFolder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const clone = await runCommand('git', ['clone', '--quiet', bundle, partial], { log: 'llama-source' });
  const head = await runCommand('git', ['-C', partial, 'rev-parse', 'HEAD'], { log: 'llama-commit' });
  const named = await runCommand('git', ['bundle', 'list-heads', bundle, 'HEAD'], { log: 'llama-bundle' });
  const commit = head.output.trim();
  if (clone.status !== 0 || head.status !== 0 || !named.output.startsWith(commit)) {
    throw new SetupError(
      `Could not unpack the llama.cpp sources of node-llama-cpp: ${clone.output.trim().split('\n').at(-1)}`,
      'Delete node_modules and run the same command again.',
    );
  }
  rmSync(llamaSourceFolder, { recursive: true, force: true });
  renameSync(partial, llamaSourceFolder);
  writeStamp(stampPath, { bundle: await hashFile(bundle), commit });
}
