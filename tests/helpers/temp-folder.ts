import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** An empty folder (its path has a space and a letter beyond ASCII) that goes with the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake tést '));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The same for all tests of a suite. Called where the suite is described. */
export function tempFolderOfSuite(): { readonly path: string } {
  const path = join(mkdtempSync(join(tmpdir(), 'keepsake tést ')), 'data');
  afterAll(() => {
    rmSync(join(path, '..'), { recursive: true, force: true });
  });
  return { path };
}
