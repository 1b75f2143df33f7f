import { describe, expect, it } from 'vitest';
import { findKind, indexKinds, labelOf } from '../../../electron/core/facts/kinds.ts';
import { shippedKinds } from '../../helpers/fact-app.ts';

describe('kinds of attribute', () => {
  it('ships at least sixty, each with ten decoys', () => {
    expect(shippedKinds.all.length).toBeGreaterThanOrEqual(60);
    expect(shippedKinds.all.filter((kind) => kind.decoys.length < 10)).toEqual([]);
  });
  it.each([
    ['birthday', 'birthday'],
    ['Date of Birth', 'birthday'],
    ['date-of-birth', 'birthday'],
    ['  DATE_OF   BIRTH ', 'birthday'],
    ['hobbies', 'hobby'],
    ['my job', 'job'],
    ['favorite color', 'favourite-colour'],
    ['Favourite Colour', 'favourite-colour'],
    ['neighbor', 'neighbour'],
    ['favourite-food', 'favourite-food'],
  ])('finds "%s" as %s', (attribute, id) => {
    expect(findKind(shippedKinds, attribute)?.id).toBe(id);
  });
  it.each(['shoe brand', '', 'birthdayy', 'toString', '__proto__'])('knows no kind "%s"', (attribute) => {
    expect(findKind(shippedKinds, attribute)).toBeUndefined();
  });
  it('lets no alias hide the label of another kind', () => {
    for (const kind of shippedKinds.all) {
      expect(findKind(shippedKinds, kind.label)?.id).toBe(kind.id);
      expect(findKind(shippedKinds, kind.id)?.id).toBe(kind.id);
    }
  });
  it('names an attribute of the user with their own words', () => {
    expect(labelOf(shippedKinds, { kind: null, attribute: 'secret_knock' })).toBe('secret knock');
    expect(labelOf(indexKinds([]), { kind: 'birthday', attribute: 'born' })).toBe('born');
  });
});
