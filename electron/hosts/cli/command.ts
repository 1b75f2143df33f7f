import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { App } from '../../core/app.ts';
import { AppError } from '../../contract/errors.ts';
import type * as archiveFunctions from '../compose-archive.ts';
import type * as backupFunctions from '../compose-backups.ts';
import type * as deletionFunctions from '../compose-deletion.ts';
import type { DataFolder } from '../compose-folder.ts';
import type { CommandResult, Output } from './output.ts';

/** What every command is given. */
export type CommandContext = {
  readonly output: Output;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Absolute, or undefined for the user's own place. */
  readonly data: string | undefined;
  /** Id or name of the profile that was named; undefined for the current one. */
  readonly profile: string | undefined;
};

/** Adds the commands of one noun to the program. */
export type CommandGroup = (program: Command, run: RunCommand) => void;

/** Runs a command's work and prints what it gives; nothing is printed for null. */
export type RunCommand = (work: (context: CommandContext) => Promise<CommandResult | null>) => Promise<void>;

/** Opens the data folder for the time of `work`. */
export async function withApp<Result>(
  context: CommandContext,
  access: 'read' | 'write',
  work: (app: App) => Promise<Result>,
): Promise<Result> {
  // Imported here, so that --help and usage errors need no database.
  const { compose } = await import('../compose.ts');
  const app = compose({ data: context.data, profile: context.profile, access });
  try {
    sayNotices(context, app.notices);
    return await work(app);
  } finally {
    await app.dispose();
  }
}

function sayNotices({ output }: CommandContext, notices: readonly string[]): void {
  for (const message of notices) output.event({ type: 'warning', message }, message);
}

/** Opens the data folder without a profile for the time of `work`. */
export async function withFolder<Result>(
  context: CommandContext,
  access: 'read' | 'write',
  work: (folder: DataFolder) => Result | Promise<Result>,
): Promise<Result> {
  const { composeFolder } = await import('../compose-folder.ts');
  const folder = composeFolder({ data: context.data, access });
  try {
    sayNotices(context, folder.notices);
    return await work(folder);
  } catch (error) {
    const { toStorageError } = await import('../../core/db/database-errors.ts');
    throw toStorageError(error, folder.pathsOf().data);
  } finally {
    folder.dispose();
  }
}

type BackupFunctions = typeof backupFunctions;
type DeletionFunctions = typeof deletionFunctions;

/** Works on the copies of a data folder whose databases nobody has open. */
export async function withoutApp<Result>(
  { data, profile }: CommandContext,
  work: (
    functions: BackupFunctions,
    place: { readonly data: string | undefined; readonly profile: string | undefined },
  ) => Result | Promise<Result>,
): Promise<Result> {
  return work(await import('../compose-backups.ts'), { data, profile });
}

/** Deletes in a data folder that nobody has open. */
export async function withDeletion<Result>(work: (functions: DeletionFunctions) => Result): Promise<Result> {
  return work(await import('../compose-deletion.ts'));
}

/** Works on whole profiles of an open data folder. */
export async function withArchives<Result>(
  context: CommandContext,
  work: (functions: typeof archiveFunctions, folder: DataFolder) => Result,
): Promise<Result> {
  const functions = await import('../compose-archive.ts');
  return withFolder(context, 'write', (folder) => work(functions, folder));
}

/** A path that the user gave, against the folder the user stands in. */
export function userPath(path: string): string {
  if (path.trim() === '') {
    throw new AppError('invalid-input', 'The path is empty.', { hint: 'Name a file or a folder.' });
  }
  return resolve(path);
}
