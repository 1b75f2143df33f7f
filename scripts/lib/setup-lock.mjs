// One set-up at a time in one checkout. The lock is a file that names its owner; one whose owner has died is
// taken over. Ownership is told by process id and start time, since ids are used again.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 300;
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs `work` while holding the lock at `path`; waits for another living owner. */
export async function withSetupLock(path, work, { onWait = () => {} } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid), host: hostname() });
  let waiting = false;
  while (!tryLock(path, mine)) {
    const owner = read(path);
    if (owner !== undefined && isStale(owner)) takeAway(path, owner);
    else {
      if (!waiting) onWait(parse(owner)?.pid);
      waiting = true;
      await sleep(pollMs);
    }
  }
  const release = () => {
    if (read(path) === mine) rmSync(path, { force: true });
  };
  // Ctrl-C during set-up: 3 is the exit code of everything that was cancelled.
  const interrupt = () => process.exit(3);
  process.once('exit', release);
  for (const signal of endingSignals) process.on(signal, interrupt);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    for (const signal of endingSignals) process.removeListener(signal, interrupt);
    release();
  }
}

function tryLock(path, text) {
  // Written whole under another name and linked: nobody ever reads an empty lock.
  const own = `${path}.${process.pid}`;
  writeFileSync(own, text);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function takeAway(path, expected) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // Somebody else may have taken it over in between: then it goes back to its living owner.
  if (read(aside) !== expected) {
    try {
      linkSync(aside, path);
    } catch {
      // A third one has it by now; it re-checks every step by hash anyway.
    }
  }
  rmSync(aside, { force: true });
}

function isStale(text) {
  const owner = parse(text);
  if (!Number.isInteger(owner?.pid)) return true;
  if (owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error.code === 'ESRCH';
  }
  return owner.started !== '' && startOf(owner.pid) !== owner.started;
}

/** The kernel's start time of a process (Linux), or '' where it is not known. */
function startOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text) {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
