// Usage: node scripts/build-worker.mjs [--tests]
// Builds the trainer program (and its tests) where its sources changed.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { workerBinary } from './lib/paths.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';

const withTests = process.argv.includes('--tests');
try {
  await bootstrap(needs.worker.map((name) => (withTests && name === 'worker' ? 'workerTests' : name)));
  process.stdout.write(`${workerBinary}\n`);
} catch (error) {
  printSetupError(error);
  process.exit(setupExitCode);
}
