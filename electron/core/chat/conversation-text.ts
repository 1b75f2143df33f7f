/** Texts about a conversation: its title, and the passage that a search found. */
import { normaliseText } from '../util/text.ts';

const longestTitle = 60;
const excerptBefore = 30;
const excerptLength = 120;
const longestSearched = 20_000;

/** A title from the first question: its first line, cut between words. */
export function titleOf(question: string): string {
  const firstLine = question
    .slice(0, longestSearched)
    .split('\n')
    .map((text) => normaliseText(text.replace(/\p{Cc}/gu, ' ')))
    .find((text) => text !== '');
  return shorten(firstLine ?? 'Conversation', longestTitle);
}

/** A text cut to a length, between words where it has some, with a sign that it was cut. */
export function shorten(text: string, length: number): string {
  const letters = Array.from(text);
  if (letters.length <= length) return text;
  const cut = letters.slice(0, length - 1).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > length / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** The passage around the first of the words in a text; its beginning where none is found. */
export function excerptOf(text: string, words: readonly string[]): string {
  const folded = fold(text.slice(0, longestSearched));
  const wanted = words.map((word) => fold(word).text).filter((word) => word !== '');
  const places = wanted.flatMap((word) => {
    const place = findWord(folded.text, word);
    return place < 0 ? [] : [folded.places[place] ?? 0];
  });
  const first = places.length === 0 ? 0 : Math.min(...places);
  const start = first <= excerptBefore ? 0 : text.indexOf(' ', first - excerptBefore) + 1;
  const from = start > first ? first : start;
  const passage = normaliseText(text.slice(from, from + 4 * excerptLength));
  return `${from > 0 ? '…' : ''}${shorten(passage, excerptLength)}`;
}

/** The place of a word's beginning; a text without such a word may still hold it inside another. */
function findWord(text: string, word: string): number {
  for (let place = text.indexOf(word); place >= 0; place = text.indexOf(word, place + 1)) {
    if (place === 0 || !/[\p{L}\p{N}]/u.test(text[place - 1] ?? '')) return place;
  }
  return text.indexOf(word);
}

/** Lower case without accents, and for each of its units the place in the text. */
function fold(text: string): { readonly text: string; readonly places: readonly number[] } {
  const places: number[] = [];
  let folded = '';
  let place = 0;
  for (const letter of text) {
    const plain = letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    places.push(...new Array<number>(plain.length).fill(place));
    folded += plain;
    place += letter.length;
  }
  return { text: folded, places };
}
