// Usage: npm run demo -- [--data DIR] [--persona SEED] [--facts N] [--quick]
// Sets up what is missing, then runs the whole story with an invented person: facts in, adapter trained, recall proved.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';
import { callerFolder, startApplication } from './lib/start-application.mjs';

try {
  await bootstrap(needs.everything);
  startApplication(['demo', ...process.argv.slice(2)], { cwd: callerFolder('demo') });
} catch (error) {
  printSetupError(error);
  process.exitCode = setupExitCode;
}
