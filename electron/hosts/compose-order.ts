/**
 * What is to be done to a data folder while no database of it is open. It is written down first, so that a process that
 * is killed in between leaves it to the next start.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, toAppError } from '../contract/errors.ts';
import { toStorageError, withStorageErrors } from '../core/db/database-errors.ts';
import type { FolderOrder } from '../core/dependencies.ts';
import { faultPoint } from '../core/util/fault-point.ts';
import { restoreBackup } from './compose-backups.ts';
import { deleteAll, orderFile } from './compose-deletion.ts';
import { dataPathsOf } from './compose-folder.ts';

const folderOrder = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('restore'), backupId: z.string(), profileId: z.string() }),
  z.object({ kind: z.literal('delete-all'), models: z.boolean() }),
]);

/** Writes an order down. Throws `conflict` where another waits to be carried out. To delete needs no room on the disk. */
export function keepOrder(folder: string, order: FolderOrder): void {
  const file = join(folder, orderFile);
  if (existsSync(file)) {
    throw new AppError('conflict', 'Keepsake is about to close for what was asked before.', {
      hint: 'Wait until it has opened again.',
    });
  }
  withStorageErrors(folder, () => {
    try {
      faultPoint('order.keep');
      writeFileSync(`${file}.partial`, JSON.stringify(order), { mode: 0o600 });
      renameSync(`${file}.partial`, file);
    } catch (error) {
      rmSync(`${file}.partial`, { force: true });
      // It is done as soon as the app has closed, only a kill before that forgets it.
      if (order.kind !== 'delete-all') throw error;
    }
  });
}

/**
 * Does what was asked for, or what was written down, if anything; gives the sentence that says so, also where a copy could
 * not be put back. Nobody may have the folder open.
 */
export async function performOrder(data: string | undefined, asked?: FolderOrder): Promise<string | null> {
  const file = join(dataPathsOf(data).data, orderFile);
  const order = readOrder(file) ?? asked ?? null;
  if (order === null) return null;
  if (order.kind === 'delete-all') return deleteEverything(data, order.models, file);
  // Gone first: a copy that cannot be put back must not keep the app from opening.
  rmSync(file, { force: true });
  try {
    const { backup, adapterMissing } = await restoreBackup(
      { data, profile: order.profileId },
      order.backupId,
    );
    const note = adapterMissing
      ? ' The version of then is gone: the base answers until the next training.'
      : '';
    return `The backup ${backup.id} was put back.${note}`;
  } catch (error) {
    const { message, hint = '' } = toAppError(toStorageError(error, dataPathsOf(data).data));
    return `The backup ${order.backupId} was not put back, and your facts are as they were. ${message} ${hint}`.trim();
  }
}

function readOrder(file: string): FolderOrder | null {
  if (!existsSync(file)) return null;
  try {
    return folderOrder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    rmSync(file, { force: true });
    return null;
  }
}

function deleteEverything(data: string | undefined, models: boolean, file: string): string {
  try {
    const { kept } = deleteAll(data, { models });
    const stays = kept.length === 0 ? '' : ` These stay: ${kept.join(', ')}.`;
    return `Everything that was told is deleted.${stays}`;
  } catch (error) {
    // It was killed between its last two steps.
    if (!(error instanceof AppError && error.code === 'not-found')) throw error;
    rmSync(file, { force: true });
    return 'Everything that was told is deleted.';
  }
}
