import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { deriveFacts } from '../../../electron/core/facts/multi-hop.ts';
import { bridgeBudget, chooseBridged, needingPrompt } from '../../../electron/core/ledger/bridge.ts';
import { bridgeBlock } from '../../../electron/core/models/prompt.ts';
import { aFact, kinds } from '../../helpers/a-fact.ts';

/** A token for each word, line breaks aside. */
const countTokens = (text: string): number => text.split(/\s+/u).filter(Boolean).length;

function choose(facts: readonly Fact[], part: Partial<Parameters<typeof chooseBridged>[0]> = {}) {
  return chooseBridged({
    facts,
    provedIds: new Set(),
    question: 'Who am I?',
    budgetTokens: 1000,
    countTokens,
    kinds,
    ...part,
  });
}

const city = aFact({ id: 'city', attribute: 'city', value: 'Porto' });
const cat = aFact({ id: 'cat', attribute: 'cat', value: 'Luna' });

describe('the budget', () => {
  it.each([
    [2048, 512],
    [6000, 1500],
    [32768, 1500],
    [1023, 255],
  ])('of a context of %i tokens is %i', (context, budget) => {
    expect(bridgeBudget(context)).toBe(budget);
  });
});

describe('which facts need the prompt', () => {
  it('are all current ones while nothing is proved, in their order', () => {
    const { statements, factIds, waiting } = choose([city, cat]);
    expect(factIds).toEqual(['city', 'cat']);
    expect(statements).toEqual([city.statement, cat.statement]);
    expect(waiting).toEqual([]);
  });

  it('leaves out what the active adapter has proved', () => {
    expect(choose([city, cat], { provedIds: new Set(['city']) }).factIds).toEqual(['cat']);
  });

  it('takes the new value of an edited fact and not the old one that was learnt', () => {
    const old = { ...city, current: false, validTo: '2026-01-01' };
    const next = aFact({ id: 'new-city', attribute: 'city', value: 'Lisbon', supersedes: 'city' });
    expect(choose([old, next], { provedIds: new Set(['city']) }).factIds).toEqual(['new-city']);
  });

  it('takes a former value only where it is dated', () => {
    const dated = aFact({ id: 'dated', attribute: 'job', value: 'nurse', current: false, validTo: '2020' });
    const undated = aFact({ id: 'undated', attribute: 'job', value: 'cook', current: false });
    const { factIds, statements } = choose([dated, undated]);
    expect(factIds).toEqual(['dated']);
    expect(statements[0]).toBe('Your former job was nurse (until 2020).');
  });

  it.each([
    ['Where do I live?', ['now', 'cat']],
    ['Where did I live before?', ['then', 'now', 'cat']],
    ['What did I name my cat?', ['now', 'cat']],
    ['', ['then', 'now', 'cat']],
  ])('takes a former value beside the present one only for the past: %s', (question, expected) => {
    const then = aFact({ id: 'then', attribute: 'city', value: 'Oslo', current: false, validTo: '2026' });
    const now = aFact({ id: 'now', attribute: 'city', value: 'Porto', supersedes: 'then' });
    expect(choose([then, now, cat], { question }).factIds).toEqual(expected);
    const known = choose([then, now, cat], { question, provedIds: new Set(['now']) });
    expect(known.factIds).toEqual(expected.filter((id) => id !== 'now'));
  });

  it('never takes the losing side of a conflict', () => {
    const lost = { ...city, current: false, validTo: '2025', conflictsWith: ['other'] };
    expect(choose([lost]).factIds).toEqual([]);
  });

  it('takes the winning side of a conflict', () => {
    expect(choose([{ ...city, conflictsWith: ['other'] }]).factIds).toEqual(['city']);
  });

  describe('with a derived fact', () => {
    const partner = aFact({ id: 'partner', attribute: 'partner', value: 'Jordan' });
    const job = aFact({ id: 'job', attribute: 'job', value: 'teacher', subject: 'Jordan' });
    const [derived] = deriveFacts([partner, job], kinds);
    if (derived === undefined) throw new Error('the two facts give a third');
    const all = [partner, job, derived];

    it('leaves it out while both parents ride', () => {
      expect(choose(all).factIds).toEqual(['partner', 'job']);
    });

    it.each(['partner', 'job'])('takes it where %s is proved and so does not ride', (proved) => {
      expect(needingPrompt(all, new Set([proved])).map((fact) => fact.id)).toContain(derived.id);
    });

    it('leaves it out where it is proved itself', () => {
      expect(choose(all, { provedIds: new Set(['partner', 'job', derived.id]) }).factIds).toEqual([]);
    });

    it('takes it where both parents are proved and it is not', () => {
      expect(choose(all, { provedIds: new Set(['partner', 'job']) }).statements).toEqual([
        "Your partner is Jordan, and Jordan's job is teacher.",
      ]);
    });
  });
});

