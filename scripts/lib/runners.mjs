// The runners of `npm test`: each gives `{ name, passed, failed, skipped, notes }`. A static check counts as one test.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nodeEnvironment, nodeProgram } from './node-program.mjs';
import { projectRoot, setupFolder, workerBuildFolder } from './paths.mjs';

const reports = join(setupFolder, 'reports');
const limitMs = 30 * 60_000;
const endingSignals = ['SIGINT', 'SIGTERM'];
const tool = (...parts) => join(projectRoot, 'node_modules', ...parts);

/** All runners in the order in which they run: the quick ones first. */
export const runners = {
  format: staticCheck('format', [join(projectRoot, 'scripts', 'format.mjs'), '--check']),
  lint: staticCheck('lint', [tool('eslint', 'bin', 'eslint.js'), '.', '--max-warnings', '0']),
  types: staticCheck('types', [tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', 'tsconfig.json']),
  'page types': staticCheck('page types', [
    ...[tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', join('renderer', 'tsconfig.json')],
  ]),
  'contract types': staticCheck('contract types', [
    ...[tool('typescript', 'bin', 'tsc'), '--noEmit', '-p', join('electron', 'contract', 'tsconfig.json')],
  ]),
  unit: vitest('unit', ['unit', 'architecture']),
  contract: vitest('contract', ['contract']),
  native: runCtest,
  integration: vitest('integration', ['integration']),
  browser: runPlaywright,
  package: vitest('package', ['package']),
  model: vitest('model', ['model']),
};

function staticCheck(name, args) {
  return async () => {
    const { status, notes } = await show(nodeProgram(), args);
    return { name, passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0, notes };
  };
}

function vitest(name, projects) {
  return async () => {
    const report = join(reports, `${name}.json`);
    prepareReport(report);
    const { status, notes } = await show(nodeProgram(), [
      ...[tool('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json'],
      ...[`--outputFile.json=${report}`, ...projects.flatMap((project) => ['--project', project])],
    ]);
    const counted = countVitest(readJson(report));
    return withStatus({ name, ...counted, notes }, status);
  };
}

/** Tests by state; a file that could not even be loaded counts as one failed test. */
export function countVitest(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const tests = file.assertionResults ?? [];
    for (const test of tests) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && !tests.some((test) => test.status === 'failed')) counts.failed += 1;
  }
  return counts;
}

async function runCtest() {
  const report = join(reports, 'native.xml');
  prepareReport(report);
  const { status, notes } = await show('ctest', [
    ...['--test-dir', workerBuildFolder, '--build-config', 'Release', '--output-on-failure'],
    ...['--no-tests=ignore', '--parallel', String(Math.min(2, availableParallelism()))],
    ...['--output-junit', report],
  ]);
  let xml = '';
  try {
    xml = readFileSync(report, 'utf8');
  } catch {
    // No report: the status alone tells.
  }
  return withStatus({ name: 'native', ...countCtest(xml), notes }, status);
}

/** Counts of ctest's JUnit file. */
export function countCtest(xml) {
  const head = /<testsuite\b[^>]*>/.exec(xml)?.[0] ?? '';
  const number = (attribute) => Number(new RegExp(`\\b${attribute}="(\\d+)"`).exec(head)?.[1] ?? 0);
  const failed = number('failures');
  const skipped = number('skipped') + number('disabled');
  return { passed: number('tests') - failed - skipped, failed, skipped };
}

/** The page in a real browser. */
async function runPlaywright() {
  const report = join(reports, 'browser.json');
  prepareReport(report);
  const { status, notes } = await show(
    nodeProgram(),
    [tool('@playwright', 'test', 'cli.js'), 'test', '--reporter=list,json'],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  );
  return withStatus({ name: 'browser', ...countPlaywright(readJson(report)), notes }, status);
}

/** Counts of Playwright's JSON report; one that passed only when it was repeated has failed. */
export function countPlaywright(report) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {};
  return { passed: expected, failed: unexpected + flaky, skipped };
}

/** A runner that ends badly without a failed test has failed all the same. */
function withStatus(result, status) {
  return status !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}

function prepareReport(path) {
  mkdirSync(reports, { recursive: true });
  rmSync(path, { force: true });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs a program with its output shown; one that hangs is ended. */
function show(program, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: projectRoot,
      env: { ...nodeEnvironment(), ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const notes = [];
    const timer = setTimeout(() => {
      notes.push(`ended after ${limitMs / 60_000} minutes`);
      child.kill('SIGKILL');
    }, limitMs);
    const forward = (signal) => child.kill(signal);
    for (const signal of endingSignals) process.on(signal, forward);
    const settle = (status) => {
      clearTimeout(timer);
      for (const signal of endingSignals) process.removeListener(signal, forward);
      resolve({ status, notes });
    };
    child.on('error', (error) => {
      notes.push(error.message);
      settle(-1);
    });
    child.on('exit', (code) => settle(code ?? -1));
  });
}
