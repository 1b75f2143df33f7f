import { describe, expect, it } from 'vitest';
import { askedFacts } from '../../../electron/core/ledger/asked-facts.ts';
import { aFact, kinds } from '../../helpers/a-fact.ts';

const birthday = aFact({ id: 'birthday', attribute: 'birthday', value: '3 March 1990' });
const jordans = aFact({ id: 'jordans', subject: 'Jordan', attribute: 'birthday', value: '1 May 1991' });
const sisters = aFact({ id: 'sisters', subject: 'my sister', attribute: 'job', value: 'nurse' });
const city = aFact({ id: 'city', attribute: 'city', value: 'Porto' });
const all = [birthday, jordans, sisters, city];
const idsOf = (question: string) => askedFacts(question, all, kinds).map((fact) => fact.id);

describe('what a plain question asks for', () => {
  it.each([
    ['What is my birthday?', ['birthday']],
    ['Can you tell me my date of birth please', ['birthday']],
    ["What is Jordan's birthday?", ['jordans']],
    ["what's my sister's job", ['sisters']],
    ['Remind me: what is my CITY?', ['city']],
  ])('is known: %s', (question, ids) => {
    expect(idsOf(question)).toEqual(ids);
  });

  it.each([
    'What is my job?',
    "What is Anna's birthday?",
    'What is the birthday of my sister?',
    'Which birthday party shall I plan for the city?',
    'What is my former city?',
    'What is my birthday and my city?',
    'Where do I live?',
    '',
    '???',
    'What is my '.repeat(20) + 'city?',
  ])('is not taken for one thing: %s', (question) => {
    expect(idsOf(question)).toEqual([]);
  });
});
