// Usage: npm run package [-- --dir]
// Packs the app for this system into .keepsake-build/package/: nsis on Windows, dmg on macOS, deb and AppImage on Linux; with
// --dir only the unpacked tree.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { isNewEnough, nodeProgram } from './lib/node-program.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';
import { rerunUnder } from './lib/start-application.mjs';

try {
  await bootstrap(needs.worker);
  if (isNewEnough(process.versions)) {
    const { buildApp } = await import('./lib/steps/app.mjs');
    const { packageApp, packageFolder } = await import('./lib/steps/package.mjs');
    await buildApp();
    await packageApp({
      dirOnly: process.argv.includes('--dir'),
      print: (line) => process.stderr.write(`package: ${line}\n`),
    });
    process.stderr.write(`package: ready in ${packageFolder}\n`);
  } else {
    rerunUnder(nodeProgram());
  }
} catch (error) {
  printSetupError(error);
  process.exitCode = setupExitCode;
}
