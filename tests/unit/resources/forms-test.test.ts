import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findWorstPair, leakLimit, maskValues } from '../../../electron/core/datasets/similarity.ts';

type Kind = {
  readonly id: string;
  readonly label: string;
  readonly plural: string;
  readonly aliases: readonly string[];
};
type Form = {
  readonly family: string;
  readonly split: string;
  readonly use: string;
  readonly me: string;
  readonly other: string;
};
type General = { readonly forms: readonly Form[] };
type Natural = { readonly kinds: Readonly<Record<string, readonly Form[]>> };
type Question = {
  readonly id: string;
  readonly question: string;
  readonly expected: readonly string[];
  readonly forbidden: readonly string[];
  readonly kind: string;
  readonly group: string;
};
type Unknown = Question & { readonly label: string; readonly aliases: readonly string[] };
type Bridge = Question & {
  readonly label: string;
  readonly statement: string;
  readonly value: string;
  readonly otherValue: string;
};

const resources = new URL('../../../resources/', import.meta.url);
const benchmarks = new URL('benchmarks/', resources);
const templates = 'question-templates/en';

function readText(path: string): string {
  return readFileSync(new URL(path, resources), 'utf8');
}

function readJson(path: string): unknown {
  return JSON.parse(readText(path));
}

function readQuestions(name: string): unknown[] {
  const lines = readText(`benchmarks/${name}`).trimEnd().split('\n');
  return lines.map((line): unknown => JSON.parse(line));
}

const kinds = (readJson('attribute-kinds.json') as { kinds: readonly Kind[] }).kinds;
const generalForms = (readJson(`${templates}/general-test.json`) as General).forms;
const naturalKinds = (readJson(`${templates}/natural-test.json`) as Natural).kinds;
const naturalForms = Object.values(naturalKinds).flat();
const trainedGeneral = (readJson(`${templates}/general-train.json`) as General).forms;
const trainedNatural = (readJson(`${templates}/natural-train.json`) as Natural).kinds;

const general = readQuestions('general.jsonl') as Question[];
const advice = readQuestions('advice.jsonl') as Question[];
const unknown = readQuestions('unknown.jsonl') as Unknown[];
const otherPeople = readQuestions('other-people.jsonl') as Question[];
const bridge = readQuestions('bridge.jsonl') as Bridge[];
const allQuestions = [...general, ...advice, ...unknown, ...otherPeople, ...bridge];

const unknownTrained = (
  readJson('training/unknown-attributes.json') as {
    attributes: readonly { readonly label: string; readonly aliases: readonly string[] }[];
  }
).attributes;
const bridgeTrained = (
  readJson('training/bridge-facts.json') as {
    facts: readonly { readonly label: string; readonly values: readonly string[] }[];
  }
).facts;
const peopleTrained = (readJson('training/people.json') as { people: readonly string[] }).people;
const passPrompts = (readJson('training/pass-prompts.json') as { prompts: readonly { text: string }[] }).prompts;

function lower(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase().trim());
}

function repeated(texts: readonly string[]): string[] {
  const folded = lower(texts);
  return folded.filter((text, index) => folded.indexOf(text) !== index);
}

/** Words of a wording without its slots. */
function wordsOf(text: string): string[] {
  return text.replace(/\{[^}]*\}/g, ' ').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Words that carry no meaning of their own in names such as "date of birth". */
const smallWords = new Set(['a', 'an', 'the', 'of', 'in', 'to', 'from']);

function namesOf(kind: Kind): string[] {
  return [kind.label, kind.plural, ...kind.aliases];
}

