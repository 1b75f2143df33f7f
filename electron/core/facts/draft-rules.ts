/**
 * What a fact may look like when a user gives it, and how it is written before it is stored:
 * Unicode NFC, single spaces, known attribute kinds resolved.
 */
import type { Tier } from '../../contract/entities/fact.ts';
import { characterCount, matchKey, normaliseText } from '../util/text.ts';
import { compareDates, isRealDate } from './dates.ts';
import { archiveFields, draftFields } from './fact-fields.ts';
import { findKind, type Kinds } from './kinds.ts';

/** Longest value in characters (code points). */
export const maximumValueLength = 500;
/** Longest subject, attribute or category in characters. */
const maximumNameLength = 200;
const maximumAliases = 50;

const knownFields = new Set<string>([...draftFields, ...archiveFields]);

/** How a version stands: `superseded` by a later one, or `lost` a conflict; both are kept as history. */
export type Standing = 'standing' | 'superseded' | 'lost';

/** A checked and normalised fact, not yet compared with what is stored. */
export type CleanDraft = {
  readonly subject: string;
  readonly attribute: string;
  readonly kind: string | null;
  readonly many: boolean;
  readonly namesPerson: boolean;
  /** Subject and attribute as compared. */
  readonly thing: string;
  readonly value: string;
  readonly aliases: readonly string[];
  readonly category: string;
  readonly tierGiven: Exclude<Tier, 'multi-hop'> | null;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** Whether it may be trained; null where nothing was said. */
  readonly neverTrain: boolean | null;
  /** Line in the imported file; null when typed. */
  readonly line: number | null;
  readonly archive: Archive | null;
};

/** History as an export wrote it. */
export type Archive = {
  readonly id: string | null;
  readonly standing: Standing;
  readonly supersedes: string | null;
  readonly conflictsWith: readonly string[];
};

/** A problem with one fact, said without its line. */
export class DraftProblem extends Error {}

/** The thing that a subject and an attribute name, whatever their spelling. */
export function thingOf(subject: string, attribute: string, kind: string | null): string {
  return `${subject === 'me' ? 'me' : matchKey(subject)}\n${kind ?? matchKey(attribute)}`;
}

/** Checks one fact of unknown shape. Throws {@link DraftProblem}; unknown fields are reported to `onUnknownField`. */
export function cleanDraft(
  raw: unknown,
  kinds: Kinds,
  options: { readonly line?: number; readonly onUnknownField?: (field: string) => void } = {},
): CleanDraft {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new DraftProblem('a fact must be an object with "attribute" and "value"');
  }
  const fields = new Map<string, unknown>(Object.entries(raw));
  for (const field of fields.keys()) if (!knownFields.has(field)) options.onUnknownField?.(field);
  const attribute = requiredText(fields, 'attribute', maximumNameLength);
  if (matchKey(attribute) === '') throw new DraftProblem('"attribute" is empty');
  const value = requiredText(fields, 'value', maximumValueLength);
  const subject = subjectOf(optionalText(fields, 'subject', maximumNameLength));
  const validFrom = dateField(fields, 'validFrom');
  const validTo = dateField(fields, 'validTo');
  if (validFrom !== null && validTo !== null && compareDates(validTo, validFrom) < 0) {
    throw new DraftProblem(`"validTo" (${validTo}) lies before "validFrom" (${validFrom})`);
  }
  const kind = findKind(kinds, attribute);
  return {
    subject,
    attribute,
    kind: kind?.id ?? null,
    many: kind?.many ?? false,
    namesPerson: kind?.person ?? false,
    thing: thingOf(subject, attribute, kind?.id ?? null),
    value,
    aliases: aliasesField(fields, value),
    category: optionalText(fields, 'category', maximumNameLength) ?? kind?.category ?? 'other',
    tierGiven: tierField(fields),
    validFrom,
    validTo,
    neverTrain: flagField(fields, 'neverTrain'),
    line: options.line ?? null,
    archive: archiveOf(fields),
  };
}

/** The value of a fact as it is stored. Throws {@link DraftProblem} when it is empty or too long. */
export function cleanValue(value: unknown): string {
  return requiredText(new Map([['value', value]]), 'value', maximumValueLength);
}

/** A category as it is stored; an empty one is refused. Throws {@link DraftProblem}. */
export function cleanCategory(value: unknown): string {
  return requiredText(new Map([['category', value]]), 'category', maximumNameLength);
}

/** A date as it is stored. Throws {@link DraftProblem}. */
export function cleanDate(field: string, value: unknown): string | null {
  return dateField(new Map([[field, value]]), field);
}

