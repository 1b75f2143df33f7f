import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTextGate } from '../../../electron/core/chat/text-gate.ts';

function pass(pieces: readonly string[], stops: readonly string[] = []) {
  const out: string[] = [];
  const gate = createTextGate(stops, (piece) => out.push(piece));
  for (const piece of pieces) gate.push(piece);
  return { text: gate.finish(), streamed: out.join(''), out, stopped: gate.isStopped() };
}

describe('a text gate', () => {
  it('ends the text at the first stop text, also one that comes in pieces', () => {
    expect(pass(['one ', 'tw', 'o EN', 'D three'], ['END', 'three'])).toMatchObject({
      text: 'one two',
      streamed: 'one two',
      stopped: true,
    });
  });
  it('holds back only what may become a stop text or lie at the end', () => {
    const { out } = pass(['ab', 'c', '#', 'x', ' ', 'y '], ['##']);
    expect(out).toEqual(['ab', 'c', '#x', ' y']);
  });
  it('gives the text as trimmed as an answer is, whatever the pieces and stop texts', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(letters, { maxLength: 8 }),
        fc.array(letters, { maxLength: 3 }),
        (pieces, given) => {
          const stops = given.filter((stop) => stop !== '');
          const { text, streamed } = pass(pieces, stops);
          // The piece that completes a stop text ends the answer: what would come after it is never made.
          const soFar = pieces.map((_piece, index) =>
            pieces
              .slice(0, index + 1)
              .join('')
              .trimStart(),
          );
          const whole = soFar.find((each) => stops.some((stop) => each.includes(stop))) ?? soFar.at(-1) ?? '';
          const ends = stops.map((stop) => whole.indexOf(stop)).filter((index) => index >= 0);
          const expected = whole.slice(0, ends.length === 0 ? undefined : Math.min(...ends)).trimEnd();
          return text === expected && streamed === expected;
        },
      ),
      {
        numRuns: 2000,
        examples: [
          [
            ['ab', 'a'],
            ['aba', 'b'],
          ],
        ],
      },
    );
  });
});
