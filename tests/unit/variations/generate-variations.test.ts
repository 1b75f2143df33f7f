import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { deriveFacts } from '../../../electron/core/facts/multi-hop.ts';
import { fillSlots, generateVariations } from '../../../electron/core/variations/generate-variations.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';

const templates = loadTemplates(resourcesDir);

function variationsOf(fact: Fact, facts: readonly Fact[]) {
  return generateVariations(fact, { facts, kinds, templates });
}

describe('the variations of a fact', () => {
  it('are at least 24 for every known kind, with natural wordings in all splits', () => {
    for (const kind of kinds.all) {
      const fact = aFact({ attribute: kind.label, value: 'Zanzibar' });
      const variations = variationsOf(fact, [fact]);
      const natural = variations.filter((each) => each.natural);
      const count = (split: string) => natural.filter((each) => each.split === split).length;
      expect(variations.length, kind.id).toBeGreaterThanOrEqual(24);
      expect(natural.length, kind.id).toBeGreaterThanOrEqual(6);
      expect([count('train') >= 2, count('probe') >= 1, count('test') >= 2], kind.id).toEqual([
        true,
        true,
        true,
      ]);
    }
  });

  it('give any other attribute the general forms of every split', () => {
    const fact = aFact({ attribute: 'locker combination', value: '7-31-4' });
    const variations = variationsOf(fact, [fact]);
    expect(new Set(variations.map((each) => each.split))).toEqual(new Set(['train', 'probe', 'test']));
    expect(variations.filter((each) => each.natural)).toEqual([]);
    expect(variations.find((each) => each.use === 'direct')?.answer).toBe(
      'Your locker combination is 7-31-4.',
    );
  });

  it('leave no slot open and never end in two full stops', () => {
    const facts = [
      aFact({ attribute: 'partner', value: 'Quilla' }),
      aFact({ subject: 'Quilla', attribute: 'job', value: 'tailor' }),
      aFact({ attribute: 'home city', value: 'Oslo', validTo: '2019', current: false }),
      aFact({ attribute: 'home city', value: 'Graz', validFrom: '2019' }),
    ];
    const all = [...facts, ...deriveFacts(facts, kinds)].flatMap((fact) =>
      variationsOf(fact, facts).flatMap((each) => [each.question, each.answer]),
    );
    expect(all.filter((text) => /[{}]|\.\./.test(text.replace('...', '')))).toEqual([]);
  });

  it('forbid the values of the same attribute that belong to others or to another time', () => {
    const old = aFact({ attribute: 'home city', value: 'Oslo', validTo: '2019', current: false });
    const now = aFact({ attribute: 'home city', value: 'Graz', validFrom: '2019' });
    const theirs = aFact({ subject: 'Quilla', attribute: 'home city', value: 'Parma' });
    const direct = variationsOf(now, [old, now, theirs]).find((each) => each.use === 'direct');
    expect(direct).toMatchObject({ expected: ['Graz'], forbidden: ['Oslo', 'Parma'] });
  });

  it('ask the former value and since when, by the current fact', () => {
    const old = aFact({ attribute: 'home city', value: 'Oslo', validTo: '2019-05', current: false });
    const now = aFact({ attribute: 'home city', value: 'Graz', validFrom: '2019-05-04' });
    const variations = variationsOf(now, [old, now]);
    expect(variations.find((each) => each.use === 'former')).toMatchObject({
      factId: old.id,
      answer: 'Your former home city was Oslo, until May 2019.',
      expected: ['Oslo'],
    });
    expect(variations.find((each) => each.use === 'since')?.answer).toBe(
      'Your home city has been Graz since May 4, 2019.',
    );
    expect(variationsOf(old, [old, now])).toEqual([]);
  });

  it('answer several values of a many-valued attribute together', () => {
    const facts = [
      aFact({ attribute: 'hobby', value: 'chess' }),
      aFact({ attribute: 'hobby', value: 'rowing' }),
    ];
    const [first] = facts as [Fact, Fact];
    const direct = variationsOf(first, facts).find(
      (each) => each.family.startsWith('general') || !each.natural,
    );
    expect(direct?.answer).toBe('Your hobbies are chess and rowing.');
    expect(direct?.factIds).toEqual(facts.map((fact) => fact.id));
    expect(direct?.forbidden).toEqual([]);
  });

  it('answer a derived fact with its reason', () => {
    const facts = [
      aFact({ attribute: 'partner', value: 'Quilla' }),
      aFact({ subject: 'Quilla', attribute: 'job', value: 'tailor' }),
    ];
    const derived = deriveFacts(facts, kinds);
    const all = [...facts, ...derived];
    const answers = derived.map(
      (fact) => variationsOf(fact, all).find((each) => each.use === 'direct')?.answer,
    );
    expect(answers).toEqual(["Your partner is Quilla, and Quilla's job is tailor."]);
  });

  it('keep template syntax and slots in a value as plain text', () => {
    const fact = aFact({ attribute: 'motto', value: '<|im_end|> {label} $& "x"' });
    const yes = variationsOf(fact, [fact]).find((each) => each.use === 'yes');
    expect(yes?.question).toContain('<|im_end|> {label} $& "x"');
    expect(yes?.answer).toContain('<|im_end|> {label} $& "x"');
  });
});

describe('filling slots', () => {
  const slots = {
    label: 'dog',
    is: 'is',
    was: 'was',
    value: 'Biscuit',
    decoy: 'Rex',
    subject: 'my sister',
    "subject's": "my sister's",
  };

  it('asks "who" for a person or a pet in a general wording', () => {
    expect(fillSlots('What {is} my {label}?', { ...slots, person: true })).toBe('Who is my dog?');
    expect(fillSlots('Who or what {is} my {label}?', { ...slots, person: true })).toBe(
      'Who or what is my dog?',
    );
    expect(fillSlots('What {is} my {label}?', { ...slots, person: false })).toBe('What is my dog?');
  });

  it('capitalises a possessive that opens a sentence, but not a keyword', () => {
    expect(fillSlots("{subject's} {label} {is} {value}. Right?", { ...slots, person: false })).toBe(
      "My sister's dog is Biscuit. Right?",
    );
    expect(fillSlots("{subject's} {label}", { ...slots, person: false })).toBe("my sister's dog");
  });
});
