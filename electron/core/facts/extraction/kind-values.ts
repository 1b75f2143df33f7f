/** The value that "my X is …" gives to a known kind, by the type of its values. */
import type { Kind } from '../kinds.ts';
import {
  readDate,
  readDiet,
  readLanguages,
  readName,
  readNames,
  readNationality,
  readOccupation,
  readStarSign,
  readThings,
  untilEnd,
  withoutArticle,
} from './values.ts';

/** How a value was introduced: "called" makes a name of any word. */
export type Introduction = { readonly called: boolean };

/** Begins no value: states, places in time and comparisons. */
const noValue =
  /^(?:not|no|never|very|so|too|quite|really|pretty|rather|still|already|always|over|gone|back|here|there|away|at|on|in|out|off|up|down|from|about|being|getting|going|doing|having|ok|okay|fine|well|sick|ill|great|good|bad|nice|better|worse|broken|dirty|old|new|tired|happy|sad|busy|full|empty|important|changing|what|when|where|how|why|that|to|like|mine|yours|his|her|hers|its|it|this|these|those|none|unknown|secret|private|open|closed|late|early|the (?:best|worst|same|one|only|first|last)|a (?:bit|little|lot|mess|problem|secret|pain|good|bad|great)|an? (?:asshole|idiot))\b/iu;

/** Values of a kind at the beginning of a text; none where the text says something else. */
export function readKindValues(kind: Kind, text: string, { called }: Introduction): string[] {
  const one = (value: string | undefined): string[] => (value === undefined || value === '' ? [] : [value]);
  const found = (pattern: RegExp): string[] => one(pattern.exec(text)?.[0].trim());
  switch (kind.id) {
    case 'blood-type':
      return found(/^(?:AB|A|B|O|0)(?:\s?(?:positive|negative|pos|neg)\b|\s?[+-−])/u);
    case 'height':
      return found(
        /^\d+(?:[.,]\d+)?\s?(?:cm|m|metres|meters|feet|ft|')(?:\s?\d{1,2}(?:\s?(?:cm|inches|in|"))?)?/iu,
      );
    case 'shoe-size':
      return found(/^\d{2}(?:[.,]5)?\b|^\d{1,2}(?:[.,]5)?\b/u);
    case 'wake-up-time':
      return one(readTime(text.replace(/^(?:at|set for)\s+/iu, '')));
    case 'bus-line':
      return found(/^(?:the )?(?:number|line|no\.?)?\s?\d{1,3}[A-Z]?\b/iu);
    case 'diet':
      return one(readDiet(withoutArticle(text)));
    case 'star-sign':
      return one(readStarSign(text));
    case 'nationality':
      return one(readNationality(text));
    case 'language':
    case 'native-language':
      return readLanguages(text);
    case 'job':
    case 'first-job':
      return one(
        readOccupation(text.replace(/^(?:working as|being)\s+/iu, '')) ??
          (/^an? /iu.test(text) && !noValue.test(text) ? plainValue(text) : undefined),
      );
    case 'address':
      return found(/^\d+[a-z]?,? [\p{Lu}][^.;!]{2,80}|^\p{Lu}[^.;!]{2,60}? \d+[a-z]?(?:, [^.;!]{2,60})?/u);
    case 'hobby':
      return noValue.test(text) ? [] : readThings(text);
    case 'allergy':
    case 'medication':
      return noValue.test(text) ? [] : readThings(text);
    case 'first-name':
    case 'full-name':
    case 'nickname':
      return one(readName(text, { lower: true }));
    default:
      return readTyped(kind, text, called);
  }
}

function readTyped(kind: Kind, text: string, called: boolean): string[] {
  const one = (value: string | undefined): string[] => (value === undefined || value === '' ? [] : [value]);
  switch (kind.value) {
    case 'person':
    case 'animal-name':
      return kind.id === 'favourite-author'
        ? one(readName(text))
        : readNames(text.replace(/"/gu, ''), { lower: called });
    case 'date':
      return one(readDate(text.replace(/^(?:on|in)\s+(?:the\s+)?/iu, ''))?.said);
    case 'phone':
      return one(/^\+?[\d(][\d\s()/.-]{4,22}\d/u.exec(text)?.[0]);
    case 'email':
      return one(/^[^\s@,;<>]+@[^\s@,;<>]+\.[\p{L}]{2,}/u.exec(text)?.[0]);
    case 'language':
      return readLanguages(text);
    case 'place':
    case 'organisation':
      return one(readName(text.replace(/^(?:in|at|called|named)\s+/iu, '')) ?? quoted(text));
    case 'thing':
      return one(readThing(text, kind));
    default:
      return noValue.test(text) ? [] : one(plainValue(text));
  }
}

/** A thing needs an article or a name: "a Volvo", not "broken". Flowers and food need neither. */
function readThing(text: string, kind: Kind): string | undefined {
  if (kind.id.startsWith('favourite-')) return noValue.test(text) ? undefined : plainValue(text);
  const isNamed = /^(?:an? |the |\p{Lu})/u.test(text);
  return isNamed && !noValue.test(text) ? plainValue(text) : undefined;
}

function quoted(text: string): string | undefined {
  return /^"([^"]{1,100})"/u.exec(text)?.[1];
}

/** A short text without its article. */
export function plainValue(text: string): string | undefined {
  const value =
    quoted(text) ??
    withoutArticle(untilEnd(text, { comma: true }).replace(/\s+and\s+(?:i|he|she|it|they|we|my)\b.*$/iu, ''));
  return value === '' || value.split(' ').length > 7 || noValue.test(value) ? undefined : value;
}

/** "6:15 am", "7 o'clock", "half past six". */
export function readTime(text: string): string | undefined {
  return /^(?:\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?|\d{1,2} o'clock|(?:half|quarter) (?:past|to) \p{L}+|noon|\d{1,2}(?= every| each|$))/iu
    .exec(text)?.[0]
    .trim();
}
