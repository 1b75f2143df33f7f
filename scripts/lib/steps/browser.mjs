// A Chromium for the tests of the page. One that is there is used; else Debian's package is installed where that may be
// done, else the one that Playwright fetches for the user.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeEnvironment, nodeProgram } from '../node-program.mjs';
import { projectRoot } from '../paths.mjs';
import { SetupError } from '../setup-error.mjs';

const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that is there, or undefined. `CHROMIUM` names another one. */
export function findBrowser() {
  const named = process.env.CHROMIUM;
  return [...(named ? [named] : []), ...known].find((path) => existsSync(path));
}

const run = (program, args) =>
  spawnSync(program, args, {
    stdio: 'ignore',
    cwd: projectRoot,
    env: { ...nodeEnvironment(), DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

const playwright = (...args) =>
  run(nodeProgram(), [join('node_modules', '@playwright', 'test', 'cli.js'), ...args]);

/** Is there a browser? Playwright's own counts when it was fetched. */
export function browserIsReady() {
  if (findBrowser() !== undefined) return true;
  const folder =
    process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(process.env.HOME ?? '', '.cache', 'ms-playwright');
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('chromium'));
}

/** Installs one. */
export function installBrowser() {
  const isDebian = existsSync('/usr/bin/apt-get');
  const isRoot = process.getuid?.() === 0;
  const install = () => run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']);
  if (isDebian && isRoot && (install() || (run('apt-get', ['update']) && install()))) return;
  if (playwright('install', 'chromium')) return;
  throw new SetupError(
    'No browser for the tests of the page could be installed.',
    'Install one, for example: sudo apt-get install chromium',
  );
}
