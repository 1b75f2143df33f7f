/** Text in Unicode NFC with runs of white space collapsed and the ends trimmed. */
export function normaliseText(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim();
}

/**
 * The key under which two spellings of one name are the same.
 *
 * Case, white space, hyphens, underscores and American or British spelling do not count.
 */
export function matchKey(text: string): string {
  return normaliseText(text.normalize('NFKC'))
    .toLowerCase()
    .replace(/[-_‐‑–]+/gu, ' ')
    .replace(/[’`]/gu, "'")
    .replace(/\bfavorite/gu, 'favourite')
    .replace(/\bcolor/gu, 'colour')
    .replace(/\bneighbor/gu, 'neighbour')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Length as a reader counts it: code points, not UTF-16 units. */
export function characterCount(text: string): number {
  return Array.from(text).length;
}

/** Enough of a lower-case word to join "lives", "living" and "live". */
export function stem(word: string): string {
  if (word.length < 5) return word.replace(/(?<=..)s$/u, '');
  return word.replace(/(?:ing|ed|es|s|e)$/u, '');
}
