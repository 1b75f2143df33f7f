// Usage: node scripts/bootstrap.mjs [modules|worker|model|everything|testing|formatting]
// Makes this checkout ready: packages, headers, oneDNN, trainer, base model. Defaults to everything. What is done
// already is skipped.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';

const wanted = needs[process.argv[2] ?? 'everything'];
if (wanted === undefined) {
  process.stderr.write(`usage: node scripts/bootstrap.mjs [${Object.keys(needs).join('|')}]\n`);
  process.exit(setupExitCode);
}
try {
  const startedAt = performance.now();
  const { done } = await bootstrap(wanted);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`setup: ${done.length === 0 ? 'nothing to do' : 'ready'} (${seconds} s)\n`);
} catch (error) {
  printSetupError(error);
  process.exit(setupExitCode);
}
