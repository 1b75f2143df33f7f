/** Writes versions of facts: new drafts merged into the known ones, changed versions with the tiers that follow. */
import type { IfOther, ImportResult } from '../../contract/entities/fact.ts';
import type { Clock } from '../dependencies.ts';
import type { ChangeHistory } from './change-history.ts';
import { dayOf } from './dates.ts';
import { thingOf, type CleanDraft } from './draft-rules.ts';
import { mergeThing } from './fact-rules.ts';
import type { FactStore } from './fact-store.ts';
import { isSameVersion, withTiers, type FactVersion } from './fact-version.ts';
import { namesOfKind, type Kinds } from './kinds.ts';

export type FactWriterInput = {
  readonly store: FactStore;
  readonly history: ChangeHistory;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly kinds: Kinds;
};

export type FactWriter = ReturnType<typeof createFactWriter>;

type Group = {
  readonly before: ReadonlyMap<string, FactVersion>;
  readonly after: readonly FactVersion[];
};

/** Creates the writer; every call stands in the transaction of its caller. */
export function createFactWriter({ store, history, clock, newId, kinds }: FactWriterInput) {
  /** New versions are inserted in the order of the file, so that an export keeps that order. */
  function save(groups: readonly Group[], order: readonly string[]): number {
    const rank = new Map<string, number>();
    order.forEach((id, index) => rank.has(id) || rank.set(id, index));
    const written = groups.flatMap((group) =>
      group.after.flatMap((version) => {
        const before = group.before.get(version.id);
        return before !== undefined && isSameVersion(before, version) ? [] : [{ version, before }];
      }),
    );
    for (const { version } of written) history.touch(version.id, version.thing);
    written
      .filter(({ before }) => before === undefined)
      .sort((a, b) => (rank.get(a.version.id) ?? 0) - (rank.get(b.version.id) ?? 0))
      .forEach(({ version }) => store.insert(version));
    for (const { version, before } of written) {
      if (before !== undefined) store.update(version);
      const hasLinks = version.supersedes !== null || version.conflictsWith.length > 0;
      if (hasLinks || before !== undefined) store.saveLinks(version);
    }
    history.takeVerdicts(
      new Set(
        written.flatMap(({ version, before }) =>
          before !== undefined && isChanged(before, version) ? [version.id] : [],
        ),
      ),
    );
    return written.length;
  }

  /** The versions of a thing, also those told under a name that was no kind's yet. */
  function knownOf({ thing, kind, subject }: ThingDrafts): FactVersion[] {
    const named = kind === null ? undefined : kinds.byId.get(kind);
    const names = named === undefined ? [] : namesOfKind(named);
    const others = new Set(names.map((name) => thingOf(subject, name, null)));
    others.delete(thing);
    const strays = [...others].flatMap((other) =>
      store.listThing(other).filter((each) => each.kind === null),
    );
    return strays.length === 0
      ? store.listThing(thing)
      : [...strays, ...store.listThing(thing)].sort((a, b) => a.createdAt - b.createdAt);
  }

  return {
    /** Merges drafts into what is known; `file` is the name of an imported file. */
    merge: (
      drafts: readonly CleanDraft[],
      file: string | null,
      ifOther: IfOther = 'replace',
    ): ImportResult => {
      const context = {
        today: dayOf(clock.now()),
        now: clock.now(),
        newId,
        isIdTaken: (id: string) => store.find(id) !== undefined,
        sourceOf: (draft: CleanDraft): FactVersion['source'] =>
          file === null || draft.line === null
            ? { type: 'typed' }
            : { type: 'imported', file, line: draft.line },
        ifOther,
      };
      const result = { added: 0, superseded: 0, unchanged: 0 };
      const conflicts: ImportResult['conflicts'] = [];
      const ids: string[] = new Array<string>(drafts.length).fill('');
      const saved: Group[] = [];
      for (const group of groupByThing(drafts)) {
        const before = knownOf(group);
        const known = before.map((version) => ofKind(version, group.kind));
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
          before: new Map(before.map((version) => [version.id, version])),
          after: withTiers(outcome.versions, kinds),
        });
      }
      save(saved, ids);
      return { ...result, conflicts, ids: [...new Set(ids)] };
    },

    /**
     * Saves changed and new versions, of one thing or of many, with the tiers that follow for their siblings.
     *
     * Gives the number of versions that were written.
     */
    saveVersions: (changed: readonly FactVersion[]): number => {
      const things = new Map<string, FactVersion[]>();
      for (const version of changed) {
        const known = things.get(version.thing);
        if (known === undefined) things.set(version.thing, [version]);
        else known.push(version);
      }
      const groups = [...things].map(([thing, versions]): Group => {
        const before = new Map(store.listThing(thing).map((version) => [version.id, version]));
        const after = new Map(before);
        for (const version of versions) after.set(version.id, version);
        return { before, after: withTiers([...after.values()], kinds) };
      });
      return save(
        groups,
        groups.flatMap((group) => group.after.map((version) => version.id)),
      );
    },

    /** After some versions of a thing are gone: tiers anew, and a value that lost to those alone is in force again. */
    settle: (thing: string, contested: ReadonlySet<string>): void => {
      const versions = store.listThing(thing);
      const freed = versions
        .filter(
          (version) =>
            version.standing === 'lost' && version.conflictsWith.length === 0 && contested.has(version.id),
        )
        .slice(-1)
        .map((version) => version.id);
      const after = versions.map((version) =>
        freed.includes(version.id) ? { ...version, standing: 'standing' as const } : version,
      );
      save(
        [{ before: new Map(versions.map((each) => [each.id, each])), after: withTiers(after, kinds) }],
        [],
      );
    },
  };
}

/** True where another value, date or standing makes a proof void. */
function isChanged(before: FactVersion, after: FactVersion): boolean {
  return (['value', 'validFrom', 'validTo', 'standing', 'neverTrain'] as const).some(
    (field) => before[field] !== after[field],
  );
}

type ThingDrafts = {
  readonly thing: string;
  readonly kind: string | null;
  readonly subject: string;
  readonly entries: { draft: CleanDraft; index: number }[];
};

function ofKind(version: FactVersion, kind: string | null): FactVersion {
  return version.kind === kind
    ? version
    : { ...version, kind, thing: thingOf(version.subject, version.attribute, kind) };
}

function groupByThing(drafts: readonly CleanDraft[]): ThingDrafts[] {
  const groups = new Map<string, ThingDrafts>();
  drafts.forEach((draft, index) => {
    const { thing, kind, subject } = draft;
    const group = groups.get(thing);
    if (group === undefined) groups.set(thing, { thing, kind, subject, entries: [{ draft, index }] });
    else group.entries.push({ draft, index });
  });
  return [...groups.values()];
}
