import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { closestFacts } from '../../../electron/core/ledger/closest-facts.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';

const { natural } = loadTemplates(resourcesDir);
const wordingsOf = ({ kind }: Fact): readonly string[] =>
  (natural.get(kind ?? '') ?? []).filter(({ split }) => split === 'train').map(({ me }) => me);

const facts = [
  aFact({ id: 'name', attribute: 'first name', value: 'Robin' }),
  aFact({ id: 'birthday', attribute: 'birthday', value: '3 March 1990' }),
  aFact({ id: 'home', attribute: 'home city', value: 'Porto' }),
  aFact({ id: 'born', attribute: 'birthplace', value: 'Oslo' }),
  aFact({ id: 'cat', attribute: 'cat', value: 'Luna' }),
  aFact({ id: 'partner', attribute: 'partner', value: 'Jordan' }),
  aFact({ id: 'job', attribute: 'job', value: 'carpenter' }),
  aFact({ id: 'jordans-job', subject: 'Jordan', attribute: 'job', value: 'teacher' }),
  aFact({ id: 'food', attribute: 'favourite food', value: 'lentil soup' }),
  aFact({ id: 'colour', attribute: 'favourite colour', value: 'teal' }),
  aFact({ id: 'shed', attribute: 'shed code', value: '4711' }),
];
const closest = (question: string): readonly string[] =>
  closestFacts({ facts, question, kinds, wordingsOf }).map(({ id }) => id);

describe('the facts closest to a question', () => {
  it.each([
    ["What's my name?", 'name'],
    ["What is my cat's name?", 'cat'],
    ['When was I born?', 'birthday'],
    ['Where was I born?', 'born'],
    ['Which city do I live in?', 'home'],
    ['Which food do I like best?', 'food'],
    ['Which colour do I like best?', 'colour'],
    ['What do I do for a living?', 'job'],
    ["What is Jordan's job?", 'jordans-job'],
    ["What is my partner's job?", 'jordans-job'],
    ['What is the code of my shed?', 'shed'],
  ])('of %s', (question, id) => {
    expect(closest(question)).toEqual([id]);
  });

  it.each(['What is the capital of France?', 'Write a sentence about soup.', 'Hello!'])(
    'are none of what speaks of nobody known: %s',
    (question) => {
      expect(closest(question)).toEqual([]);
    },
  );

  it('are all of them where the user is meant and nothing is like it', () => {
    expect(closest('What do you know about me?')).toHaveLength(facts.length);
  });

  it('are found among ten thousand', () => {
    const many = Array.from({ length: 10_000 }, (_unused, index) =>
      aFact({ id: `many-${index}`, attribute: `code of locker ${index}`, value: `${index}` }),
    );
    const began = performance.now();
    const found = closestFacts({
      facts: many,
      question: 'What is my code of locker 4711?',
      kinds,
      wordingsOf,
    });
    expect(found.map(({ id }) => id)).toEqual(['many-4711']);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
