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
