import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { loadBenchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { toRequest } from '../../../electron/core/evaluation/evaluate-arm.ts';
import { buildQuestionSet } from '../../../electron/core/evaluation/question-set.ts';
import { holdsValue } from '../../../electron/core/evaluation/score-answer.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { makePersona } from '../../../scripts/lib/persona.mjs';
import { createFactApp, resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';

const benchmarks = loadBenchmarks(resourcesFolder);
const templates = loadTemplates(resourcesFolder);

function factsOf(seed: number, firstId = 0): readonly Fact[] {
  const { facts } = createFactApp(undefined, firstId);
  for (const row of makePersona({ seed, count: 25 })) facts.add(row);
  return facts.list().filter((fact) => fact.current || fact.validTo !== null);
}

const facts = factsOf(7);
const questions = buildQuestionSet({ facts, kinds: shippedKinds, templates, benchmarks, seed: 42 });
const count = (group: string): number => questions.filter((each) => each.group === group).length;

describe('the question set of a persona with 25 facts', () => {
  it.each([
    ['test', 125],
    ['natural', 40],
    ['confusable', 40],
    ['unknown', 50],
    ['other-people', 40],
    ['general', 100],
    ['advice', 40],
    ['bridge-new', 40],
    ['bridge-contradict', 40],
    ['bridge-beside', 40],
  ])('has for %s at least %i questions', (group, least) => {
    expect(count(group)).toBeGreaterThanOrEqual(least);
  });

  it('is the same for the same input', () => {
    expect(buildQuestionSet({ facts, kinds: shippedKinds, templates, benchmarks, seed: 42 })).toEqual(
      questions,
    );
  });

  it('asks the same of the same facts in another data folder', () => {
    const again = buildQuestionSet({
      facts: factsOf(7, 1000),
      kinds: shippedKinds,
      templates,
      benchmarks,
      seed: 42,
    });
    expect(again.map((each) => each.factId)).not.toEqual(questions.map((each) => each.factId));
    expect(again.map((each) => each.question)).toEqual(questions.map((each) => each.question));
  });

  it('gives every question an id of its own', () => {
    expect(new Set(questions.map((each) => each.id)).size).toBe(questions.length);
  });

  it('asks for every fact in test forms', () => {
    const asked = new Set(questions.filter((each) => each.group === 'test').map((each) => each.factId));
    expect(facts.filter((fact) => !asked.has(fact.id))).toEqual([]);
  });

  it('asks no test form of a training family', () => {
    const trained = new Set(
      [...templates.general, ...[...templates.natural.values()].flat()]
        .filter((form) => form.split === 'train')
        .map((form) => form.family),
    );
    const families = questions
      .filter((each) => ['test', 'natural', 'confusable'].includes(each.group))
      .map((each) => each.id.split('/').slice(2).join('/'));
    expect(families.filter((family) => trained.has(family))).toEqual([]);
  });

  it('forbids the old value wherever the prompt contradicts it', () => {
    for (const question of questions.filter((each) => each.group === 'bridge-contradict')) {
      const old = facts.find((fact) => fact.id === question.factId)?.value ?? '';
      expect(question.forbidden).toContain(old);
      expect(question.bridge?.some((statement) => holdsValue(statement, question.expected))).toBe(true);
      expect(question.bridge?.some((statement) => holdsValue(statement, [old]))).toBe(false);
    }
  });

  it('leaves out what the user did tell', () => {
    const { facts: own } = createFactApp();
    own.add({ attribute: 'optician', value: 'Lens & Light' });
    const set = buildQuestionSet({ facts: own.list(), kinds: shippedKinds, templates, benchmarks, seed: 42 });
    const unknown = set.filter((each) => each.group === 'unknown').map((each) => each.id);
    expect(unknown).not.toContain('unknown-optician');
    expect(unknown.length).toBeGreaterThanOrEqual(50);
  });

  it('has no value of a fact in the system text of the tuned arm', () => {
    const values = [...facts.flatMap((fact) => [fact.value, ...fact.aliases])];
    for (const question of questions) {
      const request = toRequest(
        question,
        {
          arm: 'tuned',
          systemText: 'You are Keepsake, a helpful personal assistant.',
          adapterFile: '/adapter.gguf',
          statementsFor: () => facts.map((fact) => fact.statement),
        },
        true,
      );
      expect(request.messages).toHaveLength(2);
      expect(holdsValue(request.messages[0]?.content ?? '', values)).toBe(false);
    }
  });

  it('has all facts in the prompts of the arms that are given them', () => {
    const [question] = questions;
    if (question === undefined) throw new Error('no question');
    const statements = facts.map((fact) => fact.statement);
    const parts = { systemText: 'x', adapterFile: null, statementsFor: () => statements };
    for (const arm of ['prompt', 'both', 'served'] as const) {
      const system = toRequest(question, { ...parts, arm }, arm !== 'prompt').messages[0]?.content ?? '';
      for (const statement of statements) expect(system).toContain(`- ${statement}`);
    }
    for (const arm of ['base', 'tuned'] as const) {
      expect(toRequest(question, { ...parts, arm }, false).messages[0]?.content).toBe('x');
    }
  });
});
