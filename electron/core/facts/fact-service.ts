/** Use cases of facts: add, import, edit, end, forget, list and export. */
import type { Database } from 'better-sqlite3';
import type { Fact, FactDraft, ImportResult } from '../../contract/entities/fact.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import { compareDates, dayOf, hasEnded } from './dates.ts';
import { cleanCategory, cleanDraft, cleanValue, thingOf, type CleanDraft } from './draft-rules.ts';
import { exportedFacts, toCsvText, toJsonText } from './export-facts.ts';
import { readFactFile } from './fact-files.ts';
import { asInput, assertOrder, dateOr } from './fact-input.ts';
import { mergeThing } from './fact-rules.ts';
import { createFactStore } from './fact-store.ts';
import { isCurrent, toFact, valueKey, withTiers, type FactVersion } from './fact-version.ts';
import { findKind, type Kinds } from './kinds.ts';
import { deriveFacts } from './multi-hop.ts';
import { basename } from 'node:path';

export type FactServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly kinds: Kinds;
  /** Lets go of what was proved about versions that have changed; runs inside the transaction. */
  readonly forgetVerdicts: (factIds: readonly string[]) => void;
};

export type FactChange = {
  readonly value?: string | undefined;
  /** A correction of the spelling: no history is kept. */
  readonly typo?: boolean | undefined;
  /** End date of the version that is edited. */
  readonly validTo?: string | undefined;
  readonly validFrom?: string | undefined;
  readonly category?: string | undefined;
  /** Whether it stays in the prompt and is taught to no adapter. */
  readonly neverTrain?: boolean | undefined;
};

export type EditResult = { readonly fact: Fact; readonly superseded: Fact | null };
/** Facts that go, all ids that go with them, and the versions of the same thing that stay. */
export type Removal = {
  readonly facts: readonly Fact[];
  readonly factIds: readonly string[];
  readonly otherVersions: readonly string[];
};
export type FactService = ReturnType<typeof createFactService>;

