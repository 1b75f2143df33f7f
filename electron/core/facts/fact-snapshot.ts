/** All facts as they stand on a day, read once and kept while nothing is written to the database. */
import type { Database } from 'better-sqlite3';
import BetterSqlite from 'better-sqlite3';
import type { Fact, FactFlag, FactState } from '../../contract/entities/fact.ts';
import { watchTables } from '../db/table-revision.ts';
import { createFactSearch, type FactSearch, type SearchQuery } from './fact-search.ts';
import type { FactStore } from './fact-store.ts';
import { toFact, type FactVersion } from './fact-version.ts';
import type { Kinds } from './kinds.ts';
import type { ListedFact } from './list-facts.ts';
import { deriveFacts } from './multi-hop.ts';
import { takeAll, takeInSlices, type Steps } from '../util/slices.ts';

/** Facts that are worded in one step. */
const factsInStep = 250;
/** How often a list is read in slices before it is read at once. */
const mostTurns = 3;

export type FactSnapshotInput = {
  readonly db: Database;
  readonly store: FactStore;
  readonly kinds: Kinds;
  readonly today: () => string;
  /** The state of each fact for the active adapter. */
  readonly statesOf: StatesOf;
  /** What else the states depend on, beside this database: the version that serves. */
  readonly statesKey?: (() => string) | undefined;
};

/** State and flags by fact id, in steps. */
export type StatesOf = (
  facts: readonly Fact[],
) => Steps<ReadonlyMap<string, { readonly state: FactState; readonly flags: readonly FactFlag[] }>>;

type Snapshot = {
  readonly stored: readonly Fact[];
  readonly derived: readonly Fact[];
  /** Both. */
  readonly all: readonly Fact[];
  /** Sequence numbers of the stored facts, in their order. */
  readonly sequences: readonly number[];
};

export type FactSnapshot = ReturnType<typeof createFactSnapshot>;

