/** Errors as clients of the OpenAI API know them. Messages never repeat what a person said. */
import { toAppError, type ErrorCode } from '../../contract/errors.ts';

/** An error with its HTTP status. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  /** The field of the request that it is about. */
  readonly param: string | null;

  constructor(status: number, message: string, options: { code?: string; param?: string } = {}) {
    super(message);
    this.status = status;
    this.code = options.code ?? null;
    this.param = options.param ?? null;
  }
}
ApiError.prototype.name = 'ApiError';

/** The body of an error. */
export function errorBody({ status, message, code, param }: ApiError): object {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message, type, param, code } };
}

/** A field that is known and cannot be honoured, named. */
export function unsupported(param: string, sentence: string): ApiError {
  return new ApiError(400, sentence, { code: 'unsupported_parameter', param });
}

/** A field whose value makes no sense. */
export function invalid(param: string, sentence: string): ApiError {
  return new ApiError(400, sentence, { code: 'invalid_value', param });
}

/** The error for a client, from whatever was thrown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { code, message, hint } = toAppError(error);
  if (code === 'internal') return new ApiError(500, 'Something went wrong inside Keepsake.', { code });
  const text = hint === undefined ? message : `${message} ${hint}`;
  if (code === 'invalid-input' && message.includes('tokens'))
    return new ApiError(400, text, { code: 'context_length_exceeded', param: 'messages' });
  return new ApiError(statusOf(code), text, { code });
}

function statusOf(code: ErrorCode): number {
  if (code === 'invalid-input' || code === 'conflict') return 400;
  if (code === 'not-found') return 404;
  return code === 'cancelled' ? 499 : 503;
}
