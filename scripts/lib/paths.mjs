// Where the project's own tools keep things. Everything here is made by set-up and ignored by git.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** Stamps, logs and small tools of set-up. */
export const setupFolder = join(projectRoot, '.keepsake-build');

/** The built page and the window's programs: `renderer/`, `main/`, `preload/`. */
export const appFolder = join(setupFolder, 'app');

/** Everything the native build makes. */
export const nativeBuildFolder = join(projectRoot, 'native-worker', 'build');

/** llama.cpp's sources at the very commit of the prebuilt libraries. */
export const llamaSourceFolder = join(nativeBuildFolder, 'llama.cpp');

/** oneDNN: `include/` and `lib/`. */
export const onednnFolder = join(nativeBuildFolder, 'onednn');

/** The CMake build folder of the worker. */
export const workerBuildFolder = join(nativeBuildFolder, 'release');

/** The trainer program. */
export const workerBinary = join(
  workerBuildFolder,
  process.platform === 'win32' ? 'keepsake-worker.exe' : 'keepsake-worker',
);

/** The user's cache of base models; shared by all checkouts. */
export function modelCacheFolder(environment = process.env) {
  const configured = environment.XDG_CACHE_HOME;
  // The XDG rules say that a relative path is to be ignored.
  const cache = configured && isAbsolute(configured) ? configured : join(homedir(), '.cache');
  return join(cache, 'keepsake', 'models');
}

/** node-llama-cpp's name for this machine's plain CPU build, or undefined where it has none. */
export function llamaPlatform(platform = process.platform, arch = process.arch) {
  return {
    'linux-x64': 'linux-x64',
    'linux-arm64': 'linux-arm64',
    'linux-arm': 'linux-armv7l',
    'darwin-x64': 'mac-x64',
    'darwin-arm64': 'mac-arm64-metal',
    'win32-x64': 'win-x64',
    'win32-arm64': 'win-arm64',
  }[`${platform}-${arch}`];
}

/** The folder of the prebuilt ggml and llama libraries; also where the CPU plug-ins lie. */
export function llamaLibrariesFolder() {
  const name = llamaPlatform();
  return name && join(projectRoot, 'node_modules', '@node-llama-cpp', name, 'bins', name);
}
