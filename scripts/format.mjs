// Usage: node scripts/format.mjs --check | --write
// Prettier for TypeScript, JavaScript and JSON; clang-format for C++.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { nodeProgram } from './lib/node-program.mjs';
import { projectRoot } from './lib/paths.mjs';
import { clangFormatIsReady, clangFormatPath } from './lib/steps/clang-format.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';

const write = process.argv.includes('--write');

function run(program, args) {
  return spawnSync(program, args, { cwd: projectRoot, stdio: 'inherit' }).status === 0;
}

function cppFiles() {
  return ['src', 'tests'].flatMap((folder) => {
    const path = join(projectRoot, 'native-worker', folder);
    try {
      return readdirSync(path, { recursive: true })
        .filter((name) => /\.(cpp|h)$/.test(name))
        .map((name) => join(path, name));
    } catch {
      return [];
    }
  });
}

try {
  await bootstrap(needs.formatting);
  const prettier = join(projectRoot, 'node_modules', 'prettier', 'bin', 'prettier.cjs');
  const wellFormed = [
    run(nodeProgram(), [prettier, '.', write ? '--write' : '--check', '--log-level', 'warn']),
  ];
  const files = cppFiles();
  if (files.length > 0 && (await clangFormatIsReady())) {
    wellFormed.push(run(clangFormatPath, write ? ['-i', ...files] : ['--dry-run', '--Werror', ...files]));
  } else if (files.length > 0) {
    process.stderr.write('format: C++ was not checked: no clang-format for this machine\n');
  }
  process.exitCode = wellFormed.every(Boolean) ? 0 : 1;
} catch (error) {
  printSetupError(error);
  process.exitCode = setupExitCode;
}
