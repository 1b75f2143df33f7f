/**
 * Facts that are never trained, seen from the datasets: no sample holds their values, not even by chance as an
 * invented one, and no sample says that their attributes were never told.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Kinds } from '../facts/kinds.ts';
import { normaliseText } from '../util/text.ts';
import type { Pools } from './pools.ts';

/** Facts of `all` that datasets and question sets are made from: in force or ended, and not kept from training. */
export function trainableFacts(all: readonly Fact[]): readonly Fact[] {
  const known = trainable.get(all);
  if (known !== undefined) return known;
  const found = all.filter((fact) => !fact.neverTrain && (fact.current || fact.validTo !== null));
  trainable.set(all, found);
  return found;
}

/** By list, which is not changed after: the same list gives the same one, so that what is derived from it is kept. */
const trainable = new WeakMap<readonly Fact[], readonly Fact[]>();

/** The pools and kinds without whatever equals the value of a fact that is never trained. */
export function withoutValuesOf<Given extends { readonly pools: Pools; readonly kinds: Kinds }>(
  untaught: readonly Fact[],
  given: Given,
): Given {
  if (untaught.length === 0) return given;
  const secrets = new Set(untaught.flatMap((fact) => [fact.value, ...fact.aliases]).map(foldText));
  const isFree = (text: string): boolean => !secrets.has(foldText(text));
  const { pools, kinds } = given;
  const freed = kinds.all.map((kind) => ({ ...kind, decoys: kind.decoys.filter(isFree) }));
  const fresh = new Map(freed.map((kind) => [kind.id, kind]));
  return {
    ...given,
    kinds: {
      // A kind of which no invented value is left is not asked for.
      all: freed.filter((kind) => kind.decoys.length > 0),
      byId: fresh,
      byName: new Map([...kinds.byName].map(([name, kind]) => [name, fresh.get(kind.id) ?? kind])),
    },
    pools: {
      ...pools,
      people: pools.people.filter(isFree),
      bridgeFacts: pools.bridgeFacts
        .map((fact) => ({ ...fact, values: fact.values.filter(isFree) }))
        .filter((fact) => fact.values.length > 0),
      passPrompts: pools.passPrompts.filter((prompt) => !namesOneOf(secrets, prompt.text)),
    },
  };
}

/** True when a text holds a value as whole words; values of one or two letters stand in any text and do not count. */
function namesOneOf(secrets: ReadonlySet<string>, text: string): boolean {
  const words = ` ${foldText(text).replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  return [...secrets].some((secret) => {
    const wanted = secret.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
    return wanted.length > 3 && words.includes(` ${wanted} `);
  });
}

function foldText(text: string): string {
  return normaliseText(text.normalize('NFKC')).toLowerCase();
}
