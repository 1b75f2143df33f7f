// Set-up as a list of steps. Each knows by hash whether it is done; only what is not done runs, under one lock.
import { join } from 'node:path';
import { setupFolder } from './paths.mjs';
import { SetupError } from './setup-error.mjs';
import { withSetupLock } from './setup-lock.mjs';
import { baseModelIsReady, fetchBaseModel } from './steps/base-model.mjs';
import { browserIsReady, installBrowser } from './steps/browser.mjs';
import { clangFormatIsOffered, clangFormatIsReady, fetchClangFormat } from './steps/clang-format.mjs';
import { llamaSourceIsReady, unpackLlamaSource } from './steps/llama-source.mjs';
import { installNodeModules, nodeModulesAreReady } from './steps/node-modules.mjs';
import { fetchOnednn, onednnIsOffered, onednnIsReady } from './steps/onednn.mjs';
import { checkTools } from './steps/tools.mjs';
import { buildWorker, workerIsReady } from './steps/worker.mjs';

const always = () => true;

const steps = {
  modules: {
    title: 'npm packages',
    tools: [],
    isReady: nodeModulesAreReady,
    make: installNodeModules,
  },
  llamaSource: {
    title: 'llama.cpp headers',
    tools: ['git'],
    isReady: llamaSourceIsReady,
    make: unpackLlamaSource,
  },
  onednn: {
    title: 'oneDNN',
    tools: ['python', 'pip'],
    isOffered: onednnIsOffered,
    isReady: onednnIsReady,
    make: fetchOnednn,
    without: 'the trainer is built on plain ggml, which is slower',
  },
  worker: {
    title: 'trainer',
    note: ' it is compiled, which takes a minute on two free cores',
    tools: ['compiler', 'make', 'cmake'],
    isReady: workerIsReady,
    make: buildWorker,
  },
  workerTests: {
    title: 'trainer and its tests',
    note: ' they are compiled, which takes some minutes',
    tools: ['compiler', 'make', 'cmake'],
    isReady: () => workerIsReady({ withTests: true }),
    make: () => buildWorker({ withTests: true }),
  },
  baseModel: {
    title: 'base model (98 MB)',
    tools: ['python', 'pip'],
    isReady: baseModelIsReady,
    make: fetchBaseModel,
  },
  browser: {
    title: 'browser',
    tools: [],
    isReady: browserIsReady,
    make: installBrowser,
  },
  clangFormat: {
    title: 'clang-format',
    tools: ['python', 'pip'],
    isOffered: clangFormatIsOffered,
    isReady: clangFormatIsReady,
    make: fetchClangFormat,
    without: 'the C++ format check is skipped',
  },
};

/** What a command needs before it can run, in this order. */
export const needs = {
  modules: ['modules'],
  worker: ['modules', 'llamaSource', 'onednn', 'worker'],
  model: ['baseModel'],
  everything: ['modules', 'llamaSource', 'onednn', 'worker', 'baseModel'],
  testing: ['modules', 'clangFormat', 'llamaSource', 'onednn', 'workerTests', 'baseModel', 'browser'],
  formatting: ['modules', 'clangFormat'],
};

/**
 * Makes ready what is named in `needs`; throws a SetupError whose message is one sentence.
 *
 * `print` gets one line for each step that had to be done. With `goOnAfter`, a failing step named there is handed
 * over instead of thrown, and set-up goes on.
 */
export async function bootstrap(names, { print = printToStderr, goOnAfter = [] } = {}) {
  const offered = names.filter((name) => (steps[name].isOffered ?? always)());
  if (await allReady(offered)) return { done: [], failures: [] };
  const lock = join(setupFolder, 'setup.lock');
  const onWait = (pid) => print(`setup: waiting for the set-up of process ${pid ?? '?'} (${lock})`);
  return await withSetupLock(lock, () => runSteps(offered, { print, goOnAfter }), { onWait });
}

async function allReady(names) {
  for (const name of names) if (!(await steps[name].isReady())) return false;
  return true;
}

async function runSteps(names, { print, goOnAfter }) {
  const done = [];
  const failures = [];
  const open = [];
  for (const name of names) if (!(await steps[name].isReady())) open.push(name);
  // All missing tools are told at once, before minutes are spent on a step that needs none of them.
  await checkTools([...new Set(open.flatMap((name) => steps[name].tools))]);
  for (const name of names) {
    const step = steps[name];
    if (await step.isReady()) continue;
    const startedAt = performance.now();
    print(`setup: ${step.title} ...${step.note ?? ''}`);
    try {
      await step.make();
      done.push(name);
      print(`setup: ${step.title} ready (${seconds(startedAt)} s)`);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      if (step.without !== undefined) print(`setup: ${error.message} So ${step.without}.`);
      else if (goOnAfter.includes(name)) failures.push({ name, error });
      else throw error;
    }
  }
  return { done, failures };
}

function seconds(startedAt) {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

function printToStderr(line) {
  process.stderr.write(`${line}\n`);
}
