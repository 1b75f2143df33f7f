import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backendsFolder, deviceBackends, workerProgram } from '../../../electron/platform/program-paths.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const packages = join('node_modules', '@node-llama-cpp');
const cuda = join(packages, 'linux-x64-cuda', 'bins', 'linux-x64-cuda', 'libggml-cuda.so');
const olderCuda = join(
  packages,
  'linux-x64-cuda-ext',
  'bins',
  'linux-x64-cuda',
  'fallback',
  'libggml-cuda.so',
);
const vulkan = join(packages, 'linux-x64-vulkan', 'bins', 'linux-x64-vulkan', 'libggml-vulkan.so');

function rootWith(files: readonly string[]): string {
  const root = tempFolder();
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

describe('the plug-ins for other devices', () => {
  it('are those that are installed, CUDA before the older CUDA before Vulkan', () => {
    const root = rootWith([vulkan, olderCuda, cuda]);
    const found = deviceBackends(root, 'linux', 'x64');
    expect(found).toEqual([cuda, olderCuda, vulkan].map((file) => join(root, file)));
    expect(deviceBackends(rootWith([vulkan]), 'linux', 'x64')).toHaveLength(1);
  });

  it('are none where no package has them, and on macOS, where they lie beside the processor’s', () => {
    expect(deviceBackends(rootWith([]), 'linux', 'x64')).toEqual([]);
    expect(deviceBackends(rootWith([vulkan]), 'darwin', 'arm64')).toEqual([]);
    expect(deviceBackends(rootWith([vulkan]), 'linux', 'arm64')).toEqual([]);
  });
});

describe('in a packed app', () => {
  const archive = join('place', 'resources', 'app.asar');

  it('the trainer and the libraries lie beside the archive, where other programs can read them', () => {
    expect(workerProgram(archive, {}, 'linux')).toBe(
      join('place', 'resources', 'native-worker', 'keepsake-worker'),
    );
    expect(backendsFolder(archive, 'linux', 'x64')).toBe(
      join('place', 'resources', 'app.asar.unpacked', packages, 'linux-x64', 'bins', 'linux-x64'),
    );
  });
});
