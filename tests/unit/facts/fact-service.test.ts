import { describe, expect, it } from 'vitest';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { createFactApp } from '../../helpers/fact-app.ts';

const invalid = expect.objectContaining({ code: 'invalid-input' }) as Error;

describe('a single-valued thing', () => {
  it('is superseded by a new value, and the old one ends today', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Oslo' });
    const result = facts.add({ attribute: 'City', value: 'Porto' });
    expect(result).toMatchObject({ added: 1, superseded: 1, unchanged: 0 });
    const [oslo, porto] = facts.list();
    expect(oslo).toMatchObject({
      current: false,
      validTo: '2026-06-15',
      tier: 'temporal',
      statement: 'Your former home city was Oslo (until 2026-06-15).',
    });
    expect(porto).toMatchObject({ current: true, supersedes: oslo?.id, tier: 'temporal' });
  });
  it('takes in a value that was told under a name which was no kind’s at the time', () => {
    const db = openMemoryDatabase(profileMigrations);
    const before = { byId: new Map(), byName: new Map(), all: [] };
    const older = createFactApp('2026-06-15', 0, { db, kinds: before });
    const [old = ''] = older.facts.add({ attribute: 'town', value: 'Oslo' }).ids;
    older.facts.edit(old, { value: 'Oslo North', typo: true });
    const { facts } = createFactApp('2026-06-15', 10, { db });
    expect(facts.get(old)).toMatchObject({ kind: null, statement: 'Your town is Oslo North.' });
    expect(facts.add({ attribute: 'home city', value: 'Porto' })).toMatchObject({ added: 1, superseded: 1 });
    expect(facts.list().map(({ value, current, kind }) => [value, current, kind])).toEqual([
      ['Oslo North', false, 'home-city'],
      ['Porto', true, 'home-city'],
    ]);
    facts.history.step('undo');
    expect(facts.list().map(({ value, current, kind }) => [value, current, kind])).toEqual([
      ['Oslo North', true, null],
    ]);
    facts.history.step('redo');
    facts.removeRows(facts.planRemoval([old], { allVersions: true }));
    const images = db.prepare('SELECT count(*) FROM fact_change_rows').pluck().get();
    expect([facts.count(), images]).toEqual([0, 0]);
  });
  it('ends the old value where the new one begins', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Oslo' });
    facts.add({ attribute: 'city', value: 'Porto', validFrom: '2019' });
    expect(facts.list().map((fact) => fact.statement)).toEqual([
      'Your former home city was Oslo (until 2019).',
      'Your home city is Porto (since 2019).',
    ]);
  });
  it('keeps a value of the past as history', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Porto', validFrom: '2019' });
    expect(facts.add({ attribute: 'city', value: 'Oslo', validTo: '2019' })).toMatchObject({
      added: 1,
      superseded: 0,
    });
    expect(facts.add({ attribute: 'city', value: 'Rome', validFrom: '2001' })).toMatchObject({
      added: 1,
      superseded: 1,
    });
    expect(facts.listCurrent().map((fact) => fact.value)).toEqual(['Porto']);
    expect(facts.list().find((fact) => fact.value === 'Rome')).toMatchObject({
      validTo: '2019',
      current: false,
    });
  });
  it('counts the same value told again as unchanged, and keeps what it adds', () => {
    const { facts } = createFactApp();
    const [id] = facts.add({ attribute: 'city', value: 'Porto' }).ids;
    const again = facts.add({ attribute: 'city', value: ' porto ', aliases: ['Oporto'], validFrom: '2019' });
    expect(again).toMatchObject({ added: 0, unchanged: 1, ids: [id] });
    expect(facts.list()).toMatchObject([{ value: 'Porto', aliases: ['Oporto'], validFrom: '2019' }]);
  });
  it('may go back to an earlier value', () => {
    const { facts } = createFactApp();
    for (const value of ['Oslo', 'Porto', 'Oslo']) facts.add({ attribute: 'city', value });
    expect(facts.list().map((fact) => [fact.value, fact.current])).toEqual([
      ['Oslo', false],
      ['Porto', false],
      ['Oslo', true],
    ]);
  });
  it('waits for a value that begins in the future', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Oslo' });
    facts.add({ attribute: 'city', value: 'Porto', validFrom: '2027' });
    expect(facts.listCurrent().map((fact) => fact.value)).toEqual(['Oslo']);
    expect(facts.list().map((fact) => fact.statement)).toEqual([
      'Your home city is Oslo (until 2027).',
      'Your home city will be Porto (from 2027).',
    ]);
  });
  it('is told apart by its subject', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'job', value: 'nurse' });
    facts.add({ subject: 'Jordan', attribute: 'job', value: 'teacher' });
    facts.add({ subject: 'JORDAN', attribute: 'occupation', value: 'baker' });
    expect(facts.listCurrent().map((fact) => fact.value)).toEqual(['nurse', 'baker']);
  });
});

