import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const resources = new URL('../../../resources/', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, resources), 'utf8'));

const text = z.string().min(1).regex(/^\S.*\S$/u);
const kindSchema = z.strictObject({
  id: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  label: text,
  plural: text,
  aliases: z.array(text),
  /** Never asked with and never taught, so wordings may hold their words. */
  spellings: z.array(text),
  many: z.boolean(),
  category: z.enum([
    'identity', 'family', 'work', 'home', 'health', 'food', 'culture', 'leisure',
    'possessions', 'pets', 'travel', 'contact', 'education', 'finance', 'dates', 'habits',
  ]),
  value: z.enum([
    'person', 'place', 'date', 'year', 'number', 'text', 'thing',
    'animal-name', 'food', 'phone', 'email', 'language', 'organisation',
  ]),
  person: z.boolean(),
  decoys: z.array(text).min(10),
});
const formSchema = z.strictObject({
  family: z.string().regex(/^[a-z0-9-]+$/),
  split: z.enum(['train', 'probe']),
  use: z.enum(['direct', 'yes', 'no', 'reverse', 'former', 'since', 'embedded']),
  me: text,
  other: text,
});
type Form = z.infer<typeof formSchema>;

const { kinds } = z
  .strictObject({ schema: z.literal(1), kinds: z.array(kindSchema) })
  .parse(read('attribute-kinds.json'));
const { forms: general } = z
  .strictObject({ schema: z.literal(1), forms: z.array(formSchema) })
  .parse(read('question-templates/en/general-train.json'));
const { kinds: natural } = z
  .strictObject({ schema: z.literal(1), kinds: z.record(z.string(), z.array(formSchema)) })
  .parse(read('question-templates/en/natural-train.json'));

const slotsOf = (wording: string): string[] =>
  [...wording.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
const wordsOf = (wording: string): string[] =>
  wording.replaceAll(/\{[^}]*\}/g, ' ').toLowerCase().replaceAll(/['’]s\b/g, '').match(/[a-z]+/g) ?? [];
const maskOf = (wording: string): string => wording.toLowerCase().replaceAll(/[^a-z{}]+/g, ' ').trim();
const repeatsIn = (items: readonly string[]): string[] =>
  items.filter((item, index) => items.indexOf(item) !== index);
const countOf = (forms: readonly Form[], split: Form['split']): number =>
  forms.filter((form) => form.split === split).length;

/** Words in a name of a kind that say nothing about which kind it is. */
const connectives = new Set('of at in a an the up to on from my and own'.split(' '));

describe('the kinds of attributes', () => {
  it('are at least sixty, each with its own id', () => {
    expect(kinds.length).toBeGreaterThanOrEqual(60);
    expect(repeatsIn(kinds.map((kind) => kind.id))).toEqual([]);
  });

  it('share no label, plural, alias or spelling', () => {
    const names = kinds.flatMap((kind) => [
      ...new Set([kind.label, kind.plural, ...kind.aliases, ...kind.spellings]),
    ]);
    expect(repeatsIn(names.map((name) => name.toLowerCase()))).toEqual([]);
  });

  it('repeat no decoy and mark exactly the kinds of people as private persons', () => {
    for (const kind of kinds) {
      expect(repeatsIn(kind.decoys), kind.id).toEqual([]);
      expect(kind.person, kind.id).toBe(kind.value === 'person' && kind.id !== 'favourite-author');
    }
  });
});

describe('the general forms for training', () => {
  it('offer at least 16 to train on and 4 to probe with, direct, confirming and reversed ones among them', () => {
    expect(countOf(general, 'train')).toBeGreaterThanOrEqual(16);
    expect(countOf(general, 'probe')).toBeGreaterThanOrEqual(4);
    for (const use of formSchema.shape.use.options) {
      expect(countOf(general.filter((form) => form.use === use), 'train'), use).toBeGreaterThan(0);
    }
  });

  it('use only the slots that their use can fill', () => {
    const value: Partial<Record<Form['use'], string>> = { yes: 'value', no: 'decoy', reverse: 'value' };
    for (const form of general) {
      const asked = form.use === 'reverse' ? [] : ['label'];
      const allowed = ['is', 'was', ...asked, ...(value[form.use] === undefined ? [] : [value[form.use]])];
      const needed = allowed.filter((slot) => slot !== 'is' && slot !== 'was');
      const owner = slotsOf(form.me);
      const others = slotsOf(form.other);
      expect(owner.filter((slot) => !allowed.includes(slot)), form.family).toEqual([]);
      expect(owner, form.family).toEqual(expect.arrayContaining(needed));
      expect(others, form.family).toEqual(expect.arrayContaining(needed));
      const subjects = others.filter((slot) => slot === 'subject' || slot === "subject's");
      expect(subjects.length, form.family).toBe(1);
      expect(others.filter((slot) => slot !== 'subject' && slot !== "subject's" && !allowed.includes(slot)), form.family).toEqual([]);
    }
  });

  it('word every "no" exactly like a "yes", so that only the value decides', () => {
    const masked = (use: Form['use']): string[] =>
      general
        .filter((form) => form.use === use)
        .map((form) => `${form.split} ${form.me} ${form.other}`.replaceAll('{decoy}', '{value}'))
        .sort();
    expect(masked('no')).toEqual(masked('yes'));
  });
});

describe('the natural wordings for training', () => {
  it('cover every kind with at least 4 to train on and 1 to probe with', () => {
    expect(Object.keys(natural).sort()).toEqual(kinds.map((kind) => kind.id).sort());
    for (const [id, forms] of Object.entries(natural)) {
      expect(countOf(forms, 'train'), id).toBeGreaterThanOrEqual(4);
      expect(countOf(forms, 'probe'), id).toBeGreaterThanOrEqual(1);
      expect(forms.every((form) => form.use === 'direct'), id).toBe(true);
    }
  });

  it('never hold a word of the label, the plural or an alias', () => {
    for (const kind of kinds) {
      const names = wordsOf([kind.label, kind.plural, ...kind.aliases].join(' '));
      const forbidden = new Set(names.filter((word) => !connectives.has(word)));
      for (const form of natural[kind.id] ?? []) {
        const found = [...wordsOf(form.me), ...wordsOf(form.other)].filter((word) => forbidden.has(word));
        expect(found, `${form.family}: ${form.me}`).toEqual([]);
      }
    }
  });

  it('name the subject once and nothing else by slot', () => {
    for (const form of Object.values(natural).flat()) {
      expect(slotsOf(form.me), form.family).toEqual([]);
      const slots = slotsOf(form.other);
      expect(slots.length, form.family).toBe(1);
      expect(['subject', "subject's"], form.family).toContain(slots[0]);
    }
  });
});

describe('all forms for training together', () => {
  const all = [...general, ...Object.values(natural).flat()];

  it('have families and wordings of their own', () => {
    expect(repeatsIn(all.map((form) => form.family))).toEqual([]);
    expect(repeatsIn(all.map((form) => maskOf(form.me)))).toEqual([]);
    expect(repeatsIn(all.map((form) => maskOf(form.other)))).toEqual([]);
  });

  it('are short', () => {
    const long = all.filter((form) => form.me.split(' ').length > 14 || form.other.split(' ').length > 16);
    expect(long.map((form) => form.family)).toEqual([]);
  });
});
