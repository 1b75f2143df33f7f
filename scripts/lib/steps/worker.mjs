// Step 5: the trainer program, built by CMake from native-worker/. Done again when a source, the compiler, the
// libraries or the place of the checkout changed.
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  llamaLibrariesFolder,
  llamaPlatform,
  llamaSourceFolder,
  onednnFolder,
  projectRoot,
  setupFolder,
  workerBinary,
  workerBuildFolder,
} from '../paths.mjs';
import { runCommand } from '../run-command.mjs';
import { SetupError } from '../setup-error.mjs';
import { hashText, hashTree, readStamp, removeStamp, writeStamp } from '../stamps.mjs';
import { llamaCommit } from './llama-source.mjs';
import { onednnIdentity } from './onednn.mjs';
import { hasNinja } from './tools.mjs';

const workerSources = ['native-worker/src', 'native-worker/cmake', 'native-worker/CMakeLists.txt'];
const testSources = ['native-worker/tests', 'tests/fixtures'];

const stampPath = (withTests) => join(setupFolder, withTests ? 'worker-tests.json' : 'worker.json');

/** Is the built worker (and, if asked, its tests) made from what lies here now? */
export async function workerIsReady({ withTests = false } = {}) {
  if (!existsSync(workerBinary)) return false;
  return readStamp(stampPath(withTests))?.inputs === (await inputsHash(withTests));
}

/** Configures and builds; throws one sentence with the first compiler error. */
export async function buildWorker({ withTests = false } = {}) {
  const libraries = llamaLibrariesFolder();
  if (libraries === undefined || !existsSync(libraries)) {
    throw new SetupError(
      `There are no prebuilt ggml libraries for ${process.platform}-${process.arch}.`,
      'Supported: Linux, macOS and Windows on x64 and arm64.',
    );
  }
  const parts = withTests ? [false, true] : [false];
  const inputs = new Map();
  for (const part of parts) {
    removeStamp(stampPath(part));
    inputs.set(part, await inputsHash(part));
  }
  if (cameFromElsewhere()) rmSync(workerBuildFolder, { recursive: true, force: true });
  await runOrThrow('configure', [
    ...['-S', join(projectRoot, 'native-worker'), '-B', workerBuildFolder],
    ...(existsSync(join(workerBuildFolder, 'CMakeCache.txt')) || !(await hasNinja()) ? [] : ['-G', 'Ninja']),
    ...['-DCMAKE_BUILD_TYPE=Release', '-DKEEPSAKE_TESTS=ON', '-DKEEPSAKE_SANITIZE=OFF'],
    // A newer compiler's new warning must not stop a user; our own runs must see it.
    `-DKEEPSAKE_WERROR=${process.env.CI ? 'ON' : 'OFF'}`,
    `-DKEEPSAKE_LLAMA_SRC=${llamaSourceFolder}`,
    `-DKEEPSAKE_LLAMA_LIBS=${libraries}`,
    `-DKEEPSAKE_ONEDNN=${onednnIdentity() === '' ? '' : onednnFolder}`,
  ]);
  await runOrThrow('build', [
    ...['--build', workerBuildFolder, '--config', 'Release'],
    ...['--parallel', String(availableParallelism())],
    ...(withTests ? [] : ['--target', 'keepsake-worker']),
  ]);
  await assertWorkerStarts();
  for (const part of parts) writeStamp(stampPath(part), { inputs: inputs.get(part) });
}

async function assertWorkerStarts() {
  const { status, output } = await runCommand(workerBinary, ['version'], { log: 'worker-version' });
  if (status === 0) return;
  throw new SetupError(
    `The built trainer does not start: ${lastLine(output)}`,
    'Delete native-worker/build and run the same command again.',
  );
}

async function inputsHash(withTests) {
  const compiler = await runCommand(process.env.CXX ?? 'c++', ['--version'], { log: 'tool-compiler' });
  return hashText(
    JSON.stringify({
      sources: hashTree(projectRoot, withTests ? [...workerSources, ...testSources] : workerSources),
      root: projectRoot,
      platform: llamaPlatform(),
      llama: llamaCommit(),
      libraries: librariesVersion(),
      onednn: onednnIdentity(),
      compiler: compiler.output.split('\n')[0],
      flags: [process.env.CXX, process.env.CXXFLAGS, process.env.LDFLAGS],
    }),
  );
}

/** Version and integrity of the package that holds the prebuilt libraries. */
function librariesVersion() {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'));
  return lock.packages[`node_modules/@node-llama-cpp/${llamaPlatform()}`]?.integrity ?? '';
}

/** CMake refuses a build folder whose checkout was moved or copied. */
function cameFromElsewhere() {
  try {
    const cache = readFileSync(join(workerBuildFolder, 'CMakeCache.txt'), 'utf8');
    return !cache.includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${join(projectRoot, 'native-worker')}\n`);
  } catch {
    return false;
  }
}

async function runOrThrow(name, args) {
  const result = await runCommand('cmake', args, { log: `worker-${name}` });
  if (result.status === 0) return;
  const lines = result.output.split('\n');
  const firstError =
    lines.find((line) => /error[: ]/i.test(line)) ??
    lines.find((line) => /^FAILED|undefined reference|Killed|Terminated/.test(line)) ??
    lastLine(result.output);
  // Kept under a name of its own, since the next try writes a new log.
  const kept = result.logFile.replace(/\.log$/, '.failed.log');
  copyFileSync(result.logFile, kept);
  throw new SetupError(
    `Building the trainer failed (${name}): ${firstError.trim()}`,
    `The whole output is in ${kept}.`,
  );
}

function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
