/** Where a file for other programs may be written, and how failures of that place are told. */
import { realpathSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, isAbsolute } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { kindOfPath } from '../util/atomic-write.ts';

export type OutputRules = {
  readonly shape: 'file' | 'folder';
  /** Replace what an earlier export left there. */
  readonly force: boolean;
  /** The app's own folder, which is no place for exports. */
  readonly dataFolder: string;
  /** Files that must never be written over, such as the base. */
  readonly protectedFiles: readonly string[];
};

/** Names that an export writes into a folder: a folder that holds others is a person's own and is never replaced. */
export const folderNames = {
  weights: 'adapter_model.safetensors',
  config: 'adapter_config.json',
  note: 'README.md',
  modelfile: 'Modelfile',
  adapter: 'adapter.gguf',
  model: 'model.gguf',
} as const;

/** Throws `conflict` or `invalid-input` where nothing may be written. */
export function assertOutputPlace(path: string, rules: OutputRules): void {
  const folder = dirname(path);
  const parent = statSync(folder, { throwIfNoEntry: false });
  if (parent?.isDirectory() !== true || basename(path) === '') {
    throw new AppError('invalid-input', `There is no folder ${folder} to write into.`, {
      hint: 'Make it first, or name another place with --output.',
    });
  }
  const real = join(realpathSync(folder), basename(path));
  if (isInside(real, rules.dataFolder)) {
    throw new AppError('invalid-input', `${path} lies in Keepsake's own data folder.`, {
      hint: 'Name a place outside of it with --output.',
    });
  }
  const kind = kindOfPath(path);
  if (kind === 'nothing' || (kind === 'empty-folder' && rules.shape === 'folder')) return;
  if (rules.protectedFiles.some((file) => realOf(file) === realOf(path))) {
    throw new AppError('conflict', `${path} is the base model's own file. It was not touched.`, {
      hint: 'Name another place with --output.',
    });
  }
  if ((kind === 'file') !== (rules.shape === 'file')) {
    throw new AppError(
      'conflict',
      `${path} is a ${kind === 'file' ? 'file' : 'folder'}. It was not touched.`,
      {
        hint: `Name a ${rules.shape} with --output.`,
      },
    );
  }
  if (!rules.force) {
    throw new AppError('conflict', `${path} is there already. It was not touched.`, {
      hint: 'Name another place with --output, or replace it with --force.',
    });
  }
  const stranger = rules.shape === 'folder' ? findStranger(path) : undefined;
  if (stranger !== undefined) {
    throw new AppError(
      'conflict',
      `${path} holds ${stranger}, which is no part of an export. It was not touched.`,
      {
        hint: 'Name another folder with --output.',
      },
    );
  }
}

/** Runs `work` and tells its failures in terms of the place that was written to. */
export async function withOutputErrors<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw toOutputError(cause, path);
  }
}

function toOutputError(cause: unknown, path: string): unknown {
  if (cause instanceof AppError || !(cause instanceof Error) || !('code' in cause)) return cause;
  switch (cause.code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new AppError(
        'disk-full',
        `There is no room left on the disk for ${path}. Nothing was left behind.`,
        {
          hint: 'Free some space, then run the same command again.',
          cause,
        },
      );
    case 'EEXIST':
    case 'ENOTEMPTY':
    case 'ENOTDIR':
      return new AppError('conflict', `${path} is there already. It was not touched.`, {
        hint: 'Name another place with --output, or replace it with --force.',
        cause,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
    case 'ENAMETOOLONG':
    case 'EIO':
      return new AppError('invalid-input', `${path} cannot be written (${cause.code}).`, {
        hint: 'Check the folder and your right to write to it, or name another with --output.',
        cause,
      });
    default:
      return cause;
  }
}

function findStranger(folder: string): string | undefined {
  const known: readonly string[] = Object.values(folderNames);
  return readdirSync(folder).find((name) => !known.includes(name));
}

function isInside(path: string, folder: string): boolean {
  const way = relative(realOf(folder), path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
