import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  parseInspection,
  parseWorkerMessage,
  toTrainerEvent,
} from '../../../electron/core/training/trainer-protocol.ts';

const transcripts = join(import.meta.dirname, '..', '..', 'fixtures', 'protocol');

/** What the real trainer says, held to by its own tests. */
function linesOf(name: string): unknown[] {
  return readFileSync(join(transcripts, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const step = {
  type: 'step',
  step: 1,
  steps: 50,
  loss: 2.5,
  lr: 1e-3,
  grad_norm: 1.25,
  tokens: 200,
  tokens_per_s: 150.5,
};

describe("the trainer's messages", () => {
  const trainings = readdirSync(transcripts).filter((name) => name.startsWith('train'));

  it('has transcripts of trainings to be held to', () => {
    expect(trainings.length).toBeGreaterThan(5);
  });

  it.each(trainings)('of %s are all known here', (name) => {
    expect(linesOf(name).map((line) => parseWorkerMessage(line) === undefined)).not.toContain(true);
  });

  it('keep their order when a run ends well', () => {
    const types = linesOf('train.jsonl').map((line) => parseWorkerMessage(line)?.type);
    expect(types.filter((type) => type !== 'phase')).toEqual([
      ...['hello', 'plan', 'step', 'probe', 'step', 'probe', 'done'],
    ]);
  });

  it('become events in camelCase', () => {
    const message = parseWorkerMessage(step);
    expect(message && toTrainerEvent(message)).toEqual({
      type: 'step',
      step: 1,
      steps: 50,
      loss: 2.5,
      lr: 1e-3,
      gradNorm: 1.25,
      tokens: 200,
      tokensPerSecond: 150.5,
    });
  });

  it('tell which probes were right, where the worker says so, and that it lives', () => {
    const probe = { type: 'probe', step: 50, right: 1, total: 2 };
    const events = [{ ...probe, ids_right: ['1'] }, probe, { type: 'heartbeat' }].map((each) => {
      const message = parseWorkerMessage(each);
      return message && toTrainerEvent(message);
    });
    expect(events).toEqual([
      { ...probe, rightIds: ['1'] },
      { ...probe, rightIds: null },
      { type: 'heartbeat' },
    ]);
  });

  it.each(['done', 'cancelled', 'error'])('of the type %s are no event', (type) => {
    const message = parseWorkerMessage({
      ...{ type, step: 1, reason: 'cancel', code: 'internal', message: 'It broke.' },
      ...{ output: '/a.gguf', steps: 1, tokens: 1, seconds: 1, loss: 1 },
    });
    expect([message?.type, message && toTrainerEvent(message)]).toEqual([type, undefined]);
  });

  it('of a type that a newer trainer may have are passed over', () => {
    expect(parseWorkerMessage({ type: 'weather', degrees: 20 })).toBeUndefined();
  });

  it('may carry fields that are not known here', () => {
    expect(parseWorkerMessage({ ...step, mood: 'good' })).toEqual(step);
  });

  it.each([null, 5, 'step', [step], {}, { type: 1 }])(
    'that are no object with a type are refused: %j',
    (value) => {
      expect(() => parseWorkerMessage(value)).toThrow('"type"');
    },
  );

  it.each([
    { ...step, loss: null },
    { ...step, step: '1' },
    { type: 'cancelled', step: 1, reason: 'boredom' },
    { type: 'error', code: 'internal' },
  ])('of a known type in another shape are refused: %j', (value) => {
    expect(() => parseWorkerMessage(value)).toThrow();
  });
});

describe('the answer to inspect', () => {
  it('tells a base model from an adapter and from one without a template', () => {
    const found = ['inspect', 'inspect-adapter', 'inspect-no-template'].map((name) =>
      linesOf(`${name}.jsonl`)
        .filter((line) => (line as { type?: unknown }).type === 'inspect')
        .map(parseInspection)
        .map((each) => [each.is_adapter, each.has_chat_template, each.supported]),
    );
    expect(found).toEqual([[[false, true, true]], [[true, false, false]], [[false, false, true]]]);
  });

  it('is refused without an architecture', () => {
    expect(() =>
      parseInspection({ type: 'inspect', supported: true, is_adapter: false, has_chat_template: true }),
    ).toThrow();
  });
});
