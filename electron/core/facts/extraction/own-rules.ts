/** What a clause in the first person says: "My cat is Luna", "I have a brother, Piotr, who …", "People call me Bean". */
import type { FactDraft } from '../../../contract/entities/fact.ts';
import { findKind, type Kind, type Kinds } from '../kinds.ts';
import { plainValue, readKindValues } from './kind-values.ts';
import { readName, readNames, readPeriod } from './values.ts';
import { isNegated, make, nameOf, readVerbPhrase, type Found } from './verb-rules.ts';

const adjectives =
  /^(?:(?:older|younger|elder|eldest|oldest|youngest|little|big|twin|late|new|dear|lovely|beautiful|current|own|only|first|second|other|ex-?|half-?|step|crazy|old) )+/iu;
const longestLabel = 4;

/** All that a clause says of its writer and of those who are near to them. */
export function readClause(clause: string, kinds: Kinds): FactDraft[] {
  const plain = clause.replace(/[.!…]+$/u, '').trim();
  const own = /^(?:my|our) /iu.exec(plain);
  if (own !== null) return readPossessive(plain.slice(own[0].length), kinds, 'me');
  const self = /^(?:I|we)(?= |'m|'ve|'re)/iu.exec(plain);
  if (self !== null) {
    const phrase = plain.slice(self[0].length).trim();
    const having = readHaving(phrase, kinds);
    return having.length > 0 ? having : readVerbPhrase(phrase, kinds);
  }
  return readOther(plain);
}

/** Clauses that do not begin with the first person. */
function readOther(plain: string): FactDraft[] {
  const called = /^(?:people|friends|everyone|everybody|most people|they all) calls? me /iu.exec(plain);
  if (called !== null) return make('nickname', [readName(plain.slice(called[0].length), { lower: true })]);
  const reached = /\b(?:reach|call|text|email|e-mail|write to|contact) me (?:at|on|under|via) /iu.exec(plain);
  if (reached !== null) return readContact(plain.slice(reached.index + reached[0].length));
  const leisure =
    /^in (?:my|our) (?:free|spare) time,? (?:I|we) (?:(?:like|love|enjoy)s? (?:to )?)?(?:do |play |go )?/iu.exec(
      plain,
    );
  if (leisure !== null) {
    const value = plainValue(plain.slice(leisure[0].length));
    return value === undefined || isNegated(plain)
      ? []
      : make('hobby', [value.replace(/ (?:at|in|on|with) .*$/iu, '')]);
  }
  const holiday =
    /^(?:for|on) (?:my|our) next (?:holiday|vacation|trip),? (?:I|we)(?:'m|'re| am| are) (?:going|flying|travelling|heading) to /iu.exec(
      plain,
    );
  if (holiday !== null) return make('next-holiday', [readName(plain.slice(holiday[0].length))]);
  return [];
}

function readContact(text: string): Found[] {
  const email = /^[^\s@,;<>]+@[^\s@,;<>]+\.\p{L}{2,}/u.exec(text)?.[0];
  if (email !== undefined) return make('email', [email.replace(/\.$/u, '')]);
  return make('phone-number', [/^\+?[\d(][\d\s()/.-]{4,22}\d/u.exec(text)?.[0]]);
}

/** "sister Ana lives in Porto", "cat is called Luna", "sister's birthday is 3 May": after "my". */
function readPossessive(text: string, kinds: Kinds, owner: string, depth = 0): FactDraft[] {
  const bare = text.replace(adjectives, '');
  const label = findLabel(text, kinds) ?? findLabel(bare, kinds);
  if (label === undefined) return owner === 'me' ? readOwnAttribute(text) : [];
  const { kind, rest, isPlural } = label;
  const of = (found: readonly Found[], subject = owner): FactDraft[] =>
    found.map((each) => (subject === 'me' ? each : { subject, ...each }));
  const named =
    /^(?:'s? names? (?:is|are)|'s called|'s named| (?:is|are) (?:called|named)| named| called|,? whose name is) /iu.exec(
      rest,
    );
  if (named !== null) {
    const after = rest.slice(named[0].length);
    return of(make(kind.id, readKindValues(kind, after, { called: true })));
  }
  const theirs = /^'s? /u.exec(rest);
  if (theirs !== null) {
    return depth === 0 && isRelation(kind)
      ? readPossessive(rest.slice(theirs[0].length), kinds, `my ${kind.label}`, 1)
      : [];
  }
  const is = /^(?: of all time)?(?: is|'s| are|:| =) (?:still |now |currently |probably |actually )?/iu.exec(
    rest,
  );
  if (is !== null) {
    const after = rest.slice(is[0].length);
    if (isNegated(after)) return [];
    const values = readKindValues(kind, after, { called: false });
    if (isRelation(kind) && values.some((value) => isOccupied(value, after))) return [];
    if (values.length > 0) return of(nameOrValues(kind, values, after));
    return isRelation(kind) && !isPlural && owner === 'me'
      ? of(readVerbPhrase(`is ${after}`, kinds), `my ${kind.label}`)
      : [];
  }
  return isRelation(kind) && owner === 'me' ? readNamedRelation(kind, rest, kinds) : [];
}

/** A first name and a whole one are told apart by their words. */
function nameOrValues(kind: Kind, values: readonly string[], after: string): Found[] {
  if (kind.id === 'first-name') return nameOf(after);
  return make(kind.id, values, kind.value === 'date' ? {} : readPeriod(after));
}

/** " Ana lives in Porto", ", Dr Palmer, moved away", " lives in Porto". */
function readNamedRelation(kind: Kind, rest: string, kinds: Kinds): FactDraft[] {
  const opening = /^(?:,| \(| –| -)? ?/u.exec(rest)?.[0] ?? '';
  const after = rest.slice(opening.length);
  const name = readName(after)?.replace(/ (?:in|on|of|the|and)$/u, '');
  if (name === undefined) {
    return opening === ' '
      ? readVerbPhrase(after, kinds).map((each) => ({ subject: `my ${kind.label}`, ...each }))
      : [];
  }
  const phrase = after.slice(name.length).replace(/^(?:,|\)| –| -)? ?(?:who |and (?:he|she|they) )?/u, '');
  if (phrase === '' && rest.includes(',') && !opening.includes(',')) return [];
  const link = make(kind.id, [name]);
  if (isNegated(phrase)) return link;
  return [...link, ...readVerbPhrase(phrase, kinds).map((each) => ({ subject: name, ...each }))];
}

const counts = /^(?:an?|one|two|three|four|five|six|\d) /iu;

/** "have two dogs, Rex and Bella", "have a brother, Piotr, who works as a welder". */
function readHaving(phrase: string, kinds: Kinds): FactDraft[] {
  const has =
    /^(?:have|'ve|have got|'ve got|own|adopted|got) (?=(?:an?|one|two|three|four|five|six|\d) )/iu.exec(
      phrase,
    );
  if (has === null) return [];
  const text = phrase.slice(has[0].length).replace(counts, '');
  const label = findLabel(text.replace(adjectives, ''), kinds) ?? findLabel(text, kinds);
  if (label === undefined || !isRelation(label.kind)) return [];
  const { kind, rest } = label;
  const opening =
    /^(?: named| called|, (?:named|called)|,|:| \(| –| -|, (?:his|her|its|their) names? (?:is|are)) /iu.exec(
      `${rest} `,
    )?.[0];
  if (opening === undefined) return [];
  const after = rest.slice(opening.length);
  const names = readNames(after, { lower: /called|named/iu.test(opening) });
  const link = make(kind.id, names);
  const [only] = names;
  if (names.length !== 1 || only === undefined) return link;
  const phraseOf = /^(?:,|\))? (?:who|that|and (?:he|she|it)) (?<phrase>.+)$/iu.exec(after.slice(only.length))
    ?.groups?.phrase;
  if (phraseOf === undefined) return link;
  return [...link, ...readVerbPhrase(phraseOf, kinds).map((each) => ({ subject: only, ...each }))];
}

/** "my favourite cheese is Brie", "my locker number is 4471": attributes that no list holds. */
function readOwnAttribute(text: string): FactDraft[] {
  const found =
    /^(?<name>(?:favou?rite [\p{L} ]{2,30}?|[\p{L} ]{2,30}? (?:number|code|size|plate|id)))(?: is|'s| are|:) (?<value>.+)$/iu.exec(
      text,
    );
  const { name, value } = found?.groups ?? {};
  if (name === undefined || value === undefined || isNegated(value)) return [];
  if (/\b(?:thing|part|person|way|time|place|one|day|moment|memory)\b/iu.test(name)) return [];
  if (!/^favou?rite/iu.test(name) && !/\d/u.test(value)) return [];
  return make(name.trim(), [plainValue(value)]);
}

/** People and animals: they have names, and can be subjects themselves. */
function isRelation(kind: Kind): boolean {
  return kind.value === 'animal-name' || kind.person;
}

/** "My brother is Italian" names nobody. */
function isOccupied(value: string, after: string): boolean {
  return /^(?:an? )/iu.test(after) || value === '';
}

/** The longest beginning of a text that names a kind. */
function findLabel(
  text: string,
  kinds: Kinds,
): { readonly kind: Kind; readonly rest: string; readonly isPlural: boolean } | undefined {
  const words = /^[\p{L}-]+(?: [\p{L}-]+){0,3}/u.exec(text)?.[0].split(' ') ?? [];
  for (let length = Math.min(longestLabel, words.length); length > 0; length -= 1) {
    const name = words.slice(0, length).join(' ');
    const single = findKind(kinds, name);
    const kind = single ?? findKind(kinds, name.replace(/s$/u, ''));
    if (kind !== undefined) {
      const isPlural =
        single === undefined ||
        (name.toLowerCase() === kind.plural.toLowerCase() && kind.plural !== kind.label);
      return { kind, rest: text.slice(name.length), isPlural };
    }
  }
  return undefined;
}
