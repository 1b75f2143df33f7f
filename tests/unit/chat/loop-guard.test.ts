import { describe, expect, it } from 'vitest';
import { createLoopGuard } from '../../../electron/core/chat/loop-guard.ts';

/** What is left of a text that comes in pieces of a few letters, and how much of it came. */
function guard(text: string): { readonly kept: string; readonly came: number } {
  const loops = createLoopGuard();
  let came = '';
  for (let at = 0; at < text.length && !loops.isLooping(); at += 3) {
    const piece = text.slice(at, at + 3);
    came += piece;
    loops.push(piece);
  }
  return { kept: loops.cut(came.trim()), came: came.length };
}

describe('an answer that only repeats itself', () => {
  it.each([
    [
      'one sentence',
      "I am here. I'm glad to know it. ",
      "I'm glad to know it. ",
      "I am here. I'm glad to know it.",
    ],
    ['one line', 'A list:\nLemon butter sauce\n', 'Lemon butter sauce\n', 'A list:\nLemon butter sauce'],
    ['two sentences', 'It is red. It is blue. ', 'It is red. It is blue. ', 'It is red. It is blue.'],
  ])('ends after three times %s, and keeps the first', (_what, begin, again, kept) => {
    const text = begin + again.repeat(50);
    const seen = guard(text);
    expect(seen.kept).toBe(kept);
    expect(seen.came).toBeLessThan(begin.length + again.length * 2 + 4);
  });

  it.each([
    'Happy birthday to you.\nHappy birthday to you.\nHappy birthday, dear Robin.\nHappy birthday to you.',
    'No. No. No. That is wrong.',
    '| a | b | c |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n| 4 | 5 | 6 |\n| 7 | 8 | 9 |',
    '1. One thing.\n2. Another thing.\n3. A third thing.\n',
    '',
  ])('is none of %j', (text) => {
    expect(guard(text)).toEqual({ kept: text.trim(), came: text.length });
  });
});
