/** Reads the values of sentences: names, places, dates, lists, and where a value ends. */
import {
  diets,
  instruments,
  judgements,
  languages,
  nationalities,
  noNames,
  occupations,
  starSigns,
} from './words.ts';

const title = String.raw`(?:(?:Dr|Mr|Mrs|Ms|Miss|Prof|Professor|Sir|St)\.? )?`;
const word = String.raw`\p{Lu}[\p{L}\p{N}'’&.-]*`;
const joint = String.raw`(?:de|da|do|das|dos|del|della|di|la|le|las|los|van|von|der|den|ter|bin|al|el|am|an|upon|sur|of|the|on|in|and the|e)`;

/** A capitalised name at the beginning of a text: "Dr Palmer", "Ana de Souza", "the University of Porto". */
const namePattern = new RegExp(
  String.raw`^(?:the )?${title}${word}(?: (?:${joint} ){0,2}(?:${word}|\d[\p{L}\p{N}-]*)){0,4}`,
  'u',
);

/** A name at the beginning of a text, or undefined; `lower` lets one plain word stand for a name. */
export function readName(text: string, options: { readonly lower?: boolean } = {}): string | undefined {
  const found = namePattern.exec(text)?.[0].replace(/[.'’&-]+$/u, '');
  if (found !== undefined) return isName(found) ? found : undefined;
  if (options.lower !== true) return undefined;
  const plain = /^\p{Ll}[\p{L}'-]{1,20}(?=$|[,.;!)]| and )/u.exec(text)?.[0];
  return plain === undefined || /^(?:a|an|the|not|so|very|in|at|on|that|this|after|by|it)$/u.test(plain)
    ? undefined
    : plain;
}

/** A name that is not a day, a language or what somebody is by passport. */
export function isName(text: string): boolean {
  const [first = ''] = text.split(' ');
  return !noNames.has(first) && !nationalities.has(text);
}

/** Names in a row: "Rex and Bella", "Ana, Tom and Eva". */
export function readNames(text: string, options: { readonly lower?: boolean } = {}): string[] {
  const names: string[] = [];
  let rest = text;
  for (;;) {
    const name = readName(rest, options);
    if (name === undefined) return names;
    names.push(name);
    const next = /^(?:, (?:and )?| and | & )/u.exec(rest.slice(name.length));
    if (next === null) return names;
    rest = rest.slice(name.length + next[0].length);
  }
}

/** Plain things in a row: "peanuts and shellfish", "chess, pottery and rowing". */
export function readThings(text: string): string[] {
  const part = untilEnd(text);
  return part
    .split(/,\s*(?:and\s+)?|\s+and\s+|\s*&\s*/u)
    .map((each) => withoutArticle(each.trim()))
    .filter((each) => each !== '' && each.split(' ').length <= 4);
}

const endWords =
  'but|because|so|who|which|that|since|until|till|when|where|while|though|although|as|now|nowadays|always|too|also|right now|currently|usually|every|these days|anymore|of all time|by the way|btw|if|for ages|for years|at the moment|at the weekend|at weekends|on weekends|and i|and he|and she|and it|and they|and we|and my|is|are|was|has|have';
const end = new RegExp(String.raw`\s*(?:[;!()—–]|\.(?=\s|$)|\s-\s|\b(?:${endWords})\b).*$`, 'iu');

/** A text up to where something else begins; commas end it too unless they part a list. */
export function untilEnd(text: string, options: { readonly comma?: boolean } = {}): string {
  const cut = text.replace(end, '');
  return (options.comma === true ? cut.replace(/,.*$/u, '') : cut).replace(/[\s,.:;"]+$/u, '').trim();
}

/** A text without quotation marks around it and without "a", "an" or "the". */
export function withoutArticle(text: string): string {
  return text.replace(/^(?:[Aa]n?|the|some|any)\s+/u, '').replace(/^"(.*)"$/u, '$1');
}

/** What somebody does for a living at the beginning of a text: "bus driver", "marine biologist". */
export function readOccupation(text: string): string | undefined {
  const plain = untilEnd(text, { comma: true })
    .replace(/\s+(?:in|at|for|from|on|with|by|and|to|near|of)\b.*$/iu, '')
    .replace(/^(?:a|an|the)\s+/iu, '');
  const words = plain.toLowerCase().split(' ');
  const last = words.at(-1) ?? '';
  const isKnown =
    occupations.has(last) || /(?:ologist|ographer|ician|iatrist|therapist|maker|smith|keeper)$/u.test(last);
  if (!isKnown || words.length > 4 || words.some((each) => judgements.has(each))) return undefined;
  return plain;
}

/** A word of a list at the beginning of a text, the longest that fits. */
function readListed(text: string, words: ReadonlySet<string>): string | undefined {
  const parts = /^[\p{L}-]+(?: [\p{L}-]+)?/u.exec(text)?.[0].split(' ') ?? [];
  for (let length = parts.length; length > 0; length -= 1) {
    const said = parts.slice(0, length).join(' ').toLowerCase();
    const found = [...words].find((each) => each.toLowerCase() === said);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const readNationality = (text: string): string | undefined => readListed(text, nationalities);
export const readDiet = (text: string): string | undefined => readListed(text, diets);
export const readStarSign = (text: string): string | undefined => readListed(text, starSigns);

/** Instruments in a row. */
export function readInstruments(text: string): string[] {
  return listed(text, instruments);
}

/** Languages in a row, "a bit of" and the like left out. */
export function readLanguages(text: string): string[] {
  return listed(text, languages);
}

function listed(text: string, words: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const part of untilEnd(text).split(/,\s*(?:and\s+)?|\s+and\s+/u)) {
    const plain = part
      .replace(
        /^(?:(?:a (?:bit|little)(?: of)?|some|basic|fluent|good|decent|rusty|fluently|both|the|also|both)\s+)+/iu,
        '',
      )
      .trim();
    const value = readListed(plain, words);
    if (value === undefined) return found;
    found.push(value);
  }
  return found;
}

const months =
  'january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec';
const day = String.raw`(?<day>\d{1,2})(?:st|nd|rd|th)?`;
const datePatterns = [
  new RegExp(String.raw`^(?:the )?${day}(?: of)? (?<month>${months})\b\.?(?:,? (?<year>\d{4}))?`, 'iu'),
  new RegExp(String.raw`^(?<month>${months})\b\.? (?:the )?${day}\b(?:,? (?<year>\d{4}))?`, 'iu'),
  /^(?<year>\d{4})-(?<number>\d{2})-(?<day>\d{2})\b/u,
  new RegExp(String.raw`^(?<month>${months})\b\.?,? (?:of )?(?<year>\d{4})`, 'iu'),
  /^(?:the year )?(?<year>(?:19|20)\d{2})\b(?!-)/u,
];

/** A date at the beginning of a text: as a person reads it, and as far as it goes as ISO. */
export function readDate(text: string): { readonly said: string; readonly iso: string | null } | undefined {
  for (const pattern of datePatterns) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const month = groups.month === undefined ? Number(groups.number ?? 0) : monthOf(groups.month);
    const dayNumber = Number(groups.day ?? 0);
    if (dayNumber > 31 || month > 12) return undefined;
    const name = month === 0 ? '' : (monthNames[month - 1] ?? '');
    const said = [dayNumber === 0 ? '' : String(dayNumber), name, groups.year ?? ''].filter(
      (part) => part !== '',
    );
    return { said: said.join(' '), iso: isoOf(groups.year, month, dayNumber) };
  }
  return undefined;
}

const monthNames =
  'January February March April May June July August September October November December'.split(' ');

function monthOf(name: string): number {
  return monthNames.findIndex((each) => each.toLowerCase().startsWith(name.toLowerCase().slice(0, 3))) + 1;
}

function isoOf(year: string | undefined, month: number, dayNumber: number): string | null {
  if (year === undefined) return null;
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (month === 0) return year;
  return dayNumber === 0 ? `${year}-${pad(month)}` : `${year}-${pad(month)}-${pad(dayNumber)}`;
}

export type Period = { readonly validFrom?: string; readonly validTo?: string };

/** When something held: "since 2019", "until May 2021", "from 2010 to 2014", "in 2023" as its beginning. */
export function readPeriod(text: string, options: { readonly begins?: boolean } = {}): Period {
  const at = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(text);
    if (found === null) return undefined;
    return readDate(text.slice(found.index + found[0].length))?.iso ?? undefined;
  };
  const since = at(/\bsince (?:about |around )?/iu);
  const from = at(/\bfrom /iu) ?? at(/\bbetween /iu);
  const until =
    at(/\b(?:until|till|up to) /iu) ?? (from === undefined ? undefined : at(/\b(?:to|and) (?=\d|\p{Lu})/iu));
  const begun = options.begins === true ? at(/\b(?:in|on) (?=\d|\p{Lu}|the )/iu) : undefined;
  const validFrom = since ?? from ?? begun;
  return {
    ...(validFrom !== undefined && { validFrom }),
    ...(until !== undefined && { validTo: until }),
  };
}
