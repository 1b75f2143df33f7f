// Usage: npm run build, or: node scripts/build-app.mjs [renderer] [main] [preload]
// Builds the page and the window's programs into .keepsake-build/app/; what is built already is left alone.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { isNewEnough, nodeProgram } from './lib/node-program.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';
import { rerunUnder } from './lib/start-application.mjs';

try {
  await bootstrap(needs.modules);
  // Vite needs a newer Node than set-up does.
  if (isNewEnough(process.versions)) {
    const { appParts, buildApp } = await import('./lib/steps/app.mjs');
    const names = process.argv.slice(2);
    const unknown = names.filter((name) => !(name in appParts));
    if (unknown.length > 0) {
      process.stderr.write(
        `build: no part ${unknown.join(', ')}; there are: ${Object.keys(appParts).join(', ')}\n`,
      );
      process.exitCode = setupExitCode;
    } else {
      await buildApp(names.length > 0 ? names : undefined);
    }
  } else {
    rerunUnder(nodeProgram());
  }
} catch (error) {
  printSetupError(error);
  process.exitCode = setupExitCode;
}