/** Creates the use cases over one profile's database. */
export function createFactService(input: FactServiceInput) {
  const { db, kinds } = input;
  const store = createFactStore(db);
  const today = (): string => dayOf(input.clock.now());
  const view = (version: FactVersion): Fact => toFact(version, kinds, today());

  function listStored(): Fact[] {
    const day = today();
    return store.list().map((version) => toFact(version, kinds, day));
  }

  function merge(drafts: readonly CleanDraft[], file: string | null): ImportResult {
    const context = {
      today: today(),
      now: input.clock.now(),
      newId: input.newId,
      isIdTaken: (id: string) => store.find(id) !== undefined,
      sourceOf: (draft: CleanDraft): FactVersion['source'] =>
        file === null || draft.line === null
          ? { type: 'typed' }
          : { type: 'imported', file, line: draft.line },
    };
    const result = { added: 0, superseded: 0, unchanged: 0 };
    const conflicts: ImportResult['conflicts'] = [];
    const ids: string[] = new Array<string>(drafts.length).fill('');
    const saved: { before: ReadonlyMap<string, FactVersion>; after: readonly FactVersion[] }[] = [];
    for (const group of groupByThing(drafts)) {
      const known = store.listThing(group.thing);
      const outcome = mergeThing(
        known,
        group.entries.map((entry) => entry.draft),
        context,
      );
      group.entries.forEach((entry, index) => (ids[entry.index] = outcome.ids[index] ?? ''));
      result.added += outcome.added;
      result.superseded += outcome.superseded;
      result.unchanged += outcome.unchanged;
      const [first] = group.entries;
      for (const conflict of outcome.conflicts) {
        if (first !== undefined)
          conflicts.push({ subject: first.draft.subject, attribute: first.draft.attribute, ...conflict });
      }
      saved.push({
        before: new Map(known.map((version) => [version.id, version])),
        after: withTiers(outcome.versions, kinds),
      });
    }
    save(saved, ids);
    return { ...result, conflicts, ids: [...new Set(ids)] };
  }

  /** New versions are inserted in the order of the file, so that an export keeps that order. */
  function save(
    groups: readonly { before: ReadonlyMap<string, FactVersion>; after: readonly FactVersion[] }[],
    order: readonly string[],
  ): void {
    const rank = new Map<string, number>();
    order.forEach((id, index) => rank.has(id) || rank.set(id, index));
    const isNew = (group: (typeof groups)[number], version: FactVersion): boolean =>
      !group.before.has(version.id);
    groups
      .flatMap((group) => group.after.filter((version) => isNew(group, version)))
      .sort((a, b) => (rank.get(a.id) ?? 0) - (rank.get(b.id) ?? 0))
      .forEach((version) => store.insert(version));
    for (const group of groups) {
      for (const version of group.after) {
        if (!isNew(group, version)) store.update(version);
        const hasLinks = version.supersedes !== null || version.conflictsWith.length > 0;
        if (hasLinks || !isNew(group, version)) store.saveLinks(version);
      }
    }
    forgetVerdictsOf(
      new Set(
        groups
          .flatMap((group) =>
            group.after.filter((version) => isChanged(group.before.get(version.id), version)),
          )
          .map((version) => version.id),
      ),
    );
  }

  /** A version with another value or other dates was proved by nobody, nor was what follows from it. */
  function forgetVerdictsOf(changed: ReadonlySet<string>): void {
    if (changed.size === 0) return;
    const derived = deriveFacts(listStored(), kinds).filter(
      (fact) => fact.source.type === 'derived' && fact.source.parents.some((parent) => changed.has(parent)),
    );
    input.forgetVerdicts([...changed, ...derived.map((fact) => fact.id)]);
  }

  function resolve(id: string): FactVersion {
    const found = store.find(id) ?? resolvePrefix(id);
    if (found !== undefined) return found;
    const derived = deriveFacts(listStored(), kinds).find((fact) => fact.id === id);
    if (derived !== undefined) {
      throw new AppError(
        'invalid-input',
        `The fact ${id} is derived from two others and cannot be changed itself.`,
        {
          hint: `Change one of its parents: ${derived.source.type === 'derived' ? derived.source.parents.join(' or ') : ''}.`,
        },
      );
    }
    throw new AppError('not-found', `There is no fact ${id}.`, {
      hint: 'See the ids with: keepsake facts list',
    });
  }

  function resolvePrefix(prefix: string): FactVersion | undefined {
    const ids = prefix.length < 8 ? [] : store.listIdsStartingWith(prefix);
    return ids.length === 1 && ids[0] !== undefined ? store.find(ids[0]) : undefined;
  }

  /** Saves changed versions of one thing with the tiers that follow. */
  function saveThing(thing: string, changed: readonly FactVersion[]): void {
    const before = new Map(store.listThing(thing).map((version) => [version.id, version]));
    const after = new Map(before);
    for (const version of changed) after.set(version.id, version);
    save([{ before, after: withTiers([...after.values()], kinds) }], [...after.keys()]);
  }

  function correct(version: FactVersion, value: string, change: FactChange): void {
    const validTo = dateOr(change.validTo, 'validTo', version.validTo);
    const validFrom = dateOr(change.validFrom, 'validFrom', version.validFrom);
    assertOrder(validFrom, validTo);
    const aliases = version.aliases.filter((alias) => alias !== value);
    saveThing(version.thing, [
      { ...version, ...marksOf(change, version), value, validFrom, validTo, aliases },
    ]);
  }

  function replace(version: FactVersion, value: string, change: FactChange): FactVersion {
    const given = dateOr(change.validFrom, 'validFrom', null);
    const validTo = dateOr(change.validTo, 'validTo', given ?? endOf(version));
    // A value that holds until a day to come is replaced on that day, not before.
    const validFrom = given ?? (hasEnded({ validTo }, today()) ? null : validTo);
    assertOrder(version.validFrom, validTo);
    const ended: FactVersion = { ...version, standing: 'superseded', validTo };
    const twin = store
      .listThing(version.thing)
      .find(
        (other) =>
          other.id !== version.id && isCurrent(other, today()) && valueKey(other.value) === valueKey(value),
      );
    const fresh = (): FactVersion => ({
      ...version,
      id: input.newId(),
      value,
      aliases: [],
      validFrom,
      validTo: null,
      supersedes: version.id,
      standing: 'standing',
      conflictsWith: [],
      source: { type: 'typed' },
      createdAt: input.clock.now(),
    });
    const told = twin ?? fresh();
    const next: FactVersion = { ...told, ...marksOf(change, told) };
    saveThing(version.thing, [ended, next]);
    return next;
  }

  /** A value of a many-valued attribute stands beside others, which are no versions of it. */
  function isOneOfMany(version: FactVersion): boolean {
    return (findKind(kinds, version.attribute)?.many ?? false) && version.supersedes === null;
  }

  /** Today, unless the version begins later. */
  function endOf(version: FactVersion): string {
    const day = today();
    return version.validFrom !== null && compareDates(day, version.validFrom) < 0 ? version.validFrom : day;
  }

  return {
    /** Every stored version, oldest first, then what follows from two of them. */
    list: (): Fact[] => {
      const stored = listStored();
      return [...stored, ...deriveFacts(stored, kinds)];
    },
    /** Facts in force and what follows from them. */
    listCurrent: (): Fact[] => {
      const stored = listStored().filter((fact) => fact.current);
      return [...stored, ...deriveFacts(stored, kinds)];
    },
    get: (id: string): Fact => view(resolve(id)),
    count: (): number => store.count(),

    add: (draft: FactDraft): ImportResult => {
      const clean = asInput(() => cleanDraft(draft, kinds));
      return db.transaction(() => merge([clean], null)).immediate();
    },

    /** Imports a whole file or nothing. */
    importFile: (file: string): ImportResult & { ignoredFields: string[] } => {
      const { drafts, ignoredFields } = readFactFile(file, kinds);
      const result = db.transaction(() => merge(drafts, basename(file))).immediate();
      return { ...result, ignoredFields: [...ignoredFields] };
    },

    /** Changes a fact: a new value is a new version, unless it corrects a typing error. */
    edit: (id: string, change: FactChange): EditResult => {
      const version = resolve(id);
      const value = change.value === undefined ? version.value : asInput(() => cleanValue(change.value));
      const { typo: _typo, ...wanted } = change;
      if (Object.values(wanted).every((field) => field === undefined)) {
        throw new AppError('invalid-input', 'Nothing to change was given.', {
          hint: 'Give --value, --valid-to, --category or --never-train.',
        });
      }
      if (change.typo === true || value === version.value) {
        db.transaction(() => correct(version, value, change)).immediate();
        return { fact: view(resolve(version.id)), superseded: null };
      }
      const isUpcoming = version.standing === 'standing' && !hasEnded(version, today());
      if (!isCurrent(version, today()) && !isUpcoming) {
        throw new AppError(
          'invalid-input',
          `The fact ${version.id} is a former value and cannot get a new one.`,
          {
            hint: 'Correct its spelling with --typo, or edit the value in force.',
          },
        );
      }
      const next = db.transaction(() => replace(version, value, change)).immediate();
      return { fact: view(resolve(next.id)), superseded: view(resolve(version.id)) };
    },

    /**
     * What forgetting facts takes along: their versions, and with `allVersions` every version of the same things.
     *
     * `factIds` also holds the facts that were derived from them.
     */
    planRemoval: (ids: readonly string[], options: { allVersions?: boolean | undefined } = {}): Removal => {
      const named = ids.map(resolve);
      const siblings = [...new Set(named.map((version) => version.thing))].flatMap((thing) =>
        store.listThing(thing),
      );
      const doomed = options.allVersions === true ? siblings : named;
      const gone = new Set(doomed.map((other) => other.id));
      const derived = deriveFacts(listStored(), kinds).filter(
        (fact) => fact.source.type === 'derived' && fact.source.parents.some((parent) => gone.has(parent)),
      );
      const single = new Set(
        named.filter((version) => !isOneOfMany(version)).map((version) => version.thing),
      );
      const kept = siblings.filter((other) => !gone.has(other.id) && single.has(other.thing));
      return {
        facts: doomed.map(view),
        factIds: [...gone, ...derived.map((fact) => fact.id)],
        otherVersions: kept.map((other) => other.id),
      };
    },
    /** Deletes the rows of a removal; the caller holds the transaction and erases the free pages afterwards. */
    removeRows: (removal: Removal): void => {
      for (const fact of removal.facts) store.remove(fact.id);
      for (const thing of new Set(
        removal.facts.map((fact) => thingOf(fact.subject, fact.attribute, fact.kind)),
      )) {
        saveThing(thing, withoutLostConflicts(store.listThing(thing)));
      }
      store.rebuildSearch();
    },

    export: (format: 'json' | 'csv'): string => {
      const facts = exportedFacts(store.list());
      return format === 'json' ? toJsonText(facts) : toCsvText(facts);
    },
  };
}

