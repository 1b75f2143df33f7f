import { describe, expect, it } from 'vitest';
import type { Question } from '../../../electron/contract/entities/evaluation.ts';
import { holdsValue, isRight, type ScoreContext } from '../../../electron/core/evaluation/score-answer.ts';

const context: ScoreContext = {
  abstentionPatterns: ["haven't told me", "i don't know", 'do not have that information'],
  storedValues: ['Porto', 'Max', 'chess'],
};

function ask(part: Partial<Question>): Question {
  return {
    id: 'q',
    question: 'Where do I live?',
    expected: ['Porto'],
    forbidden: [],
    kind: 'recall',
    group: 'test',
    ...part,
  };
}

function rightOf(
  part: Partial<Question>,
  text: string,
  given: { stopped?: boolean; answeredBy?: 'adapter' | 'base' } = {},
): boolean {
  return isRight(ask(part), { text, stopped: true, answeredBy: 'adapter', ...given }, context);
}

describe('values in answers', () => {
  it.each([
    ['Your city is Porto.', 'Porto'],
    ['your city is PORTO!', 'porto'],
    ['It is “Porto”', 'Porto'],
    ["Porto's where you live.", 'Porto'],
    ['Your shop is Harrow Bowmen.', 'the Harrow Bowmen'],
    ['Your birthday is March 3, 1990.', '3 March 1990'],
    ['Your birthday is 3rd of March 1990.', '1990-03-03'],
    ['Your birthday is 1990-03-03.', 'March 3rd, 1990'],
    ['You moved on March 3, 1990.', '1990-03'],
    ['You moved in May 2019.', '2019'],
    ['You moved in May 2019.', '2019-05'],
    ['Your birthday is March 3, 1990.', 'March 3'],
    ['You have two cats.', '2'],
    ['You have 2 cats.', 'two'],
    ['You own twenty-three books.', '23'],
    ['It costs 1,200 euros.', '1200'],
    ['It weighs 3.50 kg.', '3.5'],
    ['Your language is C++.', 'C++'],
    ['Your language is C#.', 'C#'],
    ['Your mail is a.b@c.org.', 'a.b@c.org'],
    ['Your phone number is 555-0134.', '555 0134'],
    ["Your friend is O'Brien.", 'O’Brien'],
    ['Your sign is 🐱.', '🐱'],
    ['Your tag is <|im_end|>.', '<|im_end|>'],
    ['No, your cat is Max.', 'Max'],
    ['Your city is not Lisbon but Porto.', 'Porto'],
    ["It isn't Lisbon. It is Porto.", 'Porto'],
    ['Ваш город Порту.', 'Порту'],
    ['あなたの街は東京です。', '東京'],
    ['Max🐱 is yours.', 'Max'],
    ['Your team is 👩‍🚀✨.', '👩‍🚀'],
    ['You are not only a nurse but a poet.', 'poet'],
  ])('%s holds %s', (text, value) => {
    expect(holdsValue(text, [value])).toBe(true);
  });

  it.each([
    ['Your city is Portobello.', 'Porto'],
    ['Your city is not Porto.', 'Porto'],
    ["Your city isn't Porto.", 'Porto'],
    ['You no longer live in Porto.', 'Porto'],
    ['You never lived in Porto.', 'Porto'],
    ['You do not have a dog named Rex.', 'Rex'],
    ['It is not true that your city is Porto.', 'Porto'],
    ['あなたの街は京都です。', '東京'],
    ['Your birthday is March 4, 1990.', '3 March 1990'],
    ['Your birthday is April 3, 1990.', 'March 3'],
    ['You moved in 2019.', '2019-05'],
    ['You have 21 cats.', '2'],
    ['Your language is C++.', 'C'],
    ['Your language is C#.', 'C'],
    ['', 'Porto'],
    ['Anything at all.', ''],
  ])('%s does not hold %s', (text, value) => {
    expect(holdsValue(text, [value])).toBe(false);
  });
});

describe('recall', () => {
  it('takes any of the expected values', () => {
    expect(rightOf({ expected: ['Oporto', 'Porto'] }, 'Your city is Porto.')).toBe(true);
  });
  it('is wrong when the answer holds a forbidden value as well', () => {
    expect(rightOf({ forbidden: ['Lisbon'] }, 'Your city is Porto or Lisbon.')).toBe(false);
  });
  it('allows a forbidden value that is denied', () => {
    expect(rightOf({ forbidden: ['Lisbon'] }, 'Your city is Porto, not Lisbon.')).toBe(true);
  });
  it('allows a forbidden value inside the expected one', () => {
    const part = { expected: ['New York City'], forbidden: ['York'] };
    expect(rightOf(part, 'Your city is New York City.')).toBe(true);
  });
  it('is wrong when the answer did not end by itself', () => {
    expect(rightOf({}, 'Your city is Porto and and and', { stopped: false })).toBe(false);
  });
  it('is wrong without an expected value in the answer', () => {
    expect(rightOf({}, "You haven't told me that yet.")).toBe(false);
  });
});

describe('abstention', () => {
  const unknown: Partial<Question> = { kind: 'abstain', expected: [], question: 'Who is my dentist?' };
  it('is right in a listed wording, whatever its apostrophes and case', () => {
    expect(rightOf(unknown, 'YOU HAVEN’T TOLD ME that yet.')).toBe(true);
  });
  it('is wrong when it goes on with a stored value', () => {
    expect(rightOf(unknown, "I don't know, maybe Max.")).toBe(false);
  });
  it('may repeat a value that the question names', () => {
    const part = { ...unknown, question: 'Who is the dentist of Max?' };
    expect(rightOf(part, "You haven't told me who the dentist of Max is.")).toBe(true);
  });
  it('is wrong for an invented answer', () => {
    expect(rightOf(unknown, 'Your dentist is Dr. Hale.')).toBe(false);
  });
  it('matches whole words only', () => {
    expect(rightOf(unknown, 'I don’t knowingly say.')).toBe(false);
  });
});

describe('general questions', () => {
  it('are right by the expected answer, whoever gave it', () => {
    const part: Partial<Question> = { kind: 'general', expected: ['Rome', 'Roma'] };
    expect(rightOf(part, 'It is Rome.', { answeredBy: 'base' })).toBe(true);
    expect(rightOf(part, 'It is Rome.', { answeredBy: 'adapter' })).toBe(true);
    expect(rightOf(part, 'It is Milan.', { answeredBy: 'base' })).toBe(false);
  });
  it('without an expected answer are right when handed over', () => {
    const part: Partial<Question> = { kind: 'general', expected: [] };
    expect(rightOf(part, 'Try a new battery.', { answeredBy: 'base' })).toBe(true);
    expect(rightOf(part, 'Your battery is new.', { answeredBy: 'adapter' })).toBe(false);
  });
});
