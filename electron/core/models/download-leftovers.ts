import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const lockEnding = '.partial.lock';

/**
 * Removes the locks of downloads that were killed after their file had its final name: nothing will work on them again.
 * Called by the process that may write, before it downloads anything.
 */
export function clearDownloadLocks(modelsFolder: string): void {
  if (!existsSync(modelsFolder)) return;
  for (const name of readdirSync(modelsFolder, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith(lockEnding)) continue;
    const file = join(modelsFolder, name.slice(0, -lockEnding.length));
    if (existsSync(file) && !existsSync(`${file}.partial`)) rmSync(join(modelsFolder, name), { force: true });
  }
}
