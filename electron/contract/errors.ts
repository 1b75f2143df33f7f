/** The closed set of error codes that may cross a process border. Programs match on codes, people read messages. */
export const errorCodes = [
  'invalid-input',
  'not-found',
  'conflict',
  'cancelled',
  'not-enough-memory',
  'disk-full',
  'download-corrupt',
  'download-failed',
  'model-unsupported',
  'model-corrupt',
  'model-changed',
  'no-facts',
  'data-folder-locked',
  'data-folder-read-only',
  'database-newer',
  'database-corrupt',
  'setup-missing',
  'device-failed',
  'worker-failed',
  'worker-protocol',
  'busy-learning',
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
    case 'busy-learning':
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
    case 'download-failed':
      return 5;
    case 'data-folder-locked':
    case 'data-folder-read-only':
    case 'database-newer':
    case 'database-corrupt':
      return 6;
    case 'device-failed':
    case 'worker-failed':
    case 'worker-protocol':
      return 7;
  }
}

/** An error as it crosses a process border. */
export type ErrorData = { readonly code: ErrorCode; readonly message: string; readonly hint?: string };

/** The error that a person may read, from whatever was thrown on either side of a border. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const data = findErrorData(error);
  if (data !== undefined) {
    return new AppError(data.code, data.message, {
      ...(data.hint !== undefined && { hint: data.hint }),
      cause: error,
    });
  }
  if (error instanceof Error && error.name === 'AbortError') return cancelledError(error);
  return new AppError('internal', 'Something went wrong inside Keepsake.', {
    hint: error instanceof Error ? `Please report it: ${error.name}: ${error.message}` : 'Please report it.',
    cause: error,
  });
}

/** What a person stopped is no failure. */
export function cancelledError(cause?: unknown): AppError {
  return new AppError('cancelled', 'Stopped. Nothing was lost.', {
    hint: 'Run the same command again to go on.',
    cause,
  });
}

/** The data of an error that came over a transport, if it carries some. */
function findErrorData(error: unknown): ErrorData | undefined {
  if (!(error instanceof Error) || !('data' in error)) return undefined;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('code' in data) || !('message' in data))
    return undefined;
  const code = errorCodes.find((known) => known === data.code);
  if (code === undefined || typeof data.message !== 'string') return undefined;
  const hint = 'hint' in data && typeof data.hint === 'string' ? data.hint : undefined;
  return { code, message: data.message, ...(hint !== undefined && { hint }) };
}
