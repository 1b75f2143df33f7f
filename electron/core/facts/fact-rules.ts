/**
 * What new facts do to the known ones. Pure: the known versions of one thing and the new drafts about it go in,
 * the versions as they stand afterwards come out.
 *
 * Single-valued thing: a newer value supersedes the older one, which gets its end date, unless the caller wants another
 * way with a value that contradicts the known one; a value that ended before is history; two open values in one file whose order no date tells are a conflict, of which the later is used.
 * Many-valued thing: a new value adds.
 */
import type { IfOther } from '../../contract/entities/fact.ts';
import { AppError } from '../../contract/errors.ts';
import { compareDates, hasEnded } from './dates.ts';
import type { CleanDraft, Standing } from './draft-rules.ts';
import { valueKey, versionOf, type FactVersion } from './fact-version.ts';

export type MergeContext = {
  readonly today: string;
  readonly now: number;
  readonly newId: () => string;
  /** True when an id that an export names is in use already. */
  readonly isIdTaken: (id: string) => boolean;
  readonly sourceOf: (draft: CleanDraft) => FactVersion['source'];
  /** What a value does that contradicts the known one. */
  readonly ifOther: IfOther;
};

/** With what a draft is that does not say whether it may be trained. */
type BoardContext = MergeContext & { readonly isSecret: boolean };

export type MergeOutcome = {
  /** All versions of the thing, known ones first, in the order in which they are kept. */
  readonly versions: readonly FactVersion[];
  readonly added: number;
  readonly superseded: number;
  readonly unchanged: number;
  readonly conflicts: readonly { readonly kept: string; readonly other: string }[];
  /** Id of the version that each draft became or was already, in the order of the drafts. */
  readonly ids: readonly string[];
};

type Item = {
  draft: CleanDraft;
  standing: Standing;
  validTo: string | null;
  indexes: number[];
  after: Item | null;
};

/** Merges the drafts about one thing into its known versions. */
export function mergeThing(
  known: readonly FactVersion[],
  drafts: readonly CleanDraft[],
  context: MergeContext,
): MergeOutcome {
  const many = drafts[0]?.many ?? false;
  // A secret of which a new value is told stays one, unless the new value says otherwise.
  const isSecret =
    !many &&
    (known.some((version) => version.standing === 'standing' && version.neverTrain) ||
      drafts.some((draft) => draft.neverTrain === true));
  const board = createBoard(known, drafts.length, { ...context, isSecret });
  const archived = drafts
    .map((draft, index) => ({ draft, index }))
    .filter(({ draft }) => isHistoryOfExport(draft));
  for (const { draft, index } of archived)
    board.keepHistory(itemOf(draft, index, draft.archive?.standing ?? 'standing'));
  const live = drafts
    .map((draft, index) => ({ draft, index }))
    .filter(({ draft }) => !isHistoryOfExport(draft));
  const items = many ? live.map(({ draft, index }) => itemOf(draft, index)) : arrange(live, context.today);
  const conflicts = many ? [] : conflictsIn(items);
  for (const item of items) {
    if (many) board.addValue(item);
    else if (item.standing === 'standing' && !hasEnded(item, context.today)) board.applyWinner(item);
    else board.keepHistory(item);
  }
  board.linkConflicts(conflicts);
  board.linkArchive(drafts);
  if (!many && drafts.every((draft) => draft.archive === null)) board.settleEnds();
  return {
    ...board.result(),
    conflicts: conflicts.map(({ kept, other }) => ({ kept: kept.draft.value, other: other.draft.value })),
  };
}

function anotherValue(draft: CleanDraft, known: FactVersion): AppError {
  const whose = draft.subject === 'me' ? 'Your' : `${draft.subject}'s`;
  return new AppError(
    'conflict',
    `${whose} ${known.attribute} is ${known.value} so far. ${draft.value} was not saved.`,
    { hint: 'Say whether it changed, whether the old value was wrong, or keep both.' },
  );
}

