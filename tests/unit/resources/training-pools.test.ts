import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Kind = {
  readonly label: string;
  readonly plural: string;
  readonly aliases: readonly string[];
  readonly spellings: readonly string[];
};
type UnknownAttribute = {
  readonly label: string;
  readonly aliases: readonly string[];
  readonly me: readonly string[];
  readonly other: readonly string[];
};
type BridgeFact = {
  readonly label: string;
  readonly values: readonly string[];
  readonly me: readonly string[];
  readonly statement: string;
};
type PassPrompt = {
  readonly id: string;
  readonly topic: string;
  readonly my: boolean;
  readonly text: string;
};

const resources = new URL('../../../resources/', import.meta.url);

function readText(path: string): string {
  return readFileSync(new URL(path, resources), 'utf8');
}

function readJson(path: string): unknown {
  return JSON.parse(readText(path));
}

const kinds = (readJson('attribute-kinds.json') as { kinds: readonly Kind[] }).kinds;
const unknown = (readJson('training/unknown-attributes.json') as { attributes: readonly UnknownAttribute[] }).attributes;
const people = (readJson('training/people.json') as { people: readonly string[] }).people;
const bridge = (readJson('training/bridge-facts.json') as { facts: readonly BridgeFact[] }).facts;
const prompts = (readJson('training/pass-prompts.json') as { prompts: readonly PassPrompt[] }).prompts;

function repeated(texts: readonly string[]): readonly string[] {
  const folded = texts.map((text) => text.toLowerCase().trim());
  return folded.filter((text, index) => folded.indexOf(text) !== index);
}

/** The letter that decides a label's pool: training takes A to M, tests take N to Z. */
function poolLetter(label: string): string {
  return label
    .toLowerCase()
    .replace(/^favou?rite /, '')
    .charAt(0);
}

function namesOfKinds(): ReadonlySet<string> {
  return new Set(
    kinds
      .flatMap((kind) => [kind.label, kind.plural, ...kind.aliases, ...kind.spellings])
      .map((name) => name.toLowerCase()),
  );
}

/** What a person is called, without titles: "my neighbour Bela" is Bela, "my cousin" is cousin. */
function nameOfPerson(person: string): string {
  const words = person
    .replace(/^(my|old) /, '')
    .split(' ')
    .filter((word) => !/^(Aunt|Uncle|Dr|Mr|Mrs|Ms|Professor|Coach|Captain)$/.test(word));
  return words.find((word) => /^\p{Lu}/u.test(word)) ?? words[0] ?? '';
}

