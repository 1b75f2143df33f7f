/** Whether an open data folder is still where it was opened: a deleted one goes on taking what is then lost. */
import { statSync } from 'node:fs';
import { AppError } from '../contract/errors.ts';

/** Remembers which files these are; the function it gives throws `data-folder-read-only` once one is gone or another. */
export function watchPlace(folder: string, files: readonly string[]): () => void {
  const then = files.map(identityOf);
  return () => {
    if (files.every((file, index) => identityOf(file) === then[index])) return;
    throw new AppError(
      'data-folder-read-only',
      `The data folder was deleted or moved while Keepsake has it open: ${folder}. Nothing was saved.`,
      {
        hint: 'Put the folder back, or export your facts now, then close Keepsake and open it again.',
      },
    );
  };
}

function identityOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : `${stats.dev}:${stats.ino}`;
}
