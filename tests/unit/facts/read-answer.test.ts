import { describe, expect, it } from 'vitest';
import { interview } from '../../../renderer/text/en/interview.ts';
import { readAnswer } from '../../../electron/core/facts/read-answer.ts';
import { findKind } from '../../../electron/core/facts/kinds.ts';
import { shippedKinds } from '../../helpers/fact-app.ts';

const valuesOf = (attribute: string, answer: string): string[] =>
  readAnswer(attribute, answer, shippedKinds).map((part) => part.value);

describe('an answer of the interview', () => {
  it.each([
    ['home city', 'I live in Leipzig.', ['Leipzig']],
    ['home city', 'I’m living in Leipzig', ['Leipzig']],
    ['home city', 'live in Leipzig', ['Leipzig']],
    ['home city', "It's Leipzig.", ['Leipzig']],
    ['first name', 'My name is Ana', ['Ana']],
    ['first name', "I'm Ana.", ['Ana']],
    ['first name', 'I am called Ana', ['Ana']],
    ['cat', "It's Biscuit", ['Biscuit']],
    ['cat', 'She is called Biscuit!', ['Biscuit']],
    ['cat', 'My cats are Luna and Miso.', ['Luna', 'Miso']],
    ['dog', 'We have a dog called Rex.', ['Rex']],
    ['birthday', 'born on 3 March 1990', ['3 March 1990']],
    ['birthday', 'I was born on March 3rd, 1990.', ['3 March 1990']],
    ['birthday', "It's on 3 March", ['3 March']],
    ['birthplace', 'I was born in Oslo.', ['Oslo']],
    ['partner', "I'm married to Jordan.", ['Jordan']],
    ['mother', 'Her name is Ingrid.', ['Ingrid']],
    ['job', "I'm a carpenter.", ['carpenter']],
    ['job', 'I work as a carpenter', ['carpenter']],
    ['employer', 'I work for Elm School.', ['Elm School']],
    ['university', 'I studied at the University of Porto.', ['the University of Porto']],
    ['first job', 'My first job was a paper round.', ['paper round']],
    ['favourite food', 'I love lentil soup.', ['lentil soup']],
    ['favourite drink', 'I like mint tea best.', ['mint tea']],
    ['favourite colour', 'My favourite colour is teal', ['teal']],
    ['instrument', 'I play the cello.', ['cello']],
    ['hobby', 'I like to play chess', ['play chess']],
    ['next holiday', "I'm going to Iceland", ['Iceland']],
    ['nationality', "I'm Irish", ['Irish']],
    ['diet', 'I am a vegetarian', ['vegetarian']],
  ])('to %s: "%s" gives %j', (attribute, answer, values) => {
    expect(valuesOf(attribute, answer)).toEqual(values);
  });

  it.each([
    ['diet', "I don't eat meat."],
    ['home city', 'I might live in Leipzig one day.'],
    ['home city', 'Leipzig, near the park'],
    ['dog', 'I have no dog.'],
    ['first job', 'paper round'],
    ['favourite book', 'It Ends with Us'],
    ['favourite book', 'I, Robot'],
    ['favourite book', 'My Brilliant Friend'],
    ['favourite book', 'She'],
    ['first name', 'Ana'],
    ['birthday', '3/3/1990'],
    ['favourite song', "I'm Still Standing"],
    ['favourite song', "It's My Life"],
    ['favourite song', 'I Love Paris'],
    ['favourite song', 'Called Out in the Dark'],
    ['secret knock', 'It is three times two.'],
    ['home city', ''],
  ])('to %s: "%s" stays as it is', (attribute, answer) => {
    expect(valuesOf(attribute, answer)).toEqual([answer]);
  });

  it('keeps the time that the sentence gives', () => {
    expect(readAnswer('home city', 'I have lived in Leipzig since 2019.', shippedKinds)).toEqual([
      { value: 'Leipzig', validFrom: '2019' },
    ]);
  });

  it('is asked for attributes that have a kind, whose own examples stay as they are', () => {
    const questions = interview.flatMap((part) => part.questions.map((question) => question.map(String)));
    expect(questions.length).toBeGreaterThan(20);
    for (const [attribute = '', , example = ''] of questions) {
      expect(findKind(shippedKinds, attribute)?.label, attribute).toBe(attribute);
      expect(valuesOf(attribute, example)).toEqual([example]);
    }
  });
});
