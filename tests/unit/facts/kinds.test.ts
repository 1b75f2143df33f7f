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
    ['city', 'home-city'],
    ['Town', 'home-city'],
    ['my current city', 'home-city'],
    ['where I live', 'home-city'],
    ['mail', 'email'],
    ['E-Mail account', 'email'],
    ['Phone number', 'phone-number'],
    ['phone no.', 'phone-number'],
    ['tel:', 'phone-number'],
    ['DOB', 'birthday'],
    ['birth date', 'birthday'],
    ["partner's name", 'partner'],
    ['Name of my dog', 'dog'],
    ['dogs name', 'dog'],
    ['fav colour', 'favourite-colour'],
    ['name of employer', 'employer'],
    ['fiancée', 'partner'],
  ])('finds "%s" as %s', (attribute, id) => {
    expect(findKind(shippedKinds, attribute)?.id).toBe(id);
  });
  it.each([
    'shoe brand',
    'hometown',
    'surname',
    'band name',
    "birthday's name",
    '',
    'birthdayy',
    'toString',
    '__proto__',
  ])('knows no kind "%s"', (attribute) => {
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