/** Creates the reader; what it gives is never older than the last write, of whatever process. */
export function createFactSnapshot({ db, store, kinds, today, statesOf, statesKey }: FactSnapshotInput) {
  const revision = watchTables(db, 'facts', ['facts', 'fact_conflicts']);
  const proofs = watchTables(db, 'proofs', ['ledger', 'adapters', 'adapter_facts', 'profile_values']);
  const storedSearch = createFactSearch(db);
  let kept: { readonly key: string; readonly snapshot: Snapshot } | null = null;
  /** Facts by version: one that is as it was is not worded again. */
  let views = new WeakMap<FactVersion, Fact>();
  let viewedOn = '';
  const states = new WeakMap<Snapshot, { readonly key: string; readonly listed: readonly ListedFact[] }>();
  const searches = new WeakMap<Snapshot, FactSearch>();
  /** Who asks while it is read waits for the same reading. */
  let preparing: Promise<void> | null = null;

  const keyNow = (): string => `${revision()} ${today()}`;
  const statesKeyNow = (): string => `${proofs()} ${statesKey?.() ?? ''}`;

  function read(): Snapshot {
    // Within a transaction another reader could be shown what is rolled back later.
    if (db.inTransaction) return takeAll(load());
    const key = keyNow();
    if (kept?.key !== key) kept = { key, snapshot: takeAll(load()) };
    return kept.snapshot;
  }

  function* load(): Steps<Snapshot> {
    const day = today();
    if (day !== viewedOn) views = new WeakMap();
    viewedOn = day;
    const viewed = views;
    const numbered = yield* store.listSteps();
    const stored: Fact[] = [];
    for (const [index, { version }] of numbered.entries()) {
      const known = viewed.get(version) ?? toFact(version, kinds, day);
      viewed.set(version, known);
      stored.push(known);
      if (index % factsInStep === 0) yield;
    }
    yield;
    const derived = deriveFacts(stored, kinds);
    yield;
    const sequences = numbered.map(({ sequence }) => sequence);
    return { stored, derived, all: [...stored, ...derived], sequences };
  }

  /** Stored facts by sequence; derived ones after all of them, by their parents. */
  function listed(): readonly ListedFact[] {
    const snapshot = read();
    const key = statesKeyNow();
    const known = states.get(snapshot);
    if (known?.key === key) return known.listed;
    const made = takeAll(list(snapshot));
    states.set(snapshot, { key, listed: made });
    return made;
  }

  function* list({ stored, all, sequences }: Snapshot): Steps<readonly ListedFact[]> {
    const stateOf = yield* statesOf(all);
    yield;
    const placeOf = new Map(stored.map((fact, index) => [fact.id, sequences[index] ?? 0]));
    const place = (fact: Fact): number => {
      if (fact.source.type !== 'derived') return placeOf.get(fact.id) ?? 0;
      const [link = 0, other = 0] = fact.source.parents.map((parent) => placeOf.get(parent));
      return 2 ** 51 + link * 2 ** 25 + other;
    };
    // Spread objects would take most of the time of a list of ten thousand.
    return all.map((fact): ListedFact => {
      const known = stateOf.get(fact.id);
      return { fact, state: known?.state ?? 'pending', flags: known?.flags ?? [], place: place(fact) };
    });
  }

  /** In slices; where something is written meanwhile, once more, and at last at once. */
  async function prepareInSlices(): Promise<void> {
    for (let turn = 0; turn < mostTurns; turn += 1) {
      const key = keyNow();
      if (kept?.key !== key) {
        const snapshot = await takeInSlices(load());
        if (keyNow() !== key) continue;
        kept = { key, snapshot };
      }
      const { snapshot } = kept;
      const stateKey = statesKeyNow();
      if (states.get(snapshot)?.key === stateKey) return;
      const made = await takeInSlices(list(snapshot));
      if (statesKeyNow() === stateKey) states.set(snapshot, { key: stateKey, listed: made });
      if (keyNow() === key && statesKeyNow() === stateKey) return;
    }
    listed();
  }

  function derivedSearch(snapshot: Snapshot): FactSearch {
    const known = searches.get(snapshot) ?? createFactSearch(indexDerived(snapshot.derived));
    searches.set(snapshot, known);
    return known;
  }

  return {
    stored: (): readonly Fact[] => read().stored,
    /** Stored facts, oldest first, then what follows from two of them. */
    all: (): readonly Fact[] => read().all,
    listed,
    /** Reads what has changed in slices, so that others are answered in between; then reading is at once. */
    prepare: async (): Promise<void> => {
      preparing ??= prepareInSlices().finally(() => {
        preparing = null;
      });
      return preparing;
    },
    /** Those that a search finds. */
    found: (query: SearchQuery): readonly ListedFact[] => {
      const facts = listed();
      const places = storedSearch.find(query);
      if (places === null) return facts;
      const snapshot = read();
      const found = snapshot.derived.length === 0 ? null : derivedSearch(snapshot).find(query);
      const derivedIds = new Set(
        snapshot.derived.flatMap((fact, index) => (found?.has(index + 1) ? [fact.id] : [])),
      );
      return facts.filter(({ fact, place }) =>
        fact.source.type === 'derived' ? derivedIds.has(fact.id) : places.has(place),
      );
    },
  };
}

/** A search index in memory over derived facts; they are found by the sentence they are shown with. */
function indexDerived(facts: readonly Fact[]): Database {
  const db = new BetterSqlite(':memory:');
  db.exec(`
    CREATE TABLE facts (sequence INTEGER PRIMARY KEY, subject, attribute, kind, value, aliases, category);
    CREATE VIRTUAL TABLE fact_search USING fts5 (
      subject, attribute, kind, value, aliases, category,
      content = 'facts', content_rowid = 'sequence', tokenize = 'unicode61 remove_diacritics 2'
    );
  `);
  const insert = db.prepare('INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    facts.forEach((fact, index) => {
      const aliases = JSON.stringify(fact.aliases);
      insert.run(index + 1, fact.subject, fact.attribute, fact.kind, fact.statement, aliases, fact.category);
    });
    db.exec(`INSERT INTO fact_search (fact_search) VALUES ('rebuild')`);
  })();
  return db;
}
