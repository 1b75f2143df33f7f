// usage: npm run campaign:faults [-- --moments 25] [--seed 1] [--only NAME-PART] [--write]
// Ends the app, and the trainer program, with SIGKILL at named and at random moments of each long operation, and lets
// the disk be full at them; then runs the same command again and checks that it succeeds, that nothing is lost, and that
// nothing half-done stands under a final name. --write puts the table into docs/results/faults.md.
import { execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../electron/core/util/random.ts';
import { projectRoot, workerBuildFolder } from '../lib/paths.mjs';
import { makeOldFolder } from './old-folder.mjs';
import { checkDatabases, makeOperations } from './fault-operations.mjs';

const { values: options } = parseArgs({
  options: {
    moments: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const wanted = Number(options.moments);
const random = createRandom(Number(options.seed));
const scratch = mkdtempSync(join(tmpdir(), 'keepsake-faults-'));
/** All that an operation writes lies below it: data, output and cache. */
const disk = join(scratch, 'disk');
const mainFile = join(projectRoot, 'electron', 'hosts', 'cli', 'main.ts');
/** A hang is longer than this, also on a busy machine. */
const limitMs = 600_000;

/** Runs the command line; `killAfterMs` ends it from outside, `killWorkerAfterMs` its trainer, counted from its start. */
function start(args, { env = {}, killAfterMs, killWorkerAfterMs } = {}) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', mainFile, ...args, '--json'],
      {
        env: { ...process.env, XDG_CACHE_HOME: join(disk, 'cache'), ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let stdout = '';
    let stderr = '';
    let hit = false;
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const timers = [setTimeout(() => child.kill('SIGKILL'), limitMs)];
    if (killAfterMs !== undefined) timers.push(setTimeout(() => (hit = child.kill('SIGKILL')), killAfterMs));
    const seen = { from: undefined, to: undefined };
    const watch = setInterval(() => {
      if (childrenOf(child.pid).length === 0) return;
      seen.to = performance.now();
      seen.from ??= seen.to;
      if (hit || killWorkerAfterMs === undefined || seen.to - seen.from < killWorkerAfterMs) return;
      hit = killWorkers(child.pid);
    }, 10);
    child.on('close', (code, signal) => {
      for (const timer of timers) clearTimeout(timer);
      clearInterval(watch);
      const ms = performance.now() - began;
      const workerMs = seen.from === undefined ? 0 : seen.to - seen.from;
      resolve({ code, signal, hit, stdout, stderr, ms, workerMs });
    });
  });
}

/** Process ids of the children of a process. */
function childrenOf(parent) {
  try {
    const list = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
    return list === '' ? [] : list.split(' ').map(Number);
  } catch {
    return [];
  }
}

/** Ends the children of a process; tells whether there were any. */
function killWorkers(parent) {
  const children = childrenOf(parent);
  for (const pid of children) process.kill(pid, 'SIGKILL');
  return children.length > 0;
}

async function mustRun(args) {
  const outcome = await start(args);
  if (outcome.code !== 0) throw new Error(`${args.join(' ')} failed: ${outcome.stdout}${outcome.stderr}`);
  return JSON.parse(outcome.stdout.trim().split('\n').at(-1));
}

/** The named moments of one operation: each once, five times where a rename or fsync is. */
function namedMoments(operation) {
  const kills = [...operation.moments, ...(operation.hasWorker ? operation.workerMoments : [])].flatMap(
    (name) =>
      Array.from({ length: /rename|fsync/.test(name) ? 5 : 1 }, (_, n) => ({
        target: name.startsWith('worker-file') ? 'worker' : 'app',
        what: `kill:${name}:${1 + (n % (operation.workerFiles ?? 1))}`,
      })),
  );
  const full = [...operation.moments, ...(operation.workerMoments ?? [])].map((name) => ({
    target: 'disk',
    what: `fail:${name}:1`,
  }));
  return [...kills, ...full];
}

/** Mounts a small disk of its own over a folder; gives a function that makes it large, and one that takes it away. */
function mountSmallDisk(folder, bytes) {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  return {
    enlarge: () => execFileSync('mount', ['-o', 'remount,size=4g', folder]),
    remove: () => execFileSync('umount', ['--lazy', folder]),
  };
}

function canMount() {
  try {
    const folder = join(scratch, 'may-mount');
    mountSmallDisk(folder, 65536).remove();
    return true;
  } catch {
    return false;
  }
}

/** Bytes of all files below a folder, in whole pages as a tmpfs counts them. */
function pagesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) =>
      sum +
      4096 * (1 + (entry.isFile() ? Math.ceil(statSync(join(entry.parentPath, entry.name)).size / 4096) : 0)),
    0,
  );
}

const rows = [];
const smallDisks = canMount();
if (!smallDisks) console.error('no small disk can be mounted here: full disks only at named moments');
let close = () => {};
try {
  const tinyModel = join(scratch, 'made.gguf');
  const maker = join(workerBuildFolder, 'make-tiny-model');
  execFileSync(maker, ['--output', tinyModel, '--context', '4096']);
  const otherModel = join(scratch, 'other.gguf');
  execFileSync(maker, ['--output', otherModel, '--context', '4096', '--seed', '2']);
  const oldFolder = join(scratch, 'old');
  makeOldFolder(oldFolder);
  const made = await makeOperations({ scratch, run: mustRun, tinyModel, otherModel, oldFolder });
  close = made.close;
  for (const operation of made.operations.filter(({ name }) => name.includes(options.only)))
    rows.push(await meet(operation));
} finally {
  close();
  rmSync(scratch, { recursive: true, force: true });
}
const problems = rows.flatMap((row) => row.problems);
if (options.write) writeResult();
const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
console.log(
  JSON.stringify({
    app: sum('app'),
    worker: sum('worker'),
    disk: sum('disk'),
    notReached: sum('notReached'),
    problems: problems.length,
  }),
);
process.exitCode = problems.length > 0 || rows.length === 0 ? 1 : 0;