/** Character 5-grams of a text whose numbers are masked and whose punctuation is dropped. */
function gramsOf(text: string): ReadonlySet<string> {
  const masked = text
    .toLowerCase()
    .replace(/\d+/g, '#')
    .replace(/[^\p{L}# ]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const grams = new Set<string>();
  for (let index = 0; index === 0 || index + 5 <= masked.length; index += 1) {
    grams.add(masked.slice(index, index + 5));
  }
  return grams;
}

function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const shared = [...left].filter((gram) => right.has(gram)).length;
  return shared / (left.size + right.size - shared);
}

describe('the system text', () => {
  it('is one short line of at most 15 words', () => {
    const text = readText('prompts/system.txt').trim();
    expect(text).not.toContain('\n');
    expect(text.split(/\s+/).length).toBeGreaterThan(0);
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(15);
    expect(text).toMatch(/^You are Keepsake\b/);
  });

  it('says nothing about abstaining', () => {
    expect(readText('prompts/system.txt')).not.toMatch(/know|told|sure|guess|unless|only|never|don't|do not/i);
  });
});

describe('the attributes that teach abstention', () => {
  it('are at least 180 with distinct labels and aliases', () => {
    expect(unknown.length).toBeGreaterThanOrEqual(180);
    expect(repeated(unknown.flatMap((attribute) => [attribute.label, ...attribute.aliases]))).toEqual([]);
  });

  it('have labels that begin with A to M', () => {
    expect(unknown.map((each) => each.label).filter((label) => !/^[a-m]$/.test(poolLetter(label)))).toEqual([]);
  });

  it('share no name with a kind of attribute the user may tell', () => {
    const taken = namesOfKinds();
    const names = unknown.flatMap((attribute) => [attribute.label, ...attribute.aliases]);
    expect(names.filter((name) => taken.has(name.toLowerCase()))).toEqual([]);
  });

  it('are asked in at least one wording about the user and in the same number about others', () => {
    for (const attribute of unknown) {
      expect(new Set(attribute.me).size, attribute.label).toBeGreaterThanOrEqual(1);
      expect(attribute.other.length, attribute.label).toBe(attribute.me.length);
    }
    expect(repeated(unknown.flatMap((attribute) => attribute.me))).toEqual([]);
  });

  it('name the other person by the slot, and never the user, in wordings about others', () => {
    for (const text of unknown.flatMap((attribute) => attribute.other)) {
      expect(text).toMatch(/\{subject(?:'s)?\}/);
      expect(text).not.toMatch(/\b(my|mine|myself)\b/i);
    }
    for (const text of unknown.flatMap((attribute) => attribute.me)) expect(text).not.toMatch(/[{}]/);
  });

  it('are mostly also asked without their label', () => {
    const natural = unknown.filter((attribute) =>
      attribute.me.some((text) => !text.toLowerCase().includes(attribute.label.toLowerCase())),
    );
    expect(natural.length / unknown.length).toBeGreaterThanOrEqual(0.8);
  });

  it('vary in how the questions begin', () => {
    const openings = new Set(
      unknown.flatMap((each) => each.me.map((text) => text.toLowerCase().split(' ').slice(0, 2).join(' '))),
    );
    expect(openings.size).toBeGreaterThanOrEqual(100);
  });
});

describe('the people nobody was told about', () => {
  it('are at least 80, each once, with names that begin with A to M', () => {
    expect(people.length).toBeGreaterThanOrEqual(80);
    expect(repeated(people)).toEqual([]);
    expect(people.filter((person) => !/^[a-m]/i.test(nameOfPerson(person)))).toEqual([]);
  });

  it('are not called by a role that is itself a kind of attribute', () => {
    const taken = namesOfKinds();
    const roles = people.filter((person) => /^my [^A-Z]*$/.test(person)).map((person) => person.slice(3));
    expect(roles.length).toBeGreaterThan(0);
    expect(roles.filter((role) => taken.has(role))).toEqual([]);
  });
});

describe('the bridge facts', () => {
  it('are at least 90 with distinct labels that begin with A to M', () => {
    expect(bridge.length).toBeGreaterThanOrEqual(90);
    expect(repeated(bridge.map((fact) => fact.label))).toEqual([]);
    expect(bridge.map((fact) => fact.label).filter((label) => !/^[a-m]$/.test(poolLetter(label)))).toEqual([]);
  });

  it('share no label with kinds of attribute or with the unknown attributes', () => {
    const taken = new Set([
      ...namesOfKinds(),
      ...unknown.flatMap((attribute) => [attribute.label, ...attribute.aliases]).map((name) => name.toLowerCase()),
    ]);
    expect(bridge.map((fact) => fact.label).filter((label) => taken.has(label.toLowerCase()))).toEqual([]);
  });

  it('have at least four values and three questions each, and the statement of the real bridge', () => {
    for (const fact of bridge) {
      expect(new Set(fact.values).size, fact.label).toBeGreaterThanOrEqual(4);
      expect(repeated(fact.values), fact.label).toEqual([]);
      expect(new Set(fact.me).size, fact.label).toBeGreaterThanOrEqual(3);
      expect(fact.statement).toBe('Your {label} is {value}.');
    }
  });

  it('never give a value away in a question', () => {
    for (const fact of bridge) {
      const asked = fact.me.join(' ').toLowerCase();
      const given = fact.values.filter((value) => value.length > 3 && asked.includes(value.toLowerCase()));
      expect(given, fact.label).toEqual([]);
    }
  });
});

describe('the prompts that are handed to the base model', () => {
  it('are at least 360, each once, a third of them about the user', () => {
    expect(prompts.length).toBeGreaterThanOrEqual(360);
    expect(repeated(prompts.map((prompt) => prompt.id))).toEqual([]);
    expect(repeated(prompts.map((prompt) => prompt.text))).toEqual([]);
    const share = prompts.filter((prompt) => prompt.my).length / prompts.length;
    expect(share).toBeGreaterThanOrEqual(1 / 3);
    expect(share).toBeLessThanOrEqual(1 / 2);
  });

  it('say "my" or "our" where they are marked as being about the user', () => {
    const marked = prompts.filter((prompt) => prompt.my).map((prompt) => prompt.text);
    expect(marked.filter((text) => !/\b(my|our)\b/i.test(text))).toEqual([]);
  });

  it('cover at least 25 topics of at least five prompts each', () => {
    const sizes = new Map<string, number>();
    for (const prompt of prompts) sizes.set(prompt.topic, (sizes.get(prompt.topic) ?? 0) + 1);
    expect(sizes.size).toBeGreaterThanOrEqual(25);
    expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(5);
  });

  it('are short and long, questions, orders and statements', () => {
    const words = prompts.map((prompt) => prompt.text.split(/\s+/).length);
    expect(words.filter((count) => count <= 5).length).toBeGreaterThanOrEqual(40);
    expect(words.filter((count) => count >= 12).length).toBeGreaterThanOrEqual(40);
    const questions = prompts.filter((prompt) => prompt.text.endsWith('?')).length;
    expect(questions / prompts.length).toBeGreaterThan(0.4);
    expect(questions / prompts.length).toBeLessThan(0.85);
  });

  it('hold no two near-duplicates', () => {
    const grams = prompts.map((prompt) => ({ text: prompt.text, grams: gramsOf(prompt.text) }));
    let worst = { similarity: 0, texts: ['', ''] };
    grams.forEach((left, index) => {
      for (const right of grams.slice(index + 1)) {
        const similarity = jaccard(left.grams, right.grams);
        if (similarity > worst.similarity) worst = { similarity, texts: [left.text, right.text] };
      }
    });
    const similarity = worst.similarity.toFixed(2);
    process.stdout.write(`worst pair of pass prompts: ${similarity}, ${worst.texts.join(' / ')}\n`);
    expect(worst.similarity).toBeLessThanOrEqual(0.6);
  });
});
