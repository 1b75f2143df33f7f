/** Ends an answer that has begun to say the same again and again, as small models do under greedy decoding. */
import { matchKey } from '../util/text.ts';

/** Times that the same sentences must follow each other. */
const leastRounds = 3;
/** Most sentences of a round. */
const longestRound = 4;
/** Shorter rounds are refrains, list marks and the like. */
const fewestLetters = 10;

export type LoopGuard = {
  readonly push: (piece: string) => void;
  readonly isLooping: () => boolean;
  /** The text without the rounds after the first. */
  readonly cut: (text: string) => string;
};

/** Makes a guard for one answer. */
export function createLoopGuard(): LoopGuard {
  let text = '';
  let isLooping = false;
  return {
    push: (piece) => {
      text += piece;
      // Only a sentence that has just ended can close a round.
      if (!isLooping && /[.!?\n]/u.test(piece)) isLooping = endOfFirstRound(text) !== null;
    },
    isLooping: () => isLooping,
    cut: (whole) => {
      const end = isLooping ? endOfFirstRound(whole) : null;
      return end === null ? whole : whole.slice(0, end).trimEnd();
    },
  };
}

/** Where the first of the rounds ends with which a text ends; null where it ends with none. */
function endOfFirstRound(text: string): number | null {
  const sentences = [...text.matchAll(/[^.!?\n]+(?:[.!?\n]+\s*)/gu)].map((match) => ({
    key: matchKey(match[0])
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
    end: match.index + match[0].length,
  }));
  for (let length = 1; length <= longestRound; length += 1) {
    const first = sentences.length - length * leastRounds;
    if (first < 0) return null;
    const rounds = sentences.slice(first);
    const letters = rounds.slice(0, length).reduce((total, { key }) => total + key.length, 0);
    const isSame = rounds.every(({ key }, index) => key === rounds[index % length]?.key);
    if (isSame && letters >= fewestLetters) return rounds[length - 1]?.end ?? null;
  }
  return null;
}
