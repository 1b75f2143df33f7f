// usage: npm run campaign:fuzz [-- --runs 1000] [--seed 1] [--only NAME-PART] [--app-only] [--write]
// Malformed inputs for every parser: each must accept or refuse them with an error that has a code. A crash, silence for
// 5 s, a gigabyte of memory or any other error is a failure, shown with its seed and its smallest input. The worker's
// parsers run with the address and undefined-behaviour sanitizers. --write puts the table into docs/results/fuzz.md.
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { projectRoot } from '../lib/paths.mjs';
import { malformed } from './fuzz-inputs.mjs';
import { documentsFor } from './fuzz-documents.mjs';
import { parserNames } from './fuzz-parsers.mjs';
import { buildSanitized, prepareWorkerTargets } from './fuzz-worker.mjs';

const limitMs = 5000;
const limitBytes = 1e9;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    'app-only': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const seed = Number(options.seed);
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed))
  throw new Error('--runs and --seed are whole numbers');

const scratch = mkdtempSync(join(tmpdir(), 'keepsake-fuzz-'));
const rows = [];
try {
  const documents = documentsFor();
  for (const name of parserNames.filter((each) => each.includes(options.only))) {
    const parser = startParser(name);
    rows.push(await meet(name, documents[name], parser.run));
    await parser.stop();
  }
  if (!options['app-only']) {
    await buildSanitized();
    const targets = await prepareWorkerTargets(join(scratch, 'worker'));
    for (const [name, target] of Object.entries(targets).filter(([each]) => each.includes(options.only)))
      rows.push(await meet(name, target, target.run));
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
const failed = rows.filter((row) => row.failure !== undefined);
if (options.write) writeResult();
console.log(
  JSON.stringify({ runs: rows.reduce((sum, row) => sum + row.inputs, 0), failed: failed.length, seed }),
);
process.exitCode = failed.length > 0 || rows.length === 0 ? 1 : 0;

/** Sends `runs` malformed inputs to one parser. */
async function meet(name, { documents, ...shape }, run) {
  const row = { name, inputs: 0, accepted: 0, refused: 0, slowestMs: 0, peakBytes: 0 };
  for (const document of documents) {
    const { taken, what } = await run(document);
    // A document that is refused undamaged would make every refusal worthless.
    if (taken !== 'accepted') throw new Error(`${name}: the undamaged document is ${taken}: ${what ?? ''}`);
  }
  const start = performance.now();
  const result = await fc.check(
    fc.asyncProperty(malformed(documents, shape), async (bytes) => {
      const began = performance.now();
      const outcome = await run(bytes);
      row.inputs += 1;
      row.slowestMs = Math.max(row.slowestMs, performance.now() - began);
      row.peakBytes = Math.max(row.peakBytes, outcome.memoryBytes ?? 0);
      if (outcome.taken === 'broken') throw new Error(outcome.what);
      row[outcome.taken] += 1;
      if (row.peakBytes > limitBytes) throw new Error('more than 1 GB of memory');
    }),
    {
      numRuns: runs,
      seed,
      endOnFailure: false,
      interruptAfterTimeLimit: 30 * 60_000,
      markInterruptAsFailure: true,
    },
  );
  if (result.failed) {
    const [smallest] = result.counterexample ?? [];
    const kept = join(projectRoot, '.keepsake-build', 'fuzz', name.replaceAll(/[^a-z]+/gi, '-'));
    if (smallest !== undefined) {
      mkdirSync(join(kept, '..'), { recursive: true });
      writeFileSync(kept, smallest);
    }
    row.failure = `${result.errorInstance?.message ?? 'interrupted'} (seed ${seed}, path ${result.counterexamplePath}, input in ${kept})`;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.error(
    `${row.failure === undefined ? 'ok    ' : 'FAILED'} ${name}: ${row.inputs} inputs, ${row.refused} refused, ` +
      `${row.accepted} accepted, slowest ${row.slowestMs.toFixed(0)} ms, ${seconds} s${row.failure === undefined ? '' : `\n       ${row.failure}`}`,
  );
  return row;
}

/** One process per parser; it is started again after it died or was silent. */
function startParser(name) {
  const program = fileURLToPath(new URL('./fuzz-parsers.mjs', import.meta.url));
  const start = () =>
    new Promise((resolve) => {
      const child = fork(program, [name], {
        serialization: 'advanced',
        execArgv: ['--max-old-space-size=1000'],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      child.once('message', () => resolve(child));
    });
  let ready = start();
  const run = async (bytes) => {
    const child = await ready;
    const outcome = await answerOf(child, bytes);
    if (outcome.memoryBytes === undefined) {
      child.kill('SIGKILL');
      ready = start();
    }
    return outcome;
  };
  return { run, stop: async () => (await ready).kill() };
}

function answerOf(child, bytes) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end({ taken: 'broken', what: `silent for ${limitMs / 1000} s` }), limitMs);
    const died = (code, signal) => end({ taken: 'broken', what: `the process died (${signal ?? code})` });
    function end(outcome) {
      clearTimeout(timer);
      child.removeListener('exit', died);
      child.removeListener('message', end);
      resolve(outcome);
    }
    child.once('exit', died);
    child.once('message', end);
    child.send({ bytes });
  });
}

function writeResult() {
  const lines = rows.map(
    ({ name, inputs, refused, accepted, slowestMs, peakBytes, failure }) =>
      `| ${name} | ${inputs} | ${refused} | ${accepted} | ${slowestMs.toFixed(0)} | ${peakBytes > 0 ? (peakBytes / 1e6).toFixed(0) : 'under 1000'} | ${failure ?? 'none'} |`,
  );
  const text = `# Malformed inputs

The last run of \`npm run campaign:fuzz\` (fast-check, seed ${seed}, ${runs} inputs each, ${new Date().toISOString().slice(0, 10)}). An input is a valid
document damaged in up to six places, noise, or JSON of any shape. Refused means an error with a code of its own, accepted that
the damage left something valid. A crash, silence for 5 s or more than 1 GB of memory would be a failure. The worker's rows ran
with the address and undefined-behaviour sanitizers, one start of the program for each input.

| Parser | inputs | refused | accepted | slowest, ms | memory, MB | failures |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
  mkdirSync(join(projectRoot, 'docs', 'results'), { recursive: true });
  writeFileSync(join(projectRoot, 'docs', 'results', 'fuzz.md'), text);
}
