/**
 * Answers and values as comparable tokens: NFKC, lower case, no punctuation, dates and numbers in one form.
 *
 * A date becomes one token (`date#1990-03-03`, `date#1990-03`, `date#--03-03`), a number word its digits.
 */
import { memoised } from '../util/memo.ts';

/** One token and the clause it stands in; a clause ends at punctuation. */
export type AnswerToken = { readonly text: string; readonly clause: number };

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const monthPattern = monthNames.map((name) => `${name}|${name.slice(0, 3)}|${name.slice(0, 4)}`).join('|');
const dayPattern = '(\\d{1,2})(?:st|nd|rd|th)?';

const units =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

const numberWords = new Map<string, number>([
  ...units.map((word, value): [string, number] => [word, value]),
  ...tens.map((word, index): [string, number] => [word, (index + 2) * 10]),
]);

/** Marks that can tell one value from another (`C#`), or that belong to a number or a date. */
const keptMarks = new Set('#@&-:.');

/** Splits a text into comparable tokens. */
export const toAnswerTokens: (text: string) => readonly AnswerToken[] = memoised(splitTokens);

function splitTokens(text: string): readonly AnswerToken[] {
  const plain = canonicalNumbers(
    canonicalDates(
      text
        .normalize('NFKC')
        .toLowerCase()
        .replace(/[’‘`´]/g, "'"),
    ),
  );
  const tokens: AnswerToken[] = [];
  let clause = 0;
  // Points and commas inside numbers and date tokens are no ends of clauses.
  for (const part of plain.split(/((?<!\d)[.,;:!?()\u2014]+|[.,;:!?()\u2014]+(?!\d)|\n)/u)) {
    if (/^[.,;:!?()\u2014\n]+$/u.test(part)) {
      clause += 1;
      continue;
    }
    for (const word of splitWords(part)) tokens.push({ text: word, clause });
  }
  return joinTens(tokens);
}

/** The words of a text in one line, for phrases such as those of the abstention list. */
export function normalisePhrase(text: string): string {
  return toAnswerTokens(text)
    .map((token) => token.text)
    .join(' ');
}

/** Letters of scripts that write no spaces, and pictures: each is a token of its own. */
const lone = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Thai}\p{Extended_Pictographic}]/gu;

function splitWords(part: string): string[] {
  return part
    .replace(/\u200D|\uFE0E|\uFE0F/gu, '')
    .replace(lone, ' $& ')
    .replace(/'s(?=\s|$|[^\p{L}\p{N}])/gu, '')
    .replace(/'/g, '')
    .replace(/\p{P}/gu, (mark) => (keptMarks.has(mark) ? mark : ' '))
    .split(/\s+/u)
    .flatMap((word) => (word.startsWith('date#') ? [word] : splitHyphens(word)))
    .map((word) => String(numberWords.get(word) ?? word))
    .filter((word) => word !== '');
}

/** Hyphens part words and groups of digits alike; a sign before a number stays. */
function splitHyphens(word: string): string[] {
  return word.split(/(?<=.)-+|-+$|:+|\.+(?!\d)/u);
}

/** "twenty" + "three" are 23. */
function joinTens(tokens: readonly AnswerToken[]): AnswerToken[] {
  const joined: AnswerToken[] = [];
  for (const token of tokens) {
    const last = joined.at(-1);
    const isTens = last !== undefined && /^[2-9]0$/.test(last.text) && last.clause === token.clause;
    if (isTens && /^[1-9]$/.test(token.text)) {
      joined[joined.length - 1] = {
        text: String(Number(last.text) + Number(token.text)),
        clause: last.clause,
      };
    } else {
      joined.push(token);
    }
  }
  return joined;
}

function canonicalNumbers(text: string): string {
  return text
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
    .replace(/(\d\.\d*?)0+(?!\d)/g, (_whole, kept: string) => kept.replace(/\.$/, ''));
}

function canonicalDates(text: string): string {
  const month = (name: string): string => {
    const index = monthNames.findIndex((each) => each.startsWith(name.slice(0, 3)));
    return String(index + 1).padStart(2, '0');
  };
  const day = (text: string): string => text.padStart(2, '0');
  const isDay = (text: string): boolean => Number(text) >= 1 && Number(text) <= 31;
  const monthFirst = new RegExp(`\\b(${monthPattern})\\.? ${dayPattern}\\b(?:,? (\\d{4})\\b)?`, 'g');
  const dayFirst = new RegExp(`\\b${dayPattern} (?:of )?(${monthPattern})\\b\\.?(?:,? (\\d{4})\\b)?`, 'g');
  const monthYear = new RegExp(`\\b(${monthPattern})\\.?,? (?:of )?(\\d{4})\\b`, 'g');
  return text
    .replace(/\b(\d{4})-(\d{2})-(\d{2})\b/g, ' date#$1-$2-$3 ')
    .replace(/(?<!date#\d*)\b(\d{4})-(0[1-9]|1[0-2])\b(?!-)/g, ' date#$1-$2 ')
    .replace(dayFirst, (whole, dayText: string, name: string, year: string | undefined) =>
      isDay(dayText) ? ` date#${year ?? '-'}-${month(name)}-${day(dayText)} ` : whole,
    )
    .replace(monthFirst, (whole, name: string, dayText: string, year: string | undefined) =>
      isDay(dayText) ? ` date#${year ?? '-'}-${month(name)}-${day(dayText)} ` : whole,
    )
    .replace(monthYear, (_whole, name: string, year: string) => ` date#${year}-${month(name)} `);
}

/** True when `found` says at least what `wanted` says: equal, or a date of which `wanted` is the coarser form. */
export function saysToken(found: string, wanted: string): boolean {
  if (found === wanted) return true;
  if (!found.startsWith('date#')) return false;
  const full = found.slice(5);
  if (/^\d{4}$/.test(wanted)) return full.startsWith(`${wanted}-`);
  if (!wanted.startsWith('date#')) return false;
  const coarse = wanted.slice(5);
  return coarse.startsWith('--') ? full.endsWith(coarse.slice(1)) : full.startsWith(`${coarse}-`);
}