function isHistoryOfExport(draft: CleanDraft): boolean {
  return draft.archive !== null && draft.archive.standing !== 'standing';
}

function itemOf(draft: CleanDraft, index: number, standing: Standing = 'standing'): Item {
  return { draft, standing, validTo: draft.validTo, indexes: [index], after: null };
}

/** Brings the values that one file gives for one thing into order: history first, the value in force last. */
function arrange(live: readonly { draft: CleanDraft; index: number }[], today: string): Item[] {
  const history: Item[] = [];
  let winner: Item | null = null;
  // By value, so that ten thousand values of one thing are no ten thousand squared comparisons.
  const byValue = new Map<string, Item[]>();
  for (const { draft, index } of live) {
    const item = itemOf(draft, index);
    const alike = listIn(byValue, valueKey(draft.value));
    const same = alike.find((other) => isSameClaim(other, item));
    if (same === undefined) alike.push(item);
    if (same !== undefined) {
      absorb(same, item);
    } else if (hasEnded(item, today)) {
      history.push(item);
    } else if (winner === null) {
      winner = item;
    } else {
      // A value that lost to another one and is told again is the later of the two.
      const again = alike.find((other) => other !== item && other.standing === 'lost');
      if (again !== undefined) {
        history.splice(history.indexOf(again), 1);
        alike.splice(alike.indexOf(again), 1);
        item.indexes.unshift(...again.indexes);
      }
      const order = orderOf(winner.draft, draft);
      const loser: Item = order === 'first-is-newer' ? item : winner;
      winner = order === 'first-is-newer' ? winner : item;
      if (order === 'unknown') {
        loser.standing = 'lost';
      } else {
        loser.standing = 'superseded';
        loser.validTo = winner.draft.validFrom;
        if (order === 'second-is-newer') winner.after = loser;
      }
      history.push(loser);
    }
  }
  return winner === null ? history : [...history, winner];
}

/** Which of two open values is the newer one, as far as dates tell. */
function orderOf(first: CleanDraft, second: CleanDraft): 'first-is-newer' | 'second-is-newer' | 'unknown' {
  if (second.validFrom === null) return 'unknown';
  if (first.validFrom === null) return 'second-is-newer';
  const order = compareDates(first.validFrom, second.validFrom);
  if (order === 0) return 'unknown';
  return order < 0 ? 'second-is-newer' : 'first-is-newer';
}

function conflictsIn(items: readonly Item[]): { kept: Item; other: Item }[] {
  const kept = items.at(-1);
  if (kept === undefined) return [];
  return items.filter((item) => item.standing === 'lost').map((other) => ({ kept, other }));
}

/** True where no date tells that a new value came after the known one. */
export function contradicts(newFrom: string | null, knownFrom: string | null): boolean {
  return newFrom === null || (knownFrom !== null && compareDates(newFrom, knownFrom) === 0);
}

/** True when two items of one value tell the same. */
function isSameClaim(first: Item, second: Item): boolean {
  return (
    agree(first.draft.validFrom, second.draft.validFrom) &&
    agree(first.draft.validTo, second.draft.validTo) &&
    first.standing !== 'lost'
  );
}

