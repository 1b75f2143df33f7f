// Hands the terminal over to the command line program under the right Node: standard streams are inherited, signals and
// the exit code are passed on.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { nodeEnvironment, nodeProgram } from './node-program.mjs';
import { projectRoot } from './paths.mjs';

const commandLine = join(projectRoot, 'electron', 'hosts', 'cli', 'main.ts');

/** The folder that the user stood in: npm moves to the project's folder and keeps the caller's in INIT_CWD. */
export function callerFolder(scriptName) {
  const { INIT_CWD: initial, npm_lifecycle_event: event } = process.env;
  return event === scriptName && initial !== undefined && initial !== '' ? initial : process.cwd();
}

/** Runs the command line program (or another one) and ends this process as it ended. */
export function startApplication(args, { cwd, program = commandLine }) {
  handOver(nodeProgram(), ['--disable-warning=ExperimentalWarning', program, ...args], { cwd });
}

/** Runs this very script again under another Node. */
export function rerunUnder(node) {
  handOver(node, process.argv.slice(1), { cwd: process.cwd() });
}

/** Starts a program in this one's place: its terminal, its signals, its exit code. */
export function handOver(program, args, { cwd, env = nodeEnvironment() }) {
  const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
  // A Ctrl-C reaches the child through the terminal as well; the program counts signals that come together as one.
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  child.on('error', (error) => {
    process.stderr.write(`setup: Could not start ${program}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
