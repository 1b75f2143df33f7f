import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../native-worker/build/release/make-tiny-model', import.meta.url));

/** Writes a tiny random model of a supported family; options as in `make-tiny-model --help`. */
export function makeTinyGguf(file: string, options: Readonly<Record<string, string | number>> = {}): string {
  if (!existsSync(program)) {
    throw new Error(`${program} is missing. Build it with: node scripts/test.mjs --only native`);
  }
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  execFileSync(program, ['--output', file, ...args]);
  return file;
}
