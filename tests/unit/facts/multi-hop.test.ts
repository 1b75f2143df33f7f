import { describe, expect, it } from 'vitest';
import { createFactApp } from '../../helpers/fact-app.ts';

function derivedOf(drafts: readonly [subject: string, attribute: string, value: string][]) {
  const { facts } = createFactApp();
  for (const [subject, attribute, value] of drafts) facts.add({ subject, attribute, value });
  return { facts, derived: facts.list().filter((fact) => fact.tier === 'multi-hop') };
}

describe('derived facts', () => {
  it('follow from a person of the owner and a fact about that person', () => {
    const { derived, facts } = derivedOf([
      ['me', 'partner', 'Jordan'],
      ['Jordan', 'job', 'teacher'],
    ]);
    const parents = facts
      .list()
      .slice(0, 2)
      .map((fact) => fact.id);
    expect(derived).toEqual([
      expect.objectContaining({
        subject: 'my partner',
        attribute: 'job',
        value: 'teacher',
        source: { type: 'derived', parents },
        statement: "Your partner is Jordan, and Jordan's job is teacher.",
      }),
    ]);
  });
  it('have the same id whenever they are derived', () => {
    const { facts } = derivedOf([
      ['me', 'partner', 'Jordan'],
      ['jordan', 'job', 'teacher'],
    ]);
    const ids = () =>
      facts
        .list()
        .filter((fact) => fact.tier === 'multi-hop')
        .map((fact) => fact.id);
    expect(ids()).toHaveLength(1);
    expect(ids()).toEqual(ids());
  });
  it('are none where a relation has several people', () => {
    expect(
      derivedOf([
        ['me', 'sister', 'Ana'],
        ['me', 'sister', 'Bea'],
        ['Ana', 'job', 'nurse'],
      ]).derived,
    ).toEqual([]);
  });
  it('are none where the owner told it directly', () => {
    expect(
      derivedOf([
        ['me', 'partner', 'Jordan'],
        ['Jordan', 'job', 'teacher'],
        ['my partner', 'job', 'headmaster'],
      ]).derived,
    ).toEqual([]);
  });
  it('leave with a parent that is no longer in force', () => {
    const { facts } = derivedOf([
      ['me', 'partner', 'Jordan'],
      ['Jordan', 'job', 'teacher'],
    ]);
    facts.add({ attribute: 'partner', value: 'Kim' });
    expect(facts.list().some((fact) => fact.tier === 'multi-hop')).toBe(false);
  });
  it('are never exported and cannot be edited', () => {
    const { facts, derived } = derivedOf([
      ['me', 'partner', 'Jordan'],
      ['Jordan', 'job', 'teacher'],
    ]);
    expect(facts.export('json')).not.toContain('multi-hop');
    expect(() => facts.edit(derived[0]?.id ?? '', { value: 'x' })).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    );
  });
});
