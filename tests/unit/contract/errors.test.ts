import { describe, expect, it } from 'vitest';
import { AppError, errorCodes, exitCodeOf, toAppError } from '../../../electron/contract/errors.ts';

describe('errors', () => {
  it('have the exit code of their class, from 1 to 7', () => {
    expect(Object.fromEntries(errorCodes.map((code) => [code, exitCodeOf(code)]))).toEqual({
      'invalid-input': 2,
      'not-found': 2,
      conflict: 2,
      cancelled: 3,
      'not-enough-memory': 4,
      'device-failed': 7,
      'disk-full': 4,
      'download-corrupt': 5,
      'download-failed': 5,
      'model-unsupported': 5,
      'model-corrupt': 5,
      'model-changed': 5,
      'no-facts': 2,
      'data-folder-locked': 6,
      'data-folder-read-only': 6,
      'database-newer': 6,
      'database-corrupt': 6,
      'setup-missing': 2,
      'busy-learning': 2,
      'worker-failed': 7,
      'worker-protocol': 7,
      internal: 1,
    });
  });
  it('stay themselves', () => {
    const error = new AppError('no-facts', 'None.', { hint: 'Tell some.' });
    expect(toAppError(error)).toBe(error);
  });
  it('are read back from what a transport carries', () => {
    const carried = Object.assign(new Error('x'), {
      data: { code: 'disk-full', message: 'Full.', hint: 'Free some.' },
    });
    expect(toAppError(carried)).toMatchObject({ code: 'disk-full', message: 'Full.', hint: 'Free some.' });
  });
  it.each([
    new Error('boom'),
    Object.assign(new Error('x'), { data: { code: 'no-such-code', message: 'x' } }),
    Object.assign(new Error('x'), { data: { code: 'internal' } }),
    'text',
    undefined,
    null,
  ])('of any other kind are internal (%s)', (thrown) => {
    expect(toAppError(thrown).code).toBe('internal');
  });
  it('of an aborted call are cancelled', () => {
    expect(toAppError(new DOMException('x', 'AbortError')).code).toBe('cancelled');
  });
});