/** What a change says beside value and dates. */
function marksOf(
  change: FactChange,
  { category, neverTrain }: FactVersion,
): Pick<FactVersion, 'category' | 'neverTrain'> {
  const given = change.category;
  return {
    category: given === undefined ? category : asInput(() => cleanCategory(given)),
    neverTrain: change.neverTrain ?? neverTrain,
  };
}

function isChanged(before: FactVersion | undefined, after: FactVersion): boolean {
  if (before === undefined) return false;
  return (['value', 'validFrom', 'validTo', 'standing', 'neverTrain'] as const).some(
    (field) => before[field] !== after[field],
  );
}

/** A value that lost to forgotten ones only is in force again. */
function withoutLostConflicts(versions: readonly FactVersion[]): FactVersion[] {
  return versions
    .filter((version) => version.standing === 'lost' && version.conflictsWith.length === 0)
    .slice(-1)
    .map((version) => ({ ...version, standing: 'standing' }));
}

function groupByThing(
  drafts: readonly CleanDraft[],
): { thing: string; entries: { draft: CleanDraft; index: number }[] }[] {
  const groups = new Map<string, { thing: string; entries: { draft: CleanDraft; index: number }[] }>();
  drafts.forEach((draft, index) => {
    const group = groups.get(draft.thing);
    if (group === undefined) groups.set(draft.thing, { thing: draft.thing, entries: [{ draft, index }] });
    else group.entries.push({ draft, index });
  });
  return [...groups.values()];
}
