// Step 1: the programs that set-up itself needs.
import { readFileSync } from 'node:fs';
import { runCommand } from '../run-command.mjs';
import { SetupError } from '../setup-error.mjs';

const tools = {
  python: { command: ['python3', '--version'], says: 'python3', debian: 'python3' },
  pip: { command: ['python3', '-m', 'pip', '--version'], says: "python3's pip", debian: 'python3-pip' },
  git: { command: ['git', '--version'], says: 'git', debian: 'git' },
  compiler: { command: ['g++', '-dumpfullversion'], says: 'a C++ compiler (g++)', debian: 'g++' },
  make: { command: ['make', '--version'], says: 'make', debian: 'make' },
  cmake: { command: ['cmake', '--version'], says: 'cmake', debian: 'cmake' },
};

const otherCompilers = [process.env.CXX ?? '', 'c++', 'clang++'].filter((name) => name !== '');

/** Checks that every named tool starts; throws one sentence that lists all missing ones. */
export async function checkTools(names) {
  const missing = [];
  for (const name of names) {
    if (!(await starts(name))) missing.push(tools[name]);
  }
  if (missing.length === 0) return;
  throw new SetupError(
    `This machine lacks ${list(missing.map((tool) => tool.says))}.`,
    installHint(missing.map((tool) => tool.debian)),
  );
}

async function starts(name) {
  const [program, ...args] = tools[name].command;
  const log = `tool-${name}`;
  if ((await runCommand(program, args, { log })).status === 0) return true;
  if (name === 'compiler') {
    for (const other of otherCompilers) {
      if ((await runCommand(other, ['--version'], { log })).status === 0) return true;
    }
  }
  // Ninja alone is enough where there is no make.
  return name === 'make' && (await hasNinja());
}

/** Is there a Ninja for CMake? */
export async function hasNinja() {
  return (await runCommand('ninja', ['--version'], { log: 'tool-ninja' })).status === 0;
}

function installHint(packages) {
  if (process.platform === 'darwin') return 'Run: xcode-select --install && brew install cmake python';
  if (process.platform === 'win32') return 'Install Visual Studio Build Tools, CMake, Git and Python.';
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  const debian = /debian|ubuntu/i.test(readSystemName());
  return debian
    ? `Run: ${sudo}apt-get install ${packages.join(' ')}`
    : `Install them with your system's package manager (on Debian: ${sudo}apt-get install ${packages.join(' ')}).`;
}

function readSystemName() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

function list(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
