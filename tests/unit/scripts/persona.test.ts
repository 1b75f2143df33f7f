import { describe, expect, it } from 'vitest';
import { deriveFacts } from '../../../electron/core/facts/multi-hop.ts';
import { makePersona } from '../../../scripts/lib/persona.mjs';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';

describe('a persona', () => {
  it.each([5, 12, 25, 50])('of %i facts has that many over the tiers, derived ones among them', (count) => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const told = makePersona({ seed, count, resourcesDir }).map((draft) =>
        aFact({ ...draft, current: draft.validTo === undefined }),
      );
      expect(told.length + deriveFacts(told, kinds).length, `seed ${seed}`).toBe(count);
    }
  });

  it('is the same for the same seed and another for another one', () => {
    const text = (seed: number) => JSON.stringify(makePersona({ seed, count: 25, resourcesDir }));
    expect([text(3) === text(3), text(3) === text(4)]).toEqual([true, false]);
  });

  it('names only attributes that are known kinds', () => {
    const attributes = makePersona({ seed: 2, count: 50, resourcesDir }).map((draft) => draft.attribute);
    expect(attributes.filter((attribute) => aFact({ attribute, value: 'x' }).kind === null)).toEqual([]);
  });
});
