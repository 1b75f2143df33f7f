// Where Electron's program is. It comes with no package: it is fetched once, or another folder of it is named by
// ELECTRON_OVERRIDE_DIST_PATH.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.mjs';

const packageFolder = join(projectRoot, 'node_modules', 'electron');

/** Electron's own script that downloads it and checks its hash. */
export const installScript = join(packageFolder, 'install.js');

/**
 * `{ path }` of the program; `{ problem }` where there is none or it is not the one that this project is made for.
 *
 * `isGiven` is true where the user named a folder: then nothing is to be fetched in its place.
 */
export function findElectron(environment = process.env) {
  const { version } = readJson(join(packageFolder, 'package.json'));
  const given = environment.ELECTRON_OVERRIDE_DIST_PATH;
  const isGiven = given !== undefined && given !== '';
  const folder = isGiven ? given : join(packageFolder, 'dist');
  const path = join(folder, programName());
  const found = readText(join(folder, 'version')).replace(/^v/, '').trim();
  if (!existsSync(path)) return { isGiven, problem: `There is no Electron in ${folder}.` };
  if (!isProgram(path)) return { isGiven, problem: `${path} is not a program that can be started.` };
  if (found !== version) {
    return {
      isGiven,
      problem: `${folder} holds Electron ${found || 'of no known version'}, not ${version}.`,
    };
  }
  return { isGiven, path };
}

function programName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

function isProgram(path) {
  const stats = statSync(path);
  return stats.isFile() && (process.platform === 'win32' || (stats.mode & 0o111) !== 0);
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
