/** The closed set of error codes that may cross a process border. Programs match on codes, people read messages. */
export const errorCodes = [
  'invalid-input',
  'not-found',
  'conflict',
  'cancelled',
  'not-enough-memory',
  'disk-full',
  'download-corrupt',
  'model-unsupported',
  'model-corrupt',
  'model-changed',
  'no-facts',
  'data-folder-locked',
  'data-folder-read-only',
  'database-newer',
  'database-corrupt',
  'setup-missing',
  'worker-failed',
  'worker-protocol',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error that a person may read.
 *
 * `message` says what happened with the values, `hint` what the reader can do; the original stays in `cause`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
AppError.prototype.name = 'AppError';

/** Exit code of the command line for an error code (class of error, listed in the README). */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'internal':
      return 1;
    case 'invalid-input':
    case 'not-found':
    case 'conflict':
    case 'no-facts':
    case 'setup-missing':
      return 2;
    case 'cancelled':
      return 3;
    case 'not-enough-memory':
    case 'disk-full':
      return 4;
    case 'model-unsupported':
    case 'model-corrupt':
    case 'model-changed':
    case 'download-corrupt':
      return 5;
    case 'data-folder-locked':
    case 'data-folder-read-only':
    case 'database-newer':
    case 'database-corrupt':
      return 6;
    case 'worker-failed':
    case 'worker-protocol':
      return 7;
  }
}