describe('beyond the budget', () => {
  const facts = [
    aFact({ id: 'city', attribute: 'city', value: 'Porto', createdAt: 1 }),
    aFact({ id: 'cat', attribute: 'cat', value: 'Luna', createdAt: 2 }),
    aFact({ id: 'birthday', attribute: 'birthday', value: '3 March 1990', createdAt: 3 }),
    aFact({ id: 'shoe', attribute: 'shoe size', value: '42', createdAt: 4 }),
  ];
  // The heading (4 words) and one or two lines.
  const small = { budgetTokens: 11 };

  it('prefers the fact that the question is about and says which ones wait', () => {
    const { factIds, waiting } = choose(facts, { ...small, question: 'What is the name of my cat?' });
    expect(factIds).toEqual(['cat']);
    expect(waiting).toEqual(['city', 'birthday', 'shoe']);
  });

  it.each([
    ['Where is Porto?', 'city'],
    ['Which CITIES have I lived in?', 'city'],
    ['what is my date of birth', 'birthday'],
    ['Do you know what size of shoes I take?', 'shoe'],
    ['Who is LÚNA?', 'cat'],
  ])('finds the fact for %j', (question, id) => {
    expect(choose(facts, { ...small, question }).factIds).toContain(id);
  });

  it.each(['Good morning!', '', '???', '"city" NOT * (', '<|im_end|>'.repeat(3)])(
    'takes the newest where no word of %j fits',
    (question) => {
      const chosen = choose(facts.filter((fact) => fact.id !== 'city').reverse(), { ...small, question });
      expect(chosen.factIds).toEqual(['shoe']);
    },
  );

  it('keeps the order of the facts among those that ride', () => {
    const { factIds } = choose(facts, { budgetTokens: 16, question: 'shoe size and city' });
    expect(factIds).toEqual(['city', 'shoe']);
  });

  it('stays within the budget as the whole block is counted', () => {
    for (const budgetTokens of [0, 3, 9, 10, 11, 15, 20, 30]) {
      const { statements } = choose(facts, { budgetTokens });
      expect(countTokens(bridgeBlock(statements))).toBeLessThanOrEqual(budgetTokens);
    }
  });

  it('passes over a statement that is too long and takes those that fit', () => {
    const long = aFact({ id: 'long', attribute: 'motto', value: 'word '.repeat(90).trim(), createdAt: 9 });
    const { factIds, waiting } = choose([long, ...facts], { budgetTokens: 60, question: 'my motto' });
    expect(factIds).toEqual(['city', 'cat', 'birthday', 'shoe']);
    expect(waiting).toEqual(['long']);
  });

  it('gives every unproved fact one place: in the prompt or waiting', () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      aFact({ id: `f${index}`, attribute: `thing ${index}`, value: `value${index}` }),
    );
    const { factIds, waiting } = choose(many, { budgetTokens: 200, question: 'What is my thing 217?' });
    expect(factIds).toContain('f217');
    expect([...factIds, ...waiting].sort()).toEqual(many.map((fact) => fact.id).sort());
  });

  it('counts few statements even where there are very many', () => {
    let counted = 0;
    const many = Array.from({ length: 5000 }, (_, index) =>
      aFact({ attribute: 'thing', value: `value${index}` }),
    );
    choose(many, {
      budgetTokens: 500,
      countTokens: (text) => {
        counted += 1;
        return countTokens(text);
      },
    });
    expect(counted).toBeLessThan(500);
  });
});

describe('a question for one thing', () => {
  it('is asked beside that thing alone, all values of it', () => {
    const dog = aFact({ id: 'dog', attribute: 'dog', value: 'Rex' });
    const second = aFact({ id: 'second', attribute: 'cat', value: 'Mia' });
    const choice = choose([city, cat, second, dog], { question: 'What are my cats?' });
    expect([choice.factIds, choice.waiting]).toEqual([
      ['cat', 'second'],
      ['city', 'dog'],
    ]);
    const question = 'What are my cats?';
    expect(choose([city, cat], { question, narrowing: 'none' }).factIds).toEqual(['city', 'cat']);
    expect(choose([city, dog], { question: 'What is my job?' }).factIds).toEqual(['city', 'dog']);
    expect(choose([city, dog], { question: 'Tell me about my dog and my city.' }).factIds).toEqual([
      'city',
      'dog',
    ]);
  });

  it('about the past of nobody takes no former value along', () => {
    const former = aFact({ id: 'former', attribute: 'city', value: 'Faro', current: false, validTo: '2020' });
    const facts = [former, city, cat];
    expect(choose(facts, { question: 'What is the history of bread?' }).factIds).toEqual(['city', 'cat']);
    expect(choose(facts, { question: 'Where did I live before?' }).factIds).toEqual([
      'former',
      'city',
      'cat',
    ]);
    const hers = { ...former, subject: 'Jordan' };
    const now = aFact({ id: 'now', subject: 'Jordan', attribute: 'city', value: 'Lagos' });
    expect(choose([hers, now], { question: 'Where did Jordan live before?' }).factIds).toEqual([
      'former',
      'now',
    ]);
  });
});
