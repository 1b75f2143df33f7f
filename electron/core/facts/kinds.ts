/**
 * The kinds of attribute that the app knows by name (resources/attribute-kinds.json).
 * An attribute that matches none is the user's own and holds one value.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { matchKey } from '../util/text.ts';

const kindSchema = z.object({
  /** Canonical kebab-case id. */
  id: z.string(),
  /** Noun phrase used in sentences: "birthday". */
  label: z.string(),
  plural: z.string(),
  /** Other names that a user might write. */
  aliases: z.array(z.string()),
  /** Names under which it is told but never asked for: wordings may hold their words. */
  spellings: z.array(z.string()).default([]),
  /** True when a person has several at once ("hobbies"). */
  many: z.boolean(),
  category: z.string(),
  value: z.string(),
  /** True when the value is a private person. */
  person: z.boolean(),
  /** Invented values of this kind. */
  decoys: z.array(z.string()),
});
export type Kind = z.infer<typeof kindSchema>;

const kindsFile = z.object({ schema: z.literal(1), kinds: z.array(kindSchema) });

/** All known kinds with an index over ids, labels, plurals and aliases. */
export type Kinds = {
  readonly all: readonly Kind[];
  readonly byId: ReadonlyMap<string, Kind>;
  readonly byName: ReadonlyMap<string, Kind>;
};

/** Reads the shipped kinds. Throws `setup-missing` when the file is not there or not readable. */
export function loadKinds(resourcesDir: string): Kinds {
  const file = join(resourcesDir, 'attribute-kinds.json');
  try {
    const parsed = kindsFile.parse(JSON.parse(readFileSync(file, 'utf8')));
    return indexKinds(parsed.kinds);
  } catch (cause) {
    throw new AppError('setup-missing', `The list of attribute kinds cannot be read: ${file}.`, {
      hint: 'Restore the folder resources/ from the project.',
      cause,
    });
  }
}

/** Builds the index; ids and labels win over plurals, those over aliases, and those over spellings. */
export function indexKinds(kinds: readonly Kind[]): Kinds {
  const byName = new Map<string, Kind>();
  const put = (name: string, kind: Kind): void => {
    const key = matchKey(name);
    if (key !== '' && !byName.has(key)) byName.set(key, kind);
  };
  for (const kind of kinds) {
    put(kind.id, kind);
    put(kind.label, kind);
  }
  for (const kind of kinds) put(kind.plural, kind);
  for (const kind of kinds) for (const alias of kind.aliases) put(alias, kind);
  for (const kind of kinds) for (const spelling of kind.spellings) put(spelling, kind);
  return { all: kinds, byId: new Map(kinds.map((kind) => [kind.id, kind])), byName };
}

/** The kind that an attribute names by id, label, plural, alias or spelling, however it is written. */
export function findKind(kinds: Kinds, attribute: string): Kind | undefined {
  const key = matchKey(attribute);
  const found = kinds.byName.get(key);
  if (found !== undefined) return found;
  const bare = key
    .replace(/^(?:(?:my|our|the|a|an|current|present) )+/u, '')
    .replace(/^fave? /u, 'favourite ')
    .replace(/[.:]+$/u, '');
  return kinds.byName.get(bare) ?? findNamed(kinds, bare);
}

const namedValues = new Set(['person', 'animal-name', 'organisation', 'place']);

/** "partner's name" and "name of my partner" are the partner, where its value is a name. */
function findNamed(kinds: Kinds, key: string): Kind | undefined {
  const named = /^(?:names? of (?:my |our |the )?(?<of>.+)|(?<whose>.+?)(?:'s|s')? names?)$/u.exec(
    key,
  )?.groups;
  const kind = kinds.byName.get(named?.of ?? named?.whose ?? '');
  return kind !== undefined && namedValues.has(kind.value) ? kind : undefined;
}

/** Every name under which a kind is told. */
export function namesOfKind({ id, label, plural, aliases, spellings }: Kind): readonly string[] {
  return [id, label, plural, ...aliases, ...spellings];
}

/** The noun phrase of an attribute for sentences: the kind's label, or the user's own words. */
export function labelOf(
  kinds: Kinds,
  fact: { readonly kind: string | null; readonly attribute: string },
): string {
  const kind = fact.kind === null ? undefined : kinds.byId.get(fact.kind);
  return kind?.label ?? fact.attribute.replace(/_+/gu, ' ').replace(/^(my|the) /iu, '');
}