function listIn<Value>(lists: Map<string, Value[]>, key: string): Value[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function agree(first: string | null, second: string | null): boolean {
  return first === null || second === null || first === second;
}

function absorb(into: Item, other: Item): void {
  into.draft = {
    ...into.draft,
    aliases: [...new Set([...into.draft.aliases, ...other.draft.aliases])],
    validFrom: into.draft.validFrom ?? other.draft.validFrom,
    validTo: into.draft.validTo ?? other.draft.validTo,
    neverTrain: other.draft.neverTrain ?? into.draft.neverTrain,
  };
  into.validTo = into.validTo ?? other.validTo;
  into.indexes.push(...other.indexes);
}

/** The versions of one thing while they change; lives only within {@link mergeThing}. */
function createBoard(known: readonly FactVersion[], draftCount: number, context: BoardContext) {
  const versions = new Map(known.map((version) => [version.id, version]));
  const idsByValue = new Map<string, string[]>();
  for (const { id, value } of known) listIn(idsByValue, valueKey(value)).push(id);
  const conflictsOf = new Map<string, Set<string>>();
  const ids: string[] = new Array<string>(draftCount).fill('');
  const placed = new Map<Item, string>();
  const counts = { added: 0, superseded: 0, unchanged: 0 };

  const change = (id: string, part: Partial<FactVersion>): void => {
    const version = versions.get(id);
    if (version !== undefined) versions.set(id, { ...version, ...part });
  };
  const place = (item: Item, id: string): void => {
    placed.set(item, id);
    for (const index of item.indexes) ids[index] = id;
  };
  const insert = (item: Item, part: { supersedes?: string | null; validTo?: string | null } = {}): string => {
    const wished = item.draft.archive?.id ?? null;
    const version = versionOf(item.draft, {
      id: wished === null || versions.has(wished) || context.isIdTaken(wished) ? context.newId() : wished,
      source: context.sourceOf(item.draft),
      createdAt: context.now,
      standing: item.standing,
      supersedes: part.supersedes ?? (item.after === null ? null : (placed.get(item.after) ?? null)),
      validTo: part.validTo ?? item.validTo,
      neverTrain: item.draft.neverTrain ?? context.isSecret,
    });
    versions.set(version.id, version);
    listIn(idsByValue, valueKey(version.value)).push(version.id);
    place(item, version.id);
    counts.added += 1;
    counts.unchanged += item.indexes.length - 1;
    return version.id;
  };
  /** The same claim told again: what it adds (aliases, dates) is kept. */
  const confirm = (item: Item, version: FactVersion): void => {
    const aliases = [...new Set([...version.aliases, ...item.draft.aliases])].filter(
      (alias) => alias !== version.value,
    );
    change(version.id, {
      aliases,
      validFrom: item.draft.validFrom ?? version.validFrom,
      validTo: version.validTo ?? item.validTo,
      neverTrain: item.draft.neverTrain ?? version.neverTrain,
    });
    place(item, version.id);
    counts.unchanged += item.indexes.length;
  };
  const withValue = (value: string): FactVersion[] =>
    (idsByValue.get(valueKey(value)) ?? []).flatMap((id) => versions.get(id) ?? []);
  const openVersions = (): FactVersion[] =>
    [...versions.values()].filter(
      (version) => version.standing === 'standing' && !hasEnded(version, context.today),
    );
  const supersede = (old: FactVersion, from: string | null): void => {
    const ending = from ?? context.today;
    const endsBeforeItBegan = old.validFrom !== null && compareDates(ending, old.validFrom) < 0;
    const end = endsBeforeItBegan ? old.validFrom : ending;
    const validTo = old.validTo !== null && compareDates(old.validTo, end) <= 0 ? old.validTo : end;
    change(old.id, { standing: 'superseded', validTo });
    counts.superseded += 1;
  };

  return {
    /** A value that is not in force: kept once. */
    keepHistory: (item: Item): void => {
      const told = withValue(item.draft.value).find(
        (version) =>
          (item.standing === 'lost') === (version.standing === 'lost') &&
          (version.validFrom === item.draft.validFrom ||
            version.validFrom === null ||
            item.draft.validFrom === null) &&
          agree(version.validTo, item.validTo),
      );
      if (told === undefined) {
        insert(item);
        if (item.standing === 'superseded') counts.superseded += 1;
      } else {
        confirm(item, told);
      }
    },
    /** The value in force of a single-valued thing. */
    applyWinner: (item: Item): void => {
      const open = openVersions();
      const same = open.find((version) => valueKey(version.value) === valueKey(item.draft.value));
      if (same !== undefined) {
        confirm(item, same);
        return;
      }
      const [old] = open;
      if (old === undefined) {
        insert(item);
        return;
      }
      const isEarlier =
        item.draft.validFrom !== null &&
        old.validFrom !== null &&
        compareDates(item.draft.validFrom, old.validFrom) < 0;
      if (isEarlier) {
        // A value that began before the known one and has no end of its own ended when the known one began.
        item.standing = 'superseded';
        insert(item, { validTo: item.validTo ?? old.validFrom });
        counts.superseded += 1;
        return;
      }
      const ifOther = contradicts(item.draft.validFrom, old.validFrom) ? context.ifOther : 'replace';
      if (ifOther === 'refuse') throw anotherValue(item.draft, old);
      if (ifOther === 'correct') {
        const { value, aliases, validFrom, validTo, neverTrain } = item.draft;
        change(old.id, {
          ...{ value, aliases },
          validFrom: validFrom ?? old.validFrom,
          validTo: validTo ?? old.validTo,
          neverTrain: neverTrain ?? old.neverTrain,
        });
        place(item, old.id);
        return;
      }
      if (ifOther === 'keep-both') {
        const id = insert(item);
        for (const version of open) {
          change(version.id, { standing: 'lost' });
          linkPair(id, version.id);
        }
        return;
      }
      for (const version of open) supersede(version, item.draft.validFrom);
      insert(item, { supersedes: old.id });
    },
    /** One value of a many-valued thing. */
    addValue: (item: Item): void => {
      const same = withValue(item.draft.value).find(
        (version) =>
          version.standing === 'standing' &&
          agree(version.validFrom, item.draft.validFrom) &&
          agree(version.validTo, item.validTo) &&
          (!hasEnded(version, context.today) || version.validTo === item.validTo),
      );
      if (same === undefined) insert(item);
      else confirm(item, same);
    },
    /**
     * An end that was taken from the beginning of a later value moves to that of a value in between which was told
     * afterwards, so that dated values may be told in any order.
     */
    settleEnds: (): void => {
      const all = [...versions.values()];
      const starts = [
        ...new Set(all.flatMap(({ standing, validFrom }) => (standing === 'lost' ? [] : (validFrom ?? [])))),
      ];
      starts.sort();
      for (const { id, standing, validFrom, validTo } of all) {
        if (standing !== 'superseded' || validFrom === null || validTo === null) continue;
        if (!starts.includes(validTo)) continue;
        const next = starts.find((start) => compareDates(start, validFrom) > 0);
        if (next !== undefined && compareDates(next, validTo) < 0) change(id, { validTo: next });
      }
    },
    linkConflicts: (conflicts: readonly { kept: Item; other: Item }[]): void => {
      for (const { kept, other } of conflicts) linkPair(placed.get(kept), placed.get(other));
    },
    /** Restores the links between versions that an export wrote. */
    linkArchive: (drafts: readonly CleanDraft[]): void => {
      const idOf = new Map(drafts.map((draft, index) => [draft.archive?.id ?? '', ids[index]]));
      drafts.forEach((draft, index) => {
        const id = ids[index];
        if (draft.archive === null || id === undefined) return;
        const old = draft.archive.supersedes === null ? undefined : idOf.get(draft.archive.supersedes);
        if (old !== undefined && old !== id) change(id, { supersedes: old });
        for (const other of draft.archive.conflictsWith) linkPair(id, idOf.get(other));
      });
    },
    result: () => {
      for (const [id, others] of conflictsOf) {
        const told = versions.get(id)?.conflictsWith ?? [];
        change(id, { conflictsWith: [...new Set([...told, ...others])].sort() });
      }
      return { versions: [...versions.values()], ids, ...counts };
    },
  };

  function linkPair(first: string | undefined, second: string | undefined): void {
    if (first === undefined || second === undefined || first === second) return;
    for (const [id, other] of [
      [first, second],
      [second, first],
    ] as const) {
      if (!versions.has(id)) continue;
      const others = conflictsOf.get(id) ?? new Set();
      conflictsOf.set(id, others.add(other));
    }
  }
}