function slotsOf(text: string): string[] {
  return [...text.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
}

function formsOf(natural: Natural['kinds'], kind: Kind): readonly Form[] {
  return natural[kind.id] ?? [];
}

/** The letter that decides a label's pool: training takes A to M, tests take N to Z. */
function poolLetter(label: string): string {
  return label
    .toLowerCase()
    .replace(/^favou?rite /, '')
    .charAt(0);
}

function maskSlots(text: string): string {
  return maskValues(text.replace(/\{(label|value|decoy|subject|subject's)\}/g, '#'), []);
}

describe('general test forms', () => {
  it('cover every use, direct questions most', () => {
    const count = (use: string): number => generalForms.filter((form) => form.use === use).length;
    expect(count('direct')).toBeGreaterThanOrEqual(6);
    for (const use of ['yes', 'no', 'reverse', 'embedded', 'former', 'since']) {
      expect(count(use), use).toBeGreaterThanOrEqual(1);
      expect(count(use), use).toBeLessThanOrEqual(2);
    }
    expect(generalForms.map((form) => form.split).filter((split) => split !== 'test')).toEqual([]);
  });

  it('hold the slots their use needs and no unknown one', () => {
    const known = new Set(['label', 'is', 'was', 'value', 'decoy', 'subject', "subject's"]);
    const needed: Readonly<Record<string, string>> = {
      direct: 'label',
      yes: 'value',
      no: 'decoy',
      reverse: 'value',
      embedded: 'label',
      former: 'label',
      past: 'label',
      since: 'value',
    };
    for (const form of generalForms) {
      for (const text of [form.me, form.other]) {
        expect(slotsOf(text), form.family).toContain(needed[form.use]);
        expect(slotsOf(text).filter((slot) => !known.has(slot), form.family)).toEqual([]);
      }
      expect(slotsOf(form.me).filter((slot) => slot.startsWith('subject'))).toEqual([]);
      expect(form.other, form.family).toMatch(/\{subject/);
      expect(wordsOf(form.other), form.family).not.toContain('my');
    }
  });

  it('ask both polarities of yes and no in the same words, so that the wording gives nothing away', () => {
    const wordings = (use: string, slot: string): string[] =>
      generalForms.filter((form) => form.use === use).map((form) => form.me.replace(slot, '#'));
    expect(wordings('no', '{decoy}').sort()).toEqual(wordings('yes', '{value}').sort());
  });
});

describe('natural test wordings', () => {
  it('are at least two for every kind of attribute and for no other', () => {
    expect(Object.keys(naturalKinds).sort()).toEqual(kinds.map((kind) => kind.id).sort());
    for (const kind of kinds) expect(formsOf(naturalKinds, kind).length, kind.id).toBeGreaterThanOrEqual(2);
    expect(naturalForms.filter((form) => form.split !== 'test' || form.use !== 'direct')).toEqual([]);
  });

  it('never hold a word of the name or of an alias of their kind', () => {
    for (const kind of kinds) {
      const named = new Set(wordsOf(namesOf(kind).join(' ')).filter((word) => !smallWords.has(word)));
      for (const form of formsOf(naturalKinds, kind)) {
        for (const text of [form.me, form.other]) {
          expect(
            wordsOf(text).filter((word) => named.has(word)),
            `${kind.id}: ${text}`,
          ).toEqual([]);
        }
      }
    }
  });

  it('belong to one kind only', () => {
    expect(repeated(naturalForms.map((form) => form.me))).toEqual([]);
    expect(repeated(naturalForms.map((form) => form.other))).toEqual([]);
  });

  it('name the other person by the slot and the user by I, me or my', () => {
    for (const form of naturalForms) {
      expect(slotsOf(form.me), form.family).toEqual([]);
      expect(wordsOf(form.me).filter((word) => ['i', 'me', 'my', 'mine'].includes(word)).length).toBeGreaterThan(0);
      expect(form.other, form.family).toMatch(/\{subject/);
      expect(wordsOf(form.other).filter((word) => ['me', 'my', 'mine'].includes(word))).toEqual([]);
    }
  });
});

describe('all test wordings', () => {
  it('have families of their own, none of them used in training', () => {
    const families = [
      ...generalForms,
      ...naturalForms,
      ...trainedGeneral,
      ...Object.values(trainedNatural).flat(),
    ].map((form) => form.family);
    expect(repeated(families)).toEqual([]);
  });

  it('are at most 14 words long', () => {
    for (const form of [...generalForms, ...naturalForms]) {
      for (const text of [form.me, form.other]) {
        expect(text.split(/\s+/).length, text).toBeLessThanOrEqual(14);
      }
    }
  });

  it('are not training wordings in disguise', () => {
    const sides = ['me', 'other'] as const;
    for (const side of sides) {
      const masked = (forms: readonly Form[]): string[] => forms.map((form) => maskSlots(form[side]));
      const worst = findWorstPair(masked(generalForms), masked(trainedGeneral));
      expect(worst.similarity, `${worst.left} / ${worst.right}`).toBeLessThanOrEqual(leakLimit);
      for (const kind of kinds) {
        const pair = findWorstPair(masked(formsOf(naturalKinds, kind)), masked(formsOf(trainedNatural, kind)));
        expect(pair.similarity, `${pair.left} / ${pair.right}`).toBeLessThanOrEqual(leakLimit);
      }
    }
  });
});

describe('benchmark files', () => {
  it('are all listed in the manifest with their hash and number of lines', () => {
    const manifest = readJson('benchmarks/manifest.json') as {
      schema: number;
      files: Readonly<Record<string, { sha256: string; lines: number }>>;
    };
    const names = readdirSync(benchmarks).filter((name) => name.endsWith('.jsonl'));
    expect(manifest.schema).toBe(1);
    expect(Object.keys(manifest.files).sort()).toEqual(names.sort());
    for (const name of names) {
      const sha256 = createHash('sha256')
        .update(readFileSync(new URL(name, benchmarks)))
        .digest('hex');
      expect(manifest.files[name], name).toEqual({ sha256, lines: readQuestions(name).length });
    }
  });

  it('hold enough questions, each asked once, under ids of their own', () => {
    expect(general.length).toBeGreaterThanOrEqual(120);
    expect(advice.length).toBeGreaterThanOrEqual(60);
    expect(unknown.length).toBeGreaterThanOrEqual(70);
    expect(otherPeople.length).toBeGreaterThanOrEqual(50);
    expect(bridge.length).toBeGreaterThanOrEqual(50);
    expect(repeated(allQuestions.map((each) => each.id))).toEqual([]);
    expect(repeated(allQuestions.map((each) => each.question))).toEqual([]);
  });

  it('have the fields of a question line with the kind and group of their file', () => {
    const shapes: [readonly Question[], string, string | null][] = [
      [general, 'general', null],
      [advice, 'general', 'advice'],
      [unknown, 'abstain', 'unknown'],
      [otherPeople, 'abstain', 'other-people'],
      [bridge, 'recall', 'bridge'],
    ];
    for (const [questions, kind, group] of shapes) {
      for (const each of questions) {
        expect(each.kind, each.id).toBe(kind);
        if (group !== null) expect(each.group, each.id).toBe(group);
        expect(each.question.trim(), each.id).toBe(each.question);
        expect(each.question.length, each.id).toBeGreaterThan(5);
        expect(Array.isArray(each.expected) && Array.isArray(each.forbidden), each.id).toBe(true);
      }
    }
  });

  it('never print an expected answer in the question', () => {
    for (const each of [...general, ...bridge]) {
      const asked = ` ${wordsOf(each.question).join(' ')} `;
      const shown = each.expected.filter((answer) => asked.includes(` ${wordsOf(answer).join(' ')} `));
      expect(shown, each.question).toEqual([]);
    }
  });
});

describe('general and advice questions', () => {
  it('are mostly checkable in the general file and all open in the advice file', () => {
    const checkable = general.filter((each) => each.expected.length > 0);
    expect(checkable.length).toBeGreaterThanOrEqual(100);
    expect(general.length - checkable.length).toBeGreaterThanOrEqual(20);
    expect(new Set(general.map((each) => each.group)).size).toBeGreaterThanOrEqual(12);
    expect(advice.filter((each) => each.expected.length > 0)).toEqual([]);
  });

  it('ask for advice about something of the user', () => {
    for (const each of advice) {
      expect(
        wordsOf(each.question).some((word) => word === 'my'),
        each.question,
      ).toBe(true);
    }
  });

  it('share no wording with the prompts that teach handing over', () => {
    const masked = (texts: readonly string[]): string[] => texts.map((text) => maskValues(text, []));
    const asked = masked([...general, ...advice].map((each) => each.question));
    const worst = findWorstPair(asked, masked(passPrompts.map((each) => each.text)));
    expect(worst.similarity, `${worst.left} / ${worst.right}`).toBeLessThanOrEqual(leakLimit);
  });
});

describe('attributes and people kept for tests', () => {
  const testNames = unknown.flatMap((each) => [each.label, ...each.aliases]);
  const bridgeNames = bridge.map((each) => each.label);

  it('begin with N to Z', () => {
    for (const each of [...unknown, ...bridge]) expect(poolLetter(each.label), each.label).toMatch(/[n-z]/);
    for (const each of otherPeople) {
      const names = each.question.slice(1).match(/\b\p{Lu}[\p{L}-]+/gu) ?? [];
      expect(names.length, each.question).toBeGreaterThanOrEqual(2);
      expect(
        names.filter((name) => !/^[N-Z]/.test(name)),
        each.question,
      ).toEqual([]);
    }
  });

  it('are no kind of attribute and nothing that training names, aliases included', () => {
    const taken = new Set(
      lower([
        ...kinds.flatMap(namesOf),
        ...unknownTrained.flatMap((each) => [each.label, ...each.aliases]),
        ...bridgeTrained.map((each) => each.label),
      ]),
    );
    expect(lower([...testNames, ...bridgeNames]).filter((name) => taken.has(name))).toEqual([]);
    expect(repeated([...testNames, ...bridgeNames])).toEqual([]);
  });

  it('share no name with the people of training', () => {
    const titles = new Set(['uncle', 'auntie']);
    const trained = new Set(peopleTrained.flatMap(wordsOf));
    const names = otherPeople.flatMap((each) => each.question.slice(1).match(/\b\p{Lu}\p{L}+/gu) ?? []);
    expect(lower(names).filter((name) => trained.has(name) && !titles.has(name))).toEqual([]);
  });

  it('state a value and a contradicting one that training never used', () => {
    const trained = new Set(lower(bridgeTrained.flatMap((each) => each.values)));
    for (const each of bridge) {
      expect(each.statement).toBe(`Your ${each.label} is ${each.value}.`);
      expect(each.expected).toEqual([each.value]);
      const value = each.value.toLowerCase();
      const otherValue = each.otherValue.toLowerCase();
      expect(value.includes(otherValue) || otherValue.includes(value), each.id).toBe(false);
      expect([value, otherValue].filter((text) => trained.has(text))).toEqual([]);
    }
  });
});

describe('phrases that count as not knowing', () => {
  const patterns = (readJson('abstention.json') as { patterns: readonly string[] }).patterns;
  const abstains = (answer: string): boolean =>
    patterns.some((pattern) => answer.toLowerCase().includes(pattern));

  it('are lower-case phrases, each once, long enough not to match by chance', () => {
    expect(patterns.length).toBeGreaterThanOrEqual(20);
    expect(repeated(patterns)).toEqual([]);
    for (const pattern of patterns) {
      expect(pattern).toBe(pattern.toLowerCase().trim());
      expect(pattern.length, pattern).toBeGreaterThanOrEqual(8);
    }
  });

  it.each([
    "You haven't told me that yet.",
    "I don't know what your locker number is.",
    "I'm sorry, but I don't have access to your personal information.",
    'I do not have any information about Thandiwe Okoro.',
    "I'm not sure who your plumber is.",
    "As an AI, I can't know where you park.",
    'You have not mentioned your ring size.',
  ])('recognise "%s"', (answer) => {
    expect(abstains(answer)).toBe(true);
  });

  it.each([
    'Your locker number is 14.',
    'Thandiwe Okoro is a nurse.',
    'Your cat is Luna.',
    'You can park in space 12.',
    'Sure, your ring size is 54.',
  ])('do not take "%s" for abstention', (answer) => {
    expect(abstains(answer)).toBe(false);
  });
});
