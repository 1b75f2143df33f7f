/** Use cases of facts: add, import, edit, end, forget, list, export, many at once, and the way back. */
import { basename } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Fact, FactDraft, IfOther, ImportResult } from '../../contract/entities/fact.ts';
import type { FactFilter, FactListRequest, FactMarks } from '../../contract/entities/fact-list.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import type { FactFacets, FactWithState } from '../../contract/entities/ledger.ts';
import { createChangeHistory, type Verdicts } from './change-history.ts';
import { dayOf, hasEnded } from './dates.ts';
import { cleanDraft, cleanValue, thingOf } from './draft-rules.ts';
import { exportedFacts, toCsvText, toJsonText } from './export-facts.ts';
import { conflictsOf, facetsOf, familyOf, type FactFamily } from './fact-detail.ts';
import { assertSomething, correctVersion, replaceVersion, type FactEdit } from './fact-edit.ts';
import { parseFactText, readFactFile, type FactFile } from './fact-files.ts';
import { asInput } from './fact-input.ts';
import { parseSearch } from './fact-search.ts';
import { createFactSnapshot, type StatesOf } from './fact-snapshot.ts';
import { createFactStore } from './fact-store.ts';
import { isCurrent, toFact, type FactVersion } from './fact-version.ts';
import { createFactWriter } from './fact-writer.ts';
import { readAnswer } from './read-answer.ts';
import { findKind, type Kinds } from './kinds.ts';
import { pageOf, toPredicate, withState, type FactPage, type ListedFact } from './list-facts.ts';
import { deriveFacts } from './multi-hop.ts';
import { settleConflict, type Settlement } from './settle-conflict.ts';

