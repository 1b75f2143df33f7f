// Usage: npm test, or: node scripts/test.mjs [--only native] [--only unit] ...
// Sets up, runs every check and every suite, and ends with one line: "N passed, N failed, N skipped". A failing runner
// does not stop the others, so that one run reports everything.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { runners } from './lib/runners.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';

const only = process.argv.flatMap((arg, index, all) => (all[index - 1] === '--only' ? [arg] : []));
const unknown = only.filter((name) => !(name in runners));
if (unknown.length > 0) {
  process.stderr.write(
    `test: no runner ${unknown.join(', ')}; there are: ${Object.keys(runners).join(', ')}\n`,
  );
  process.exit(setupExitCode);
}

let isStopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    isStopped = true;
  });
}

const results = [];
const report = (result) => results.push(result);

try {
  const { failures } = await bootstrap(needs.testing, { goOnAfter: ['workerTests', 'baseModel', 'browser'] });
  for (const { error } of failures) {
    printSetupError(error);
    report({ name: 'set-up', passed: 0, failed: 1, skipped: 0, seconds: 0, notes: [error.message] });
  }
  for (const name of only.length > 0 ? only : Object.keys(runners)) {
    if (isStopped) {
      report({ name, passed: 0, failed: 1, skipped: 0, seconds: 0, notes: ['not run: stopped'] });
      continue;
    }
    process.stdout.write(`\n== ${name} ==\n`);
    const startedAt = performance.now();
    const result = await runners[name]();
    report({ ...result, seconds: (performance.now() - startedAt) / 1000 });
  }
} catch (error) {
  printSetupError(error);
  report({ name: 'set-up', passed: 0, failed: 1, skipped: 0, seconds: 0, notes: [error.message] });
}

process.stdout.write('\n== summary ==\n');
for (const { name, passed, failed, skipped, seconds, notes } of results) {
  const state = failed > 0 ? 'FAILED' : 'ok';
  const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  process.stdout.write(
    `${state.padEnd(7)}${name.padEnd(16)}${passed} passed, ${failed} failed, ${skipped} skipped, ` +
      `${seconds.toFixed(1)} s${note}\n`,
  );
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
