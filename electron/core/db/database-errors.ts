/**
 * Turns what SQLite and the file system throw into errors with a code and one clear sentence.
 */
import { statfsSync } from 'node:fs';
import { AppError } from '../../contract/errors.ts';

/** Free bytes below which a failed write is taken for a full disk. */
const fullDiskBytes = 1024 * 1024;

/** No space, a quota or a limit on the size of files. */
const noSpaceCodes = new Set([
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_SHMSIZE',
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
]);

/** The error a person should read for anything that went wrong with files below `folder`. */
export function toStorageError(error: unknown, folder: string): unknown {
  if (error instanceof AppError) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  if (noSpaceCodes.has(code)) return diskFull(folder, error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return dataFolderLocked(folder, error);
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return dataFolderReadOnly(folder, error);
  }
  if (code === 'SQLITE_NOTADB' || code === 'EISDIR' || code.startsWith('SQLITE_CORRUPT')) {
    return new AppError('database-corrupt', `The database in ${folder} is damaged.`, {
      hint: 'Put a copy back (keepsake backups list), or use another folder with --data.',
      cause: error,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new AppError(
      'data-folder-read-only',
      `The data folder cannot be used: ${folder} is not a folder.`,
      {
        hint: 'Name a folder with --data.',
        cause: error,
      },
    );
  }
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN')) {
    return isFull(folder) ? diskFull(folder, error) : dataFolderReadOnly(folder, error);
  }
  return error;
}

/** Runs `work` and throws its errors as {@link toStorageError} names them. */
export function withStorageErrors<Result>(folder: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw toStorageError(error, folder);
  }
}

/** Another process writes to the folder. */
export function dataFolderLocked(folder: string, cause?: unknown): AppError {
  return new AppError('data-folder-locked', `Another Keepsake process is using the data folder ${folder}.`, {
    hint: 'Wait for it to end or close it, or use another folder with --data. Lists and status can be read meanwhile.',
    cause,
  });
}

function dataFolderReadOnly(folder: string, cause: unknown): AppError {
  return new AppError('data-folder-read-only', `The data folder cannot be written to: ${folder}.`, {
    hint: 'Give yourself write permission for it, or use another folder with --data.',
    cause,
  });
}

function diskFull(folder: string, cause: unknown): AppError {
  return new AppError(
    'disk-full',
    `The disk that holds ${folder} is full or over its limit. Nothing was changed.`,
    {
      hint: 'Free some space, then run the same command again.',
      cause,
    },
  );
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < fullDiskBytes;
  } catch {
    return false;
  }
}
