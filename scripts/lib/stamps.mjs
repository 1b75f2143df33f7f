// "Is this step still done?" is answered by hashes: a stamp keeps the hash of what a step was made from.
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** SHA-256 of a text, in hex. */
export function hashText(text) {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of a file of any size, in hex. */
export async function hashFile(path) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** One hash over the names and contents of files and whole folders; those that do not exist count as absent. */
export function hashTree(root, entries) {
  const hash = createHash('sha256');
  for (const path of entries.flatMap((entry) => listFiles(join(root, entry)))) {
    hash.update(`${relative(root, path).split(sep).join('/')}\0`);
    hash.update(createHash('sha256').update(readFileSync(path)).digest());
  }
  return hash.digest('hex');
}

function listFiles(path) {
  let children;
  try {
    children = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return children
    .filter((child) => child.name !== '__pycache__')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((child) => (child.isDirectory() ? listFiles(join(path, child.name)) : [join(path, child.name)]));
}

/** The stamp's object, or undefined where there is none or it cannot be read. */
export function readStamp(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a stamp so that a reader sees the old one or the new one, never half of it. */
export function writeStamp(path, value) {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, `${JSON.stringify(value)}\n`);
  renameSync(partial, path);
}

/** Removes a stamp, so that a step which is cut off is done again. */
export function removeStamp(path) {
  rmSync(path, { force: true });
}
