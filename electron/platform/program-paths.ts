import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Name of the archive that a packed app's files lie in. No other program can look into it. */
const archive = 'app.asar';

/** The trainer that set-up built; `KEEPSAKE_WORKER` names another one. */
export function workerProgram(
  projectRoot: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  if (env.KEEPSAKE_WORKER !== undefined && env.KEEPSAKE_WORKER !== '') return env.KEEPSAKE_WORKER;
  const name = platform === 'win32' ? 'keepsake-worker.exe' : 'keepsake-worker';
  return isPacked(projectRoot)
    ? join(dirname(projectRoot), 'native-worker', name)
    : join(projectRoot, 'native-worker', 'build', 'release', name);
}

/** Where node-llama-cpp keeps ggml's CPU plug-ins for this machine. */
export function backendsFolder(projectRoot: string, platform: NodeJS.Platform, arch: string): string {
  const system = platform === 'win32' ? 'win' : platform === 'darwin' ? 'mac' : 'linux';
  const name = `${system}-${arch === 'arm64' && system === 'mac' ? 'arm64-metal' : arch}`;
  return join(nativePackages(projectRoot), name, 'bins', name);
}

/**
 * ggml's plug-ins for other devices than the processor, as far as they are installed: CUDA (13, then the one for
 * CUDA 12), Vulkan. Metal's lies beside the processor's.
 */
export function deviceBackends(projectRoot: string, platform: NodeJS.Platform, arch: string): string[] {
  if (platform === 'darwin') return [];
  const system = platform === 'win32' ? 'win' : 'linux';
  const library = (kind: string): string => (system === 'win' ? `ggml-${kind}.dll` : `libggml-${kind}.so`);
  const folder = (kind: string, packageKind = kind): string => {
    return join(
      nativePackages(projectRoot),
      `${system}-${arch}-${packageKind}`,
      'bins',
      `${system}-${arch}-${kind}`,
    );
  };
  return [
    join(folder('cuda'), library('cuda')),
    join(folder('cuda', 'cuda-ext'), 'fallback', library('cuda')),
    join(folder('vulkan'), library('vulkan')),
  ].filter((file) => existsSync(file));
}

function isPacked(projectRoot: string): boolean {
  return basename(projectRoot) === archive;
}

/** In a packed app, libraries lie beside the archive. */
function nativePackages(projectRoot: string): string {
  const root = isPacked(projectRoot) ? `${projectRoot}.unpacked` : projectRoot;
  return join(root, 'node_modules', '@node-llama-cpp');
}