async function meet(operation) {
  const data = join(disk, 'data');
  const args = [...operation.args.map((arg) => arg.replace('{data}', data)), '--data', data];
  const fill = () => {
    cpSync(operation.template, data, { recursive: true });
    mkdirSync(`${data}-out`);
  };
  const fresh = () => {
    rmSync(disk, { recursive: true, force: true });
    mkdirSync(disk);
    fill();
  };
  const runThere = (more) => mustRun([...more, '--data', data]);
  fresh();
  const before = pagesOf(disk);
  await start(args);
  const used = pagesOf(disk) - before;
  fresh();
  const usual = await start(args);
  const row = { name: operation.name, app: 0, worker: 0, disk: 0, notReached: 0, problems: [] };
  if (usual.code !== 0) {
    row.problems.push(`it fails without any fault: ${usual.stdout.trim().slice(-400)}`);
    console.error(`FAILED ${row.name}: ${row.problems[0]}`);
    return row;
  }

  const complainOf = (place) => (list) => row.problems.push(...list.map((problem) => `${place}: ${problem}`));

  /** What must hold after a fault, and once the same command has been run again. */
  const verify = async (target, place, outcome) => {
    const complain = complainOf(place);
    const reached = outcome.signal === 'SIGKILL' || outcome.code !== 0 || outcome.hit;
    if (reached) row[target] += 1;
    else row.notReached += 1;
    try {
      if (target !== 'app' && reached) complain(checkErrorOf(outcome));
      if (operation.checkAtOnce !== undefined) complain(await operation.checkAtOnce(data, runThere));
      const again = await start(args);
      if (again.code !== 0)
        complain([`run again: exit code ${again.code}: ${again.stdout.trim().slice(-300)}`]);
      else complain(await operation.check(data, runThere));
      complain(checkDatabases(data));
    } catch (error) {
      complain([error.message.slice(0, 400)]);
    }
  };

  for (const { target, what } of namedMoments(operation)) {
    fresh();
    const outcome = await start(args, { env: { KEEPSAKE_FAULT: what } });
    await verify(target, `${operation.name}, ${target} ${what}`, outcome);
  }
  for (let turn = 0; row.app < wanted && turn < wanted * 3; turn += 1) {
    fresh();
    const killAfterMs = Math.round(random.next() * usual.ms);
    await verify('app', `${operation.name}, app after ${killAfterMs} ms`, await start(args, { killAfterMs }));
  }
  for (let turn = 0; operation.hasWorker && row.worker < wanted && turn < wanted * 3; turn += 1) {
    fresh();
    const killWorkerAfterMs = Math.round(random.next() * usual.workerMs);
    const place = `${operation.name}, worker after ${killWorkerAfterMs} ms of its own`;
    await verify('worker', place, await start(args, { killWorkerAfterMs }));
  }
  for (let turn = 0; smallDisks && row.disk < wanted && turn < wanted * 3; turn += 1) {
    const room = before + Math.ceil(random.next() * used);
    rmSync(disk, { recursive: true, force: true });
    const small = mountSmallDisk(disk, room);
    try {
      fill();
      const outcome = await start(args);
      small.enlarge();
      await verify('disk', `${operation.name}, a disk with ${room - before} of ${used} bytes left`, outcome);
    } finally {
      small.remove();
    }
  }
  console.error(
    `${row.problems.length === 0 ? 'ok    ' : 'FAILED'} ${row.name}: app ended ${row.app}, worker ended ${row.worker}, disk full ${row.disk}, not reached ${row.notReached}`,
  );
  for (const problem of row.problems) console.error(`       ${problem}`);
  return row;
}

/** An app that outlives a fault must end with an error that has a code, not with a crash. */
function checkErrorOf({ code, stdout }) {
  if (code === 0) return [];
  try {
    const { error } = JSON.parse(stdout.trim().split('\n').at(-1));
    return error !== undefined && error.code !== 'internal'
      ? []
      : [`exit code ${code} with ${JSON.stringify(error)}`];
  } catch {
    return [`exit code ${code} without an error in JSON`];
  }
}

function writeResult() {
  const lines = rows.map(
    ({ name, app, worker, disk, notReached, problems: found }) =>
      `| ${name} | ${app} | ${worker} | ${disk} | ${notReached} | ${found.length} |`,
  );
  const text = `# Faults

The last run of \`npm run campaign:faults\` (seed ${options.seed}, ${new Date().toISOString().slice(0, 10)}, tiny base). The app, or the trainer
program, is ended by SIGKILL at each named moment (those of a rename or an fsync five times each) and at random ones, and the
disk is full at each named moment and, as a small tmpfs, wherever its random size runs out. Then the same command is run again: it must succeed, with nothing lost, no half-done file
under a final name, and databases that SQLite finds whole. "Not reached" moments are random ones after the end, or named ones
that this operation does not come by; they count for nothing.

| Operation | app ended | trainer ended | disk full | not reached | problems |
|---|---|---|---|---|---|
${lines.join('\n')}
`;
  mkdirSync(join(projectRoot, 'docs', 'results'), { recursive: true });
  writeFileSync(join(projectRoot, 'docs', 'results', 'faults.md'), text);
}
