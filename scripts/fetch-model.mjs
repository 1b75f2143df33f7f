// Usage: node scripts/fetch-model.mjs
// Puts the default base model into the user's cache and prints its path.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';
import { baseModelPath } from './lib/steps/base-model.mjs';

try {
  await bootstrap(needs.model);
  process.stdout.write(`${baseModelPath()}\n`);
} catch (error) {
  printSetupError(error);
  process.exit(setupExitCode);
}
