// Runs a program of set-up quietly: its output goes to a log file, and comes back as text.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot, setupFolder } from './paths.mjs';

const keptCharacters = 20_000;

/** The environment for a child, without what git and npm set for their own hooks and scripts. */
export function cleanEnvironment(extra = {}) {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY)$/.test(name)) delete environment[name];
    // `npm run --silent` would make a nested `npm ci` fail without a word.
    if (/^npm_config_(loglevel|silent|json|omit|only|production)$/i.test(name)) delete environment[name];
  }
  return { ...environment, ...extra };
}

/**
 * Runs a program and gives `{ status, output, logFile, missing }`; never throws for a failing program.
 *
 * `missing` is true where there is no such program.
 */
export function runCommand(program, args, { cwd = projectRoot, env = {}, log } = {}) {
  const logFile = join(setupFolder, 'log', `${log ?? program.replaceAll(/\W+/g, '-')}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  return new Promise((resolve) => {
    const file = createWriteStream(logFile);
    let output = '';
    let settled = false;
    const child = spawn(program, args, {
      cwd,
      env: cleanEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a build can be ended with all its compilers.
      detached: process.platform !== 'win32',
    });
    // Whoever ends set-up ends its programs too, so that nothing goes on writing behind the next set-up's back.
    const end = () => endGroup(child);
    process.once('exit', end);
    const keep = (chunk) => {
      output = (output + chunk).slice(-keptCharacters);
      file.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const settle = (result) => {
      if (settled) return;
      settled = true;
      process.removeListener('exit', end);
      file.end(() => resolve({ output, logFile, missing: false, ...result }));
    };
    child.on('error', (error) =>
      settle({ status: -1, output: String(error), missing: error.code === 'ENOENT' }),
    );
    child.on('close', (status, signal) => settle({ status: status ?? -1, signal }));
  });
}

function endGroup(child) {
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended by itself.
  }
}
