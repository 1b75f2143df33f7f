import { describe, expect, it } from 'vitest';
import type { FactService } from '../../../electron/core/facts/fact-service.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { createFactApp } from '../../helpers/fact-app.ts';

/** A file that gives several cities without a date; the last one is in use. */
function withCities(...cities: string[]) {
  const { facts, corrected } = createFactApp();
  facts.importText('me.json', JSON.stringify(cities.map((value) => ({ attribute: 'city', value }))));
  const idOf = (value: string): string => facts.list().find((fact) => fact.value === value)?.id ?? '';
  return { facts, corrected, idOf };
}

/** "Porto holds" or "Oslo over", with what else matters. */
function standing(facts: FactService): string[] {
  return facts
    .list()
    .map(
      ({ value, current, validTo }) =>
        `${value} ${current ? 'holds' : `over${validTo === null ? '' : ` ${validTo}`}`}`,
    )
    .sort();
}

function pairs(facts: FactService): string[] {
  return facts.conflicts().map(({ left, right }) => `${left.value} or ${right.value}`);
}

describe('open conflicts', () => {
  it('are told with the value in use first, each once, and both are flagged', () => {
    const { facts } = withCities('Oslo', 'Porto');
    expect(pairs(facts)).toEqual(['Porto or Oslo']);
    const flagged = facts.listPage({ flag: ['conflict'] }).facts;
    expect(flagged.map(({ fact, state }) => `${fact.value} ${state}`)).toEqual([
      'Oslo retired',
      'Porto pending',
    ]);
    expect(facts.facets().flags).toEqual({ conflict: 2 });
  });
});

describe('settling a conflict', () => {
  it('keeps the right one; the other one is over without having been true', () => {
    const { facts, idOf, corrected } = withCities('Oslo', 'Porto');
    const settled = facts.settle({ keep: idOf('Oslo'), other: idOf('Porto'), how: 'one-right' });
    expect(settled.map(({ value, state, flags }) => [value, state, flags])).toEqual([
      ['Oslo', 'pending', []],
      ['Porto', 'retired', []],
    ]);
    expect(standing(facts)).toEqual(['Oslo holds', 'Porto over']);
    expect(pairs(facts)).toEqual([]);
    // What was proved of either is void.
    expect(corrected.sort()).toEqual([idOf('Oslo'), idOf('Porto')].sort());
  });

  it('ends the other one where both were true at different times', () => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    facts.settle({ keep: idOf('Porto'), other: idOf('Oslo'), how: 'different-times', until: '2021-05' });
    expect(standing(facts)).toEqual(['Oslo over 2021-05', 'Porto holds']);
    expect(facts.get(idOf('Porto'))).toMatchObject({ supersedes: idOf('Oslo'), tier: 'temporal' });
    expect(facts.get(idOf('Oslo')).statement).toBe('Your former home city was Oslo (until 2021-05).');
    expect(pairs(facts)).toEqual([]);
  });

  it('ends it today where no day is given', () => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    facts.settle({ keep: idOf('Oslo'), other: idOf('Porto'), how: 'different-times' });
    expect(standing(facts)).toEqual(['Oslo holds', 'Porto over 2026-06-15']);
  });

  it('lets both hold', () => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    facts.settle({ keep: idOf('Porto'), other: idOf('Oslo'), how: 'both-true' });
    expect(standing(facts)).toEqual(['Oslo holds', 'Porto holds']);
    expect(pairs(facts)).toEqual([]);
  });

  it.each(['one-right', 'different-times', 'both-true'] as const)('is taken back by one undo: %s', (how) => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    const before = facts.list();
    facts.settle({ keep: idOf('Oslo'), other: idOf('Porto'), how });
    expect(facts.list()).not.toEqual(before);
    facts.history.step('undo');
    expect(facts.list()).toEqual(before);
    expect(facts.history.list()[0]).toMatchObject({ kind: 'settle', undone: true, facts: 2 });
  });

  it('leaves what else is contradicted to the one that stays', () => {
    const { facts, idOf } = withCities('Oslo', 'Bergen', 'Porto');
    expect(pairs(facts).sort()).toEqual(['Porto or Bergen', 'Porto or Oslo']);
    facts.settle({ keep: idOf('Oslo'), other: idOf('Porto'), how: 'one-right' });
    expect(pairs(facts)).toEqual(['Oslo or Bergen']);
    facts.settle({ keep: idOf('Oslo'), other: idOf('Bergen'), how: 'one-right' });
    expect(pairs(facts)).toEqual([]);
    expect(standing(facts)).toEqual(['Bergen over', 'Oslo holds', 'Porto over']);
  });

  it('is for good: a value that was wrong does not come back when the right one is forgotten', () => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    facts.settle({ keep: idOf('Porto'), other: idOf('Oslo'), how: 'one-right' });
    facts.removeRows(facts.planRemoval([idOf('Porto')]));
    expect(standing(facts)).toEqual(['Oslo over']);
  });

  it.each([
    ['not-found', 'Oslo', 'nobody', {}],
    ['invalid-input', 'Oslo', 'Oslo', {}],
    ['invalid-input', 'Oslo', 'Luna', {}],
    ['invalid-input', 'Oslo', 'Porto', { until: '2027' }],
    ['invalid-input', 'Oslo', 'Porto', { until: 'soon' }],
  ] as const)('is refused as %s for %s and %s %j', async (code, keep, other, more) => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    facts.add({ attribute: 'cat', value: 'Luna' });
    const before = facts.list();
    const settle = (): unknown =>
      facts.settle({ keep: idOf(keep), other: idOf(other) || other, how: 'different-times', ...more });
    expect((await appErrorOf(settle)).code).toBe(code);
    expect(facts.list()).toEqual(before);
  });

  it('is refused a second time', async () => {
    const { facts, idOf } = withCities('Oslo', 'Porto');
    const wanted = { keep: idOf('Oslo'), other: idOf('Porto'), how: 'both-true' } as const;
    facts.settle(wanted);
    expect((await appErrorOf(() => facts.settle(wanted))).message).toBe(
      '"Oslo" and "Porto" are in no conflict.',
    );
  });
});

describe('a text that a page has read', () => {
  it('is imported as a file of its name would be, without its folders', () => {
    const { facts } = createFactApp();
    const result = facts.importText('documents\\facts.csv', 'attribute,value,mood\ncity,Porto,fine\n');
    expect(result).toMatchObject({ added: 1, ignoredFields: ['mood'] });
    expect(facts.list()[0]?.source).toEqual({ type: 'imported', file: 'facts.csv', line: 2 });
  });

  it.each([
    ['notes.txt', 'My city is Porto.', 'Cannot import notes.txt: it is no fact file.'],
    ['', '[]', 'Cannot import this file: it is no fact file.'],
    ['facts.json', '{"attribute": }', 'Cannot import facts.json, line 1'],
    ['facts.json', '', 'Cannot import facts.json, line 1: it is empty'],
    ['facts.json', ' '.repeat(20_000_001), 'Cannot import facts.json: it has more than 20 MB.'],
  ])('is refused: %s', async (name, text, message) => {
    const { facts } = createFactApp();
    expect((await appErrorOf(() => facts.importText(name, text))).message).toContain(message);
    expect(facts.count()).toBe(0);
  });
});
