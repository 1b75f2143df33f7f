// Usage: npm start [-- --data FOLDER]                       opens the window
//        npm start -- --web [--data FOLDER] [--port N]      serves the same app to a browser on this machine
// Makes ready what is missing: packages, the trainer, the default model, the page, and Electron's own program, which is
// fetched once.
import { join } from 'node:path';
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { findElectron, installScript } from './lib/electron-binary.mjs';
import { isNewEnough, nodeProgram } from './lib/node-program.mjs';
import { projectRoot } from './lib/paths.mjs';
import { runCommand } from './lib/run-command.mjs';
import { SetupError, printSetupError, setupExitCode } from './lib/setup-error.mjs';
import { callerFolder, handOver, rerunUnder, startApplication } from './lib/start-application.mjs';

const inBrowser = 'Use it in a browser: npm start -- --web';

try {
  await bootstrap(needs.everything);
  if (isNewEnough(process.versions)) await start(process.argv.slice(2));
  else rerunUnder(nodeProgram());
} catch (error) {
  printSetupError(error);
  process.exitCode = setupExitCode;
}

async function start(args) {
  const isWeb = args.includes('--web');
  // Whether there can be a window is known at once; building comes after.
  const electron = isWeb ? undefined : await electronProgram();
  const { appIsReady, buildApp } = await import('./lib/steps/app.mjs');
  const parts = isWeb ? ['renderer'] : undefined;
  if (!appIsReady(parts)) {
    process.stderr.write('setup: page ...\n');
    await buildApp(parts);
  }
  const cwd = callerFolder('start');
  if (isWeb) {
    const program = join(projectRoot, 'electron', 'hosts', 'web', 'main.ts');
    startApplication(
      args.filter((arg) => arg !== '--web'),
      { cwd, program },
    );
  } else {
    handOver(electron, [projectRoot, ...args], { cwd });
  }
}

async function electronProgram() {
  const { DISPLAY: display, WAYLAND_DISPLAY: wayland } = process.env;
  if (process.platform === 'linux' && !display && !wayland) {
    throw new SetupError('There is no screen here to open a window on.', inBrowser);
  }
  const { path, problem, isGiven } = findElectron();
  if (path !== undefined) return path;
  if (isGiven) throw new SetupError(problem, `Correct ELECTRON_OVERRIDE_DIST_PATH. ${inBrowser}`);
  process.stderr.write('setup: Electron (120 MB, once) ...\n');
  const fetched = await runCommand(process.execPath, [installScript], { log: 'electron' });
  const now = findElectron();
  if (fetched.status === 0 && now.path !== undefined) return now.path;
  const reason =
    /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|fetch failed|TimeoutError/.test(
      fetched.output,
    )
      ? 'its download server was not reached'
      : (fetched.output.trim().split('\n')[0] ?? 'no reason was given');
  throw new SetupError(`Electron could not be fetched: ${reason}.`, inBrowser);
}
