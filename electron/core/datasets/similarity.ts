/**
 * How alike two wordings are: Jaccard similarity of their character 5-grams, names and values masked, lower-cased.
 *
 * The tests keep training and evaluation material apart by it; above 0.6 counts as the same wording.
 */

/** The limit above which a wording counts as seen. */
export const leakLimit = 0.6;

/** Lower-cased text with the given values (names, dates, answers) replaced by a mask. */
export function maskValues(text: string, values: readonly string[]): string {
  let masked = text.normalize('NFKC').toLowerCase();
  for (const value of [...values].sort((left, right) => right.length - left.length)) {
    const plain = value.normalize('NFKC').toLowerCase();
    if (plain !== '') masked = masked.replaceAll(plain, '#');
  }
  return masked.replace(/[^\p{L}\p{N}#]+/gu, ' ').trim();
}

/** Set of the character 5-grams of a text; a shorter text is its own only gram. */
export function toGrams(text: string): ReadonlySet<string> {
  if (text.length <= 5) return new Set([text]);
  const grams = new Set<string>();
  for (let start = 0; start + 5 <= text.length; start += 1) grams.add(text.slice(start, start + 5));
  return grams;
}

/** Jaccard similarity of two gram sets, 0 to 1. */
export function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const [small, large] = left.size < right.size ? [left, right] : [right, left];
  let shared = 0;
  for (const gram of small) if (large.has(gram)) shared += 1;
  const union = left.size + right.size - shared;
  return union === 0 ? 1 : shared / union;
}

export type WorstPair = { readonly left: string; readonly right: string; readonly similarity: number };

/** The most alike pair between two lists of (masked) texts. */
export function findWorstPair(left: readonly string[], right: readonly string[]): WorstPair {
  let worst: WorstPair = { left: '', right: '', similarity: 0 };
  const rights = right.map((text) => ({ text, grams: toGrams(text) }));
  for (const text of left) {
    const grams = toGrams(text);
    for (const other of rights) {
      const similarity = jaccard(grams, other.grams);
      if (similarity > worst.similarity) worst = { left: text, right: other.text, similarity };
    }
  }
  return worst;
}
