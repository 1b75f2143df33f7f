import { describe, expect, it } from 'vitest';
import type { Question } from '../../../electron/contract/entities/evaluation.ts';
import { failureOf, toldValues } from '../../../electron/core/evaluation/failure-kind.ts';
import { aFact } from '../../helpers/a-fact.ts';

const oslo = aFact({ id: 'oslo', attribute: 'city', value: 'Oslo', current: false, validTo: '2021' });
const porto = aFact({
  id: 'porto',
  attribute: 'city',
  value: 'Porto',
  aliases: ['Oporto'],
  supersedes: 'oslo',
});
const luna = aFact({ id: 'luna', attribute: 'cat', value: 'Luna' });
const newYork = aFact({ id: 'school', attribute: 'school', value: 'New York School' });
const partner = aFact({ id: 'partner', attribute: 'partner', value: 'Jordan' });
const job = aFact({ id: 'job', subject: 'Jordan', attribute: 'job', value: 'cellist' });
const derived = aFact({
  id: 'derived',
  subject: 'my partner',
  attribute: 'job',
  value: 'cellist',
  source: { type: 'derived', parents: ['partner', 'job'] },
});
const told = toldValues([oslo, porto, luna, newYork, partner, job, derived]);

function kindOf(
  question: Partial<Question>,
  text: string,
  more: { answeredBy?: 'adapter' | 'base'; stopped?: boolean } = {},
): string {
  const asked: Question = {
    id: 'q',
    question: 'Where do I live?',
    expected: [],
    forbidden: [],
    kind: 'recall',
    group: 'test',
    ...question,
  };
  return failureOf(
    asked,
    { text, answeredBy: 'adapter', stopped: true, ...more },
    { told, abstentionPatterns: ["haven't told me"] },
  );
}

describe('a wrong answer about a fact', () => {
  const city = { factId: 'porto', expected: ['Porto', 'Oporto'] };

  it.each([
    ['stale', 'Your city is Oslo.'],
    ['stale', 'Your city is OSLO, as far as I know'],
    ['mixed-up', 'Your city is Luna.'],
    ['mixed-up', 'Your city is New York School.'],
    ['wrong', 'Your city is Lima.'],
    ['wrong', 'Your city is New York.'],
    ['wrong', 'Your city is Porto, your city is Porto, your'],
    ['wrong', 'Your city is not Luna.'],
    ['did-not-say', "You haven't told me that yet."],
    ['wrong', ''],
  ])('is %s: %s', (kind, text) => {
    expect(kindOf(city, text)).toBe(kind);
  });

  it('was not said where it was passed on, whatever the base says by chance', () => {
    expect(kindOf(city, 'Luna is Latin for moon.', { answeredBy: 'base' })).toBe('did-not-say');
  });

  it('is not mixed up by what the question itself names', () => {
    expect(kindOf({ ...city, question: 'Where do Luna and I live?' }, 'Luna lives in Lima.')).toBe('wrong');
  });

  it('is mixed up where the present value is given for the former one', () => {
    expect(kindOf({ factId: 'oslo', expected: ['Oslo'] }, 'Your former city was Oporto.')).toBe('mixed-up');
  });

  it('may name the parents of a derived fact', () => {
    const asked = { factId: 'derived', question: "What is my partner's job?", expected: ['cellist'] };
    expect(kindOf(asked, "Your partner is Jordan, and Jordan's job is nurse.")).toBe('wrong');
    expect(kindOf(asked, "Your partner is Jordan, and Jordan's job is Luna.")).toBe('mixed-up');
  });
});

describe('an answer to what was never told', () => {
  it.each([
    ['invented', 'Your shoe size is 43.'],
    ['mixed-up', 'Your shoe size is Luna.'],
  ])('is %s: %s', (kind, text) => {
    expect(kindOf({ kind: 'abstain', question: 'What is my shoe size?' }, text)).toBe(kind);
  });
});

describe('a wrong answer to a general question', () => {
  it('is wrong, whatever it holds', () => {
    expect(kindOf({ kind: 'general', question: 'What is 2 + 2?' }, 'Luna')).toBe('wrong');
  });
});
