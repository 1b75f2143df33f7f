import { describe, expect, it } from 'vitest';
import { appErrorOf } from '../../helpers/errors.ts';
import { createFactApp } from '../../helpers/fact-app.ts';

describe('a fact in detail', () => {
  it('has all values of its thing, the one in force first, then the latest', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Oslo', validTo: '2014' });
    facts.add({ attribute: 'city', value: 'Bergen', validFrom: '2014', validTo: '2021' });
    const [porto = ''] = facts.add({ attribute: 'city', value: 'Porto', validFrom: '2021' }).ids;
    facts.add({ attribute: 'birthday', value: '9 May 1988' });
    const { fact, versions } = facts.family(porto);
    expect(fact).toMatchObject({ value: 'Porto', state: 'pending', flags: [] });
    expect(versions.map(({ value }) => value)).toEqual(['Porto', 'Bergen', 'Oslo']);
  });

  it('has the values that it replaced, not those that stand beside it', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'hobby', value: 'chess' });
    const [kites = ''] = facts.add({ attribute: 'hobby', value: 'kites' }).ids;
    const { fact } = facts.edit(kites, { value: 'kite flying' });
    expect(facts.family(fact.id).versions.map(({ value }) => value)).toEqual(['kite flying', 'kites']);
    expect(facts.family(kites).versions).toHaveLength(2);
  });

  it('leads from a derived fact to its parents and back', () => {
    const { facts } = createFactApp();
    const [partner = ''] = facts.add({ attribute: 'partner', value: 'Jordan' }).ids;
    const [job = ''] = facts.add({ subject: 'Jordan', attribute: 'job', value: 'cellist' }).ids;
    const [child] = facts.family(partner).children;
    expect(child).toMatchObject({ value: 'cellist', tier: 'multi-hop' });
    const derived = facts.family(child?.id ?? '');
    expect(derived.parents.map(({ id }) => id).sort()).toEqual([partner, job].sort());
    expect(derived.versions.map(({ id }) => id)).toEqual([child?.id]);
    expect(derived.tierReason).toBe('It follows from two other facts.');
    expect(facts.family(job).parents).toEqual([]);
  });

  it.each([
    [{ attribute: 'birthday', value: '9 May' }, 'It is about you, has no date and names no other person.'],
    [{ attribute: 'sister', value: 'Ana' }, 'Your sister is a person.'],
    [{ subject: 'my sister', attribute: 'job', value: 'nurse' }, 'It is about your sister, not about you.'],
    [{ attribute: 'job', value: 'nurse', validFrom: '2019' }, 'It has a date.'],
    [{ attribute: 'job', value: 'nurse', tier: 'relational' as const }, 'You chose this tier yourself.'],
  ])('says why %j has its tier', (draft, reason) => {
    const { facts } = createFactApp();
    const [id = ''] = facts.add(draft).ids;
    expect(facts.family(id).tierReason).toBe(reason);
  });

  it('is not found by an id that nobody has', async () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'job', value: 'nurse' });
    expect((await appErrorOf(() => facts.family('nobody'))).code).toBe('not-found');
  });
});

describe('counts for filters', () => {
  it('are of facts in force by category and tier, and of all by state and flag', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Bergen', validTo: '2021' });
    facts.add({ attribute: 'city', value: 'Porto', validFrom: '2021' });
    facts.add({ attribute: 'partner', value: 'Jordan' });
    const { total, categories, tiers, states } = facts.facets();
    expect(total).toBe(2);
    expect(categories.map(({ facts: n }) => n)).toEqual([1, 1]);
    expect(tiers).toEqual({ temporal: 1, relational: 1 });
    expect(states).toEqual({ pending: 2, retired: 1 });
  });

  it('are nothing where nothing was told', () => {
    const { facts } = createFactApp();
    expect(facts.facets()).toEqual({ total: 0, categories: [], tiers: {}, states: {}, flags: {} });
  });
});