function subjectOf(subject: string | null): string {
  return subject === null || /^(me|myself)$/iu.test(subject) ? 'me' : subject;
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function requiredText(fields: ReadonlyMap<string, unknown>, field: string, maximum: number): string {
  if (isAbsent(fields.get(field))) throw new DraftProblem(`"${field}" is missing`);
  const text = textField(fields, field, maximum);
  if (text === '') throw new DraftProblem(`"${field}" is empty`);
  return text;
}

function optionalText(fields: ReadonlyMap<string, unknown>, field: string, maximum: number): string | null {
  if (isAbsent(fields.get(field))) return null;
  const text = textField(fields, field, maximum);
  return text === '' ? null : text;
}

function textField(fields: ReadonlyMap<string, unknown>, field: string, maximum: number): string {
  const value = fields.get(field);
  if (typeof value === 'number' || typeof value === 'boolean') {
    const quoted = JSON.stringify(String(value));
    throw new DraftProblem(
      `"${field}" must be a text, not ${describe(value)}; write it in quotation marks: ${quoted}`,
    );
  }
  if (typeof value !== 'string') throw new DraftProblem(`"${field}" must be a text, not ${describe(value)}`);
  return checkedText(value, field, maximum);
}

function checkedText(value: string, field: string, maximum: number): string {
  // Control characters other than white space could write over the lines of a terminal.
  if (!value.isWellFormed() || /(?!\s)\p{Cc}/u.test(value))
    throw new DraftProblem(`"${field}" holds characters that are no text`);
  // What shows nothing, such as zero-width spaces alone, counts as empty.
  const text = /[^\s\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(value) ? normaliseText(value) : '';
  const length = characterCount(text);
  if (length > maximum) {
    throw new DraftProblem(`"${field}" has ${length} characters; the longest allowed is ${maximum}`);
  }
  return text;
}

/** True or false, in JSON or in the words of a spreadsheet. */
function flagField(fields: ReadonlyMap<string, unknown>, field: string): boolean | null {
  const value = fields.get(field);
  if (isAbsent(value)) return null;
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  if (['false', 'no', 'off', '0'].includes(word)) return false;
  throw flagProblem(field, value);
}

function flagProblem(field: string, value: unknown): DraftProblem {
  return new DraftProblem(`"${field}" must be true or false, not ${describe(value)}`);
}

function aliasesField(fields: ReadonlyMap<string, unknown>, value: string): string[] {
  const aliases = fields.get('aliases');
  if (isAbsent(aliases)) return [];
  if (!Array.isArray(aliases))
    throw new DraftProblem(`"aliases" must be a list of texts, not ${describe(aliases)}`);
  const texts = aliases.map((alias: unknown) => {
    if (typeof alias !== 'string')
      throw new DraftProblem(`"aliases" must be a list of texts, but holds ${describe(alias)}`);
    return checkedText(alias, 'aliases', maximumValueLength);
  });
  if (texts.length > maximumAliases)
    throw new DraftProblem(`"aliases" holds ${texts.length} texts; ${maximumAliases} are allowed`);
  return [...new Set(texts)].filter((alias) => alias !== '' && alias !== value);
}

function dateField(fields: ReadonlyMap<string, unknown>, field: string): string | null {
  const text = optionalText(fields, field, maximumNameLength);
  if (text === null) return null;
  if (!isRealDate(text)) {
    throw new DraftProblem(
      `"${field}" is "${text}", which is no date of the form YYYY, YYYY-MM or YYYY-MM-DD`,
    );
  }
  return text;
}

function tierField(fields: ReadonlyMap<string, unknown>): Exclude<Tier, 'multi-hop'> | null {
  const tier = optionalText(fields, 'tier', maximumNameLength)?.toLowerCase() ?? null;
  if (tier === null || tier === 'simple' || tier === 'relational' || tier === 'temporal') return tier;
  if (tier === 'multi-hop') {
    throw new DraftProblem(
      '"tier" is "multi-hop"; such facts are derived from two others and cannot be given',
    );
  }
  throw new DraftProblem(`"tier" is "${tier}"; it must be simple, relational or temporal`);
}

/** Foreign files may hold fields of these names with another meaning: what does not fit is ignored. */
function archiveOf(fields: ReadonlyMap<string, unknown>): Archive | null {
  const standing = fields.get('standing');
  const id = idText(fields.get('id'));
  const supersedes = idText(fields.get('supersedes'));
  const conflicts = fields.get('conflictsWith');
  const conflictsWith = Array.isArray(conflicts)
    ? conflicts.map(idText).filter((other) => other !== null)
    : [];
  const known = standing === 'superseded' || standing === 'lost' ? standing : 'standing';
  if (id === null) return null;
  return { id, standing: known, supersedes, conflictsWith };
}

function idText(value: unknown): string | null {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(value)
    ? value
    : null;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return `the ${typeof value} ${JSON.stringify(value)}`;
}
