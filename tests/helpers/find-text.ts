import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, absolute; nothing for a folder that is not there. */
export function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile());
}

/** The files whose bytes hold a text, in any letter case and in both common encodings. */
export function filesHolding(files: readonly string[], text: string): string[] {
  return files.filter((file) => {
    const bytes = readFileSync(file);
    return ['utf8', 'utf16le'].some((encoding) =>
      bytes
        .toString(encoding === 'utf8' ? 'latin1' : 'utf16le')
        .toLowerCase()
        .includes(text.toLowerCase()),
    );
  });
}