describe('a many-valued thing', () => {
  it('adds each new value', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'hobby', value: 'chess' });
    expect(facts.add({ attribute: 'hobbies', value: 'hiking' })).toMatchObject({ added: 1, superseded: 0 });
    expect(facts.add({ attribute: 'hobby', value: 'Chess' })).toMatchObject({ added: 0, unchanged: 1 });
    expect(facts.listCurrent()).toMatchObject([
      { value: 'chess', tier: 'simple' },
      { value: 'hiking', tier: 'simple' },
    ]);
  });
  it('takes a value up again that had ended', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'hobby', value: 'chess', validTo: '2010' });
    expect(facts.add({ attribute: 'hobby', value: 'chess' })).toMatchObject({ added: 1 });
    expect(facts.listCurrent()).toHaveLength(1);
  });
});

describe('editing', () => {
  it('makes a new version and ends the old one on the given day', () => {
    const { facts } = createFactApp();
    const [id = ''] = facts.add({ attribute: 'hobby', value: 'chess' }).ids;
    const { fact, superseded } = facts.edit(id, { value: 'go', validTo: '2020-05' });
    expect(fact).toMatchObject({ value: 'go', supersedes: id, current: true, tier: 'temporal' });
    expect(superseded).toMatchObject({ id, validTo: '2020-05', current: false });
  });
  it('waits for the day on which the old value ends', () => {
    const { facts } = createFactApp();
    const [id = ''] = facts.add({ attribute: 'city', value: 'Oslo' }).ids;
    const { fact } = facts.edit(id, { value: 'Porto', validTo: '2027-01-01' });
    expect(fact).toMatchObject({ validFrom: '2027-01-01', current: false });
    expect(facts.listCurrent().map((each) => each.value)).toEqual(['Oslo']);
  });
  it('changes a value that is still to come', () => {
    const { facts } = createFactApp();
    const [id = ''] = facts.add({ attribute: 'city', value: 'Porto', validFrom: '2027' }).ids;
    expect(facts.edit(id, { value: 'Rome', validFrom: '2028' }).fact).toMatchObject({
      value: 'Rome',
      validFrom: '2028',
    });
  });
  it('corrects a typing error without history, and its verdicts go', () => {
    const { facts, corrected } = createFactApp();
    const [id = ''] = facts.add({ attribute: 'city', value: 'Protp' }).ids;
    facts.edit(id, { value: 'Porto', typo: true });
    expect(facts.list()).toMatchObject([{ id, value: 'Porto', tier: 'simple', validTo: null }]);
    expect(corrected).toEqual([id]);
  });
  it('ends a fact without a new value', () => {
    const { facts, corrected } = createFactApp();
    const [id = ''] = facts.add({ attribute: 'gym', value: 'Iron' }).ids;
    facts.edit(id, { validTo: '2026-01' });
    expect(facts.listCurrent()).toEqual([]);
    expect(corrected).toEqual([id]);
  });
  it('refuses a former value, an end before the beginning and nothing to change', () => {
    const { facts } = createFactApp();
    const [id = ''] = facts.add({ attribute: 'city', value: 'Oslo', validFrom: '2015' }).ids;
    expect(() => facts.edit(id, {})).toThrow(invalid);
    expect(() => facts.edit(id, { validTo: '2014' })).toThrow(invalid);
    expect(() => facts.edit(id, { value: '' })).toThrow(invalid);
    expect(() => facts.edit(id, { value: 'x', validTo: '2023-02-30' })).toThrow(invalid);
    facts.add({ attribute: 'city', value: 'Porto' });
    expect(() => facts.edit(id, { value: 'Rome' })).toThrow(invalid);
    expect(() => facts.edit('nope', { value: 'Rome' })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});

describe('forgetting', () => {
  it('plans for the fact and what was derived from it', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'partner', value: 'Jordan' });
    const [id = ''] = facts.add({ subject: 'Jordan', attribute: 'job', value: 'teacher' }).ids;
    const derived = facts.list().find((fact) => fact.tier === 'multi-hop')?.id;
    expect(facts.planRemoval([id]).factIds).toEqual([id, derived]);
  });
  it('leaves former values unless all are meant', () => {
    const { facts } = createFactApp();
    const [oslo = ''] = facts.add({ attribute: 'city', value: 'Oslo' }).ids;
    const [porto = ''] = facts.add({ attribute: 'city', value: 'Porto' }).ids;
    expect(facts.planRemoval([porto])).toMatchObject({ factIds: [porto], otherVersions: [oslo] });
    facts.removeRows(facts.planRemoval([porto]));
    expect(facts.list()).toMatchObject([{ value: 'Oslo', current: false, supersedes: null }]);
    facts.removeRows(facts.planRemoval([oslo], { allVersions: true }));
    expect(facts.list()).toEqual([]);
  });
});
