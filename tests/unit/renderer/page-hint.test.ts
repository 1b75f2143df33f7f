import { describe, expect, it } from 'vitest';
import { pageHint } from '../../../renderer/text/page-hint.ts';

describe('what to do, in the window', () => {
  it.each([
    ['Close programs.', 'Close programs.'],
    ['Run the same command again: it goes on. Or fetch it yourself: keepsake models add FILE', undefined],
    [
      'Connect and run the same command again: it goes on. Everything else works offline.',
      'Everything else works offline.',
    ],
    ['See: keepsake jobs list', undefined],
    ['Check that Keepsake is still running.', 'Check that Keepsake is still running.'],
    [undefined, undefined],
  ])('of "%s" is "%s"', (hint, shown) => {
    expect(pageHint(hint)).toBe(shown);
  });
});
