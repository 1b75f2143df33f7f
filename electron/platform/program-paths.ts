import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The trainer that set-up built; `KEEPSAKE_WORKER` names another one. */
export function workerProgram(
  projectRoot: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  if (env.KEEPSAKE_WORKER !== undefined && env.KEEPSAKE_WORKER !== '') return env.KEEPSAKE_WORKER;
  const name = platform === 'win32' ? 'keepsake-worker.exe' : 'keepsake-worker';
  return join(projectRoot, 'native-worker', 'build', 'release', name);
}

/** Where node-llama-cpp keeps ggml's CPU plug-ins for this machine. */
export function backendsFolder(projectRoot: string, platform: NodeJS.Platform, arch: string): string {
  const system = platform === 'win32' ? 'win' : platform === 'darwin' ? 'mac' : 'linux';
  const name = `${system}-${arch === 'arm64' && system === 'mac' ? 'arm64-metal' : arch}`;
  return join(projectRoot, 'node_modules', '@node-llama-cpp', name, 'bins', name);
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
    const packages = join(projectRoot, 'node_modules', '@node-llama-cpp');
    return join(packages, `${system}-${arch}-${packageKind}`, 'bins', `${system}-${arch}-${kind}`);
  };
  return [
    join(folder('cuda'), library('cuda')),
    join(folder('cuda', 'cuda-ext'), 'fallback', library('cuda')),
    join(folder('vulkan'), library('vulkan')),
  ].filter((file) => existsSync(file));
}
