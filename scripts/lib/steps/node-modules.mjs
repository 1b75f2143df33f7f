// Step 2: node_modules as the lock file has it. Compared package by package (version and integrity hash), so that an
// install made by hand counts, and a half-made one does not.
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, setupFolder } from '../paths.mjs';
import { runCommand } from '../run-command.mjs';
import { SetupError, downloadError } from '../setup-error.mjs';
import { hashFile, readStamp, writeStamp } from '../stamps.mjs';

const lockPath = join(projectRoot, 'package-lock.json');
const installedPath = join(projectRoot, 'node_modules', '.package-lock.json');
const stampPath = join(setupFolder, 'node-modules.json');

/** Is everything that package-lock.json asks for on this machine in node_modules? */
export async function nodeModulesAreReady() {
  if (!existsSync(installedPath)) return false;
  const stamp = { lock: await hashFile(lockPath), installed: await hashFile(installedPath) };
  const known = readStamp(stampPath);
  if (known?.lock === stamp.lock && known?.installed === stamp.installed && foldersExist()) return true;
  if (!matchesLock()) return false;
  writeStamp(stampPath, stamp);
  return true;
}

/** Installs exactly what the lock file names. No package's own script runs. */
export async function installNodeModules() {
  const folder = join(projectRoot, 'node_modules');
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new SetupError(
      `${folder} is a link, and npm would empty the folder that it leads to.`,
      'Run npm ci in the project of that folder, or remove the link.',
    );
  }
  // The npm that started us, else the one in PATH; development packages also where NODE_ENV is "production".
  const ownNpm = process.env.npm_execpath;
  const [program, first] = ownNpm?.endsWith('npm-cli.js') ? [process.execPath, [ownNpm]] : [npmProgram(), []];
  const install = await runCommand(
    program,
    [
      ...[
        ...first,
        'ci',
        '--ignore-scripts',
        '--include=dev',
        '--include=optional',
        '--no-audit',
        '--no-fund',
      ],
      // Without a network npm would try for minutes before it says so.
      ...['--prefer-offline', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'],
    ],
    { log: 'npm-ci' },
  );
  if (install.missing) throw new SetupError('npm was not found.', 'Install Node.js 20 or newer with npm.');
  if (install.status !== 0) throw downloadError('the npm packages', install.output, install.logFile);
  if (!(await nodeModulesAreReady())) {
    throw new SetupError(
      'npm finished, but not every package of package-lock.json is in node_modules.',
      `Look at ${install.logFile} and run: npm ci`,
    );
  }
}

function npmProgram() {
  return process.platform === 'win32' ? 'npm.cmd' : 'npm';
}

function matchesLock() {
  const wanted = wantedPackages();
  const installed = readJson(installedPath)?.packages ?? {};
  return Object.entries(wanted).every(
    ([path, entry]) =>
      installed[path]?.version === entry.version &&
      installed[path]?.integrity === entry.integrity &&
      existsSync(join(projectRoot, path)),
  );
}

function foldersExist() {
  return Object.keys(wantedPackages()).every((path) => existsSync(join(projectRoot, path)));
}

function wantedPackages() {
  return packagesForHere(readJson(lockPath)?.packages ?? {});
}

/**
 * The entries of a lock file that npm installs on this machine: what the project's packages lead to, without optional
 * ones of other systems and what only those lead to.
 *
 * @param {Record<string, any>} packages
 * @returns {Record<string, object>}
 */
export function packagesForHere(packages) {
  const found = new Map();
  const open = [''];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = packages[path] ?? {};
    const names = { ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies };
    for (const name of Object.keys(names)) {
      const target = resolvePackage(packages, path, name);
      if (target === undefined || found.has(target) || !belongsHere(packages[target])) continue;
      found.set(target, packages[target]);
      open.push(target);
    }
  }
  return Object.fromEntries(found);
}

/** Where Node finds a package: in the folder itself, else in those above it. */
function resolvePackage(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in packages) return path;
    if (folder === '') return undefined;
  }
}

/** Optional packages of other systems are not installed by npm. */
function belongsHere(entry) {
  if (!entry.optional && !entry.devOptional) return true;
  // A peer that nothing here asks for may be in the lock file without being installed.
  if (entry.peer) return false;
  return accepts(entry.os, process.platform) && accepts(entry.cpu, process.arch) && acceptsLibc(entry.libc);
}

function accepts(allowed, value) {
  if (allowed === undefined) return true;
  const list = [allowed].flat();
  if (list.includes(`!${value}`)) return false;
  return list.some((item) => item === value || item === 'any') || list.every((item) => item.startsWith('!'));
}

function acceptsLibc(libc) {
  if (libc === undefined || process.platform !== 'linux') return true;
  const family = process.report?.getReport()?.header?.glibcVersionRuntime ? 'glibc' : 'musl';
  return [libc].flat().includes(family);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
