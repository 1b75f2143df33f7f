// Usage: node scripts/gpu-check/pack.mjs [FOLDER]
// Puts into FOLDER (default .keepsake-build/gpu-check, ignored by git) all that a bare machine with a GPU needs for the
// check: ggml's sources of the pinned release, nlohmann/json, the worker's sources, the kit. A few MB, no binaries.
import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { projectRoot } from '../lib/paths.mjs';

const folder = resolve(process.argv[2] ?? join(projectRoot, '.keepsake-build', 'gpu-check'));
const checkout = join(projectRoot, 'native-worker', 'build', 'llama.cpp');
if (!existsSync(join(checkout, 'ggml', 'CMakeLists.txt'))) {
  process.stderr.write(`There is no llama.cpp checkout in ${checkout}: run npm run build:worker first.\n`);
  process.exit(1);
}
const tree = join(folder, 'tree');
rmSync(tree, { recursive: true, force: true });
mkdirSync(tree, { recursive: true });
const unwanted =
  /[/\\]ggml-(sycl|opencl|cann|hexagon|metal|musa|webgpu|virtgpu|zdnn|zendnn|openvino|rpc)([/\\]|$)/u;
const copy = (from, to) =>
  cpSync(from, join(tree, to), { recursive: true, filter: (path) => !unwanted.test(path) });
copy(join(checkout, 'ggml'), join('llama.cpp', 'ggml'));
copy(join(checkout, 'include'), join('llama.cpp', 'include'));
copy(join(checkout, 'vendor', 'nlohmann'), join('llama.cpp', 'vendor', 'nlohmann'));
for (const name of ['src', 'tests', 'CMakeLists.txt']) {
  copy(join(projectRoot, 'native-worker', name), join('native-worker', name));
}
copy(join(projectRoot, 'scripts', 'gpu-check'), 'gpu-check');
const archive = join(folder, 'gpu-check.tar.gz');
const packed = spawnSync('tar', ['-czf', archive, '-C', tree, '.'], { stdio: 'inherit' });
if (packed.status !== 0) process.exit(1);
rmSync(tree, { recursive: true, force: true });
process.stdout.write(`${archive} (${(statSync(archive).size / 1e6).toFixed(1)} MB)
On the machine with the GPU:
  mkdir -p gpu-check && tar -xzf gpu-check.tar.gz -C gpu-check && python3 gpu-check/gpu-check/gpu-check.py
`);
