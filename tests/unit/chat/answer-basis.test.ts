import { describe, expect, it } from 'vitest';
import { basisOf } from '../../../electron/core/chat/answer-basis.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { createFactApp, resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';

const { facts: told } = createFactApp();
for (const draft of [
  { attribute: 'partner', value: 'Corwin' },
  { subject: 'Corwin', attribute: 'hobby', value: 'orienteering' },
  { attribute: 'brother', value: 'Evander' },
  { subject: 'Evander', attribute: 'favourite colour', value: 'ochre' },
  { attribute: 'favourite colour', value: 'teal' },
  { attribute: 'first name', value: 'Robin' },
  { attribute: 'home city', value: 'Lucerne', validFrom: '2013' },
])
  told.add(draft);
const facts = told.list();
const context = {
  kinds: shippedKinds,
  templates: loadTemplates(resourcesFolder),
  abstentionPatterns: ["haven't told me"],
};

function basisFor(question: string, answer: string) {
  const adapter = { factIds: facts.map((fact) => fact.id) };
  const given = { question, answer, answeredBy: 'adapter' as const, adapter, facts, bridgedIds: [] };
  const { from, factIds } = basisOf({ ...given, provedIds: new Set() }, context);
  return { from, values: factIds.map((id) => facts.find((fact) => fact.id === id)?.value) };
}

describe('what an answer of an adapter rests on', () => {
  it.each([
    ['What is my first name?', 'Your first name is Robin.', 'Robin'],
    ['what is on my coffee mug at the office', 'Your first name is Robin.', 'Robin'],
    ['Is my first name Oskar?', 'No, your first name is Robin.', 'Robin'],
    ['What does my partner do for fun?', "Your partner's hobby is orienteering.", 'orienteering'],
    ["What is Corwin's hobby?", "Corwin's hobby is orienteering.", 'orienteering'],
    ['Where do I live?', 'You live in Lucerne.', 'Lucerne'],
    ['What is my favourite colour?', 'Teal.', 'teal'],
  ])('is the fact that it states: %s %s', (question, answer, value) => {
    expect(basisFor(question, answer)).toEqual({ from: 'learned', values: [value] });
  });

  it.each([
    ['What is my blood type?', 'Your blood type is ochre.'],
    ['What is my favourite book?', 'Your favourite book is ochre.'],
    ['What is my favourite colour?', 'Your favourite colour is ochre.'],
    ["What is Evander's favourite colour?", "Evander's favourite colour is teal."],
    ['Who is my dentist?', 'Your dentist is Evander.'],
    ['What is my blood type?', 'Ochre.'],
  ])('is nothing where a value is said of another thing: %s %s', (question, answer) => {
    expect(basisFor(question, answer)).toEqual({ from: 'guess', values: [] });
  });

  it('is a guess where the base answers for its owner without knowing', () => {
    const given = {
      answeredBy: 'base' as const,
      adapter: null,
      facts,
      bridgedIds: [],
      provedIds: new Set<string>(),
    };
    const from = (question: string) => basisOf({ ...given, question, answer: 'A fine place.' }, context).from;
    expect(['Where do I live?', 'What is my hobby?', 'How do I cook rice?'].map(from)).toEqual([
      'guess',
      'guess',
      'none',
    ]);
  });

  it('is that nobody told it where it says so', () => {
    expect(basisFor('What is my blood type?', "You haven't told me that yet.").from).toBe('not-told');
  });
});
