/** What went wrong with a download, for a person. */
import { dirname } from 'node:path';
import { AppError } from '../contract/errors.ts';
import type { DownloadRequest } from '../core/dependencies.ts';
import { hostOf, type SourceProblem } from './http-source.ts';

/** The disk has less room than is still to come. */
export function noRoom(file: string, neededBytes: number, freeBytes: number): AppError {
  return new AppError(
    'disk-full',
    `Cannot download ${file}: ${gigabytes(neededBytes)} are still to come, ${gigabytes(freeBytes)} are free.`,
    { hint: 'Free some space, then run the same command again: it goes on where it stopped.' },
  );
}

/** Every source was tried: one sentence for all of it. */
export function toFailure(request: DownloadRequest, problems: readonly SourceProblem[]): AppError {
  const [first] = problems;
  const cause = new AggregateError(problems);
  if (problems.length > 0 && problems.every((problem) => problem.isUnreachable)) {
    const hosts = [...new Set(request.urls.map(hostOf))].join(', ');
    return new AppError('download-failed', `No connection to ${hosts}: the machine seems to be offline.`, {
      hint: 'Connect and run the same command again: it goes on where it stopped. Everything else works offline.',
      cause,
    });
  }
  const told = [...new Set(problems.map(({ message }) => message))].join('; ');
  if (first !== undefined && problems.some((problem) => problem.isCorrupt)) {
    return new AppError('download-corrupt', `The download of ${request.file} cannot be used: ${told}.`, {
      hint: 'Nothing of it was kept. Try again later, or name another source.',
      cause,
    });
  }
  return new AppError('download-failed', `The download of ${request.file} failed: ${told}.`, {
    hint: 'Run the same command again: it goes on where it stopped. Or fetch the file yourself: keepsake models add FILE',
    cause,
  });
}

/** Runs `work` and names what the disk refuses. */
export async function withDiskErrors<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (cause instanceof AppError || !/^(ENOSPC|EDQUOT|EFBIG|EACCES|EPERM|EROFS|ENOTDIR|EEXIST)$/u.test(code))
      throw cause;
    if (/^(ENOSPC|EDQUOT|EFBIG)$/u.test(code)) {
      throw new AppError('disk-full', `The disk is full: ${file} could not be written to its end.`, {
        hint: 'Free some space, then run the same command again: it goes on where it stopped.',
        cause,
      });
    }
    throw new AppError(
      'invalid-input',
      `The place of the download cannot be written to: ${dirname(file)} (${code}).`,
      {
        hint: 'Give yourself write permission for it.',
        cause,
      },
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