export type FactServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly kinds: Kinds;
  /** Lets go of what was proved about versions that have changed, and gives it; runs inside the transaction. */
  readonly forgetVerdicts: (factIds: readonly string[]) => Verdicts;
  /** Brings back what an undone change had let go of. */
  readonly restoreVerdicts?: (verdicts: Verdicts) => void;
  /** The state of each fact for the active adapter. Without it every fact is `pending`. */
  readonly statesOf?: StatesOf;
  /** Differs where the states differ for a reason outside the profile's database. */
  readonly statesKey?: () => string;
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
  const { db, kinds, clock, newId } = input;
  const store = createFactStore(db);
  const today = (): string => dayOf(clock.now());
  const view = (version: FactVersion): Fact => toFact(version, kinds, today());
  const statesOf: StatesOf =
    input.statesOf ??
    // eslint-disable-next-line require-yield -- nothing is known, and that at once
    function* () {
      return new Map();
    };
  const snapshot = createFactSnapshot({ db, store, kinds, today, statesOf, statesKey: input.statesKey });
  const history = createChangeHistory({
    db,
    clock,
    // A version with another value or other dates was proved by nobody, nor was what follows from it.
    takeVerdicts: (changed) =>
      changed.size === 0 ? [] : input.forgetVerdicts([...changed, ...derivedIdsOf(changed)]),
    restoreVerdicts: (verdicts) => input.restoreVerdicts?.(verdicts),
  });
  const writer = createFactWriter({ store, history, clock, newId, kinds });

  function derivedIdsOf(parents: ReadonlySet<string>): string[] {
    return deriveFacts(snapshot.stored(), kinds).flatMap((fact) =>
      fact.source.type === 'derived' && fact.source.parents.some((parent) => parents.has(parent))
        ? [fact.id]
        : [],
    );
  }

  function resolve(id: string): FactVersion {
    const found = store.find(id) ?? resolvePrefix(id);
    if (found !== undefined) return found;
    const derived = deriveFacts(snapshot.stored(), kinds).find((fact) => fact.id === id);
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

  /** A value of a many-valued attribute stands beside others, which are no versions of it. */
  function isOneOfMany(version: FactVersion): boolean {
    return (findKind(kinds, version.attribute)?.many ?? false) && version.supersedes === null;
  }

  function importAll(name: string, file: FactFile): ImportResult & { ignoredFields: string[] } {
    const result = history.record('import', name, () => writer.merge(file.drafts, name));
    return { ...result, ignoredFields: [...file.ignoredFields] };
  }

  function findListed(all: readonly ListedFact[], id: string): ListedFact {
    const found = all.find(({ fact }) => fact.id === id);
    if (found !== undefined) return found;
    throw new AppError('not-found', `There is no fact ${id}.`, { hint: 'See: keepsake facts list' });
  }

  function select(filter: FactFilter): readonly ListedFact[] {
    return snapshot.found(parseSearch(filter.search ?? '')).filter(toPredicate(filter, kinds));
  }

  /** Ids of the stored facts that a filter means. */
  function selectStored(filter: FactFilter): string[] {
    return select(filter).flatMap(({ fact }) => (fact.source.type === 'derived' ? [] : [fact.id]));
  }

  return {
    /** Every stored version, oldest first, then what follows from two of them. */
    list: (): readonly Fact[] => snapshot.all(),
    /** Before a list that may be long: others are answered while it is read. */
    prepare: (): Promise<void> => snapshot.prepare(),
    /** The same with states. */
    listWithStates: (): readonly ListedFact[] => snapshot.listed(),
    /** A page of those that fit a filter. */
    listPage: (request: FactListRequest): FactPage => pageOf(select(request), request),
    selectStored,
    /** Facts in force and what follows from them. */
    listCurrent: (): Fact[] => {
      const stored = snapshot.stored().filter((fact) => fact.current);
      return [...stored, ...deriveFacts(stored, kinds)];
    },
    get: (id: string): Fact => view(resolve(id)),
    /** One fact, stored or derived, with its versions, parents and children. Throws `not-found`. */
    family: (id: string): FactFamily => {
      const all = snapshot.listed();
      const listed = all.find(({ fact }) => fact.id === id) ?? findListed(all, resolve(id).id);
      const version = store.find(listed.fact.id);
      const siblings = version === undefined ? [] : store.listThing(version.thing);
      const siblingIds = new Set(siblings.map((each) => each.id));
      return familyOf(listed, all, { siblingIds, isTierGiven: (version?.tierGiven ?? null) !== null }, kinds);
    },
    facets: (): FactFacets => facetsOf(snapshot.listed()),
    conflicts: () => conflictsOf(snapshot.listed()),
    /** Settles one conflict; an undo takes it back. */
    settle: (
      wanted: Omit<Settlement, 'keep' | 'other'> & { keep: string; other: string },
    ): FactWithState[] => {
      const [keep, other] = [resolve(wanted.keep), resolve(wanted.other)];
      const changed = asInput(() =>
        settleConflict({ ...wanted, keep, other }, store.listThing(keep.thing), today()),
      );
      history.record('settle', null, () => writer.saveVersions(changed));
      const all = snapshot.listed();
      return [keep.id, other.id].map((id) => withState(findListed(all, id)));
    },
    count: (): number => store.count(),

    readAnswer: (attribute: string, answer: string) => [...readAnswer(attribute, answer, kinds)],
    /** `ifOther` says what becomes of a value that it contradicts. */
    add: (draft: FactDraft, ifOther: IfOther = 'replace'): ImportResult => {
      const clean = asInput(() => cleanDraft(draft, kinds));
      return history.record('add', null, () => writer.merge([clean], null, ifOther));
    },

    /** Imports a whole file or nothing. */
    importFile: (file: string) => importAll(basename(file), readFactFile(file, kinds)),
    /** The same with a text that somebody else has read. */
    importText: (name: string, text: string) => {
      const file = parseFactText(name, text, kinds);
      return importAll(file.name, file);
    },

    /** Changes a fact: a new value is a new version, unless it corrects a typing error. */
    edit: (id: string, change: FactEdit): EditResult => {
      const version = resolve(id);
      const value = change.value === undefined ? version.value : asInput(() => cleanValue(change.value));
      assertSomething(change);
      if (change.typo === true || value === version.value) {
        history.record('edit', null, () => writer.saveVersions([correctVersion(version, value, change)]));
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
      const siblings = store.listThing(version.thing);
      const { ended, next } = replaceVersion(version, value, change, {
        siblings,
        today: today(),
        now: clock.now(),
        newId,
      });
      history.record('edit', null, () => writer.saveVersions([ended, next]));
      return { fact: view(resolve(next.id)), superseded: view(resolve(version.id)) };
    },

    /** Sets category, end or `neverTrain` of every stored fact that a filter means; all of them or none. */
    setMany: (filter: FactFilter, marks: FactMarks): { matched: number; changed: number } => {
      assertSomething(marks);
      const versions = selectStored(filter).map(resolve);
      const changed = versions.map((version) => {
        try {
          // Only what is not over yet can be ended.
          const { validTo, ...rest } = marks;
          return correctVersion(
            version,
            version.value,
            hasEnded(version, today()) ? rest : { ...rest, validTo },
          );
        } catch (cause) {
          if (!(cause instanceof AppError)) throw cause;
          throw new AppError(cause.code, `Nothing was changed. ${cause.message} (fact ${version.id})`, {
            hint: cause.hint ?? 'Choose fewer facts.',
            cause,
          });
        }
      });
      return history.record('set', null, () => ({
        matched: versions.length,
        changed: writer.saveVersions(changed),
      }));
    },

    history,

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
      const single = new Set(
        named.filter((version) => !isOneOfMany(version)).map((version) => version.thing),
      );
      const kept = siblings.filter((other) => !gone.has(other.id) && single.has(other.thing));
      return {
        facts: doomed.map(view),
        factIds: [...gone, ...derivedIdsOf(gone)],
        otherVersions: kept.map((other) => other.id),
      };
    },
    /**
     * Deletes the rows of a removal, and every image of the same things that an undo could bring back; the caller
     * holds the transaction and erases the free pages afterwards.
     */
    removeRows: (removal: Removal): void => {
      // Images of a fact may be older than the kind of its name.
      const things = new Set(
        removal.facts.flatMap(({ subject, attribute, kind }) => [
          thingOf(subject, attribute, kind),
          thingOf(subject, attribute, null),
        ]),
      );
      history.forgetThings([...things]);
      // Values that lost to one of these alone are in force again; those that were settled as wrong are not.
      const contested = new Set(
        [...things]
          .flatMap((thing) => store.listThing(thing))
          .filter((version) => version.conflictsWith.length > 0)
          .map((version) => version.id),
      );
      for (const fact of removal.facts) store.remove(fact.id);
      for (const thing of things) writer.settle(thing, contested);
      store.rebuildSearch();
    },

    export: (format: 'json' | 'csv'): string => {
      const facts = exportedFacts(store.list());
      return format === 'json' ? toJsonText(facts) : toCsvText(facts);
    },
  };
}
