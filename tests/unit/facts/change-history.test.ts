import { join } from 'node:path';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openDatabase, openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { createFactService } from '../../../electron/core/facts/fact-service.ts';
import { gradeOf } from '../../../electron/core/retrain/graduate.ts';
import { createLedgerService } from '../../../electron/core/ledger/ledger-service.ts';
import { forgetFact } from '../../../electron/core/retrain/forget.ts';
import { stepFacts } from '../../../electron/core/retrain/step-facts.ts';
import { createAdapterService } from '../../../electron/core/adapters/adapter-service.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { shippedKinds } from '../../helpers/fact-app.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

/** A profile on disk with an adapter `a`; ids count up. */
function aProfile(folder = tempFolder(), db = openDatabase(join(folder, 'profile.db'), profileMigrations)) {
  const clock = { now: () => new Date('2026-06-15T12:00:00').getTime() };
  const ledger = createLedgerService({ db, clock, gradeOf });
  let next = Number(db.prepare('SELECT count(*) FROM facts').pluck().get());
  const facts = createFactService({
    db,
    clock,
    newId: () => `00000000-0000-4000-8000-${String((next += 1)).padStart(12, '0')}`,
    kinds: shippedKinds,
    forgetVerdicts: (ids) => ledger.forgetVerdicts(ids),
    restoreVerdicts: (verdicts) => ledger.restoreVerdicts(verdicts),
  });
  const adapters = createAdapterService({
    db,
    assertBase: () => Promise.resolve(aBase()),
    releaseAdapter: () => Promise.resolve(),
  });
  const adaptersFolder = join(folder, 'adapters');
  mkdirSync(adaptersFolder, { recursive: true });
  const learn = (id: string, factIds: readonly string[]): void => {
    writeFileSync(join(adaptersFolder, `${id}.gguf`), 'GGUF');
    adapters.insertCandidate(
      anAdapter({ id, file: join(adaptersFolder, `${id}.gguf`), factIds: [...factIds] }),
    );
    ledger.record(
      id,
      factIds.map((factId) => ({ factId, right: 5, asked: 5, mixedUp: 0 })),
    );
  };
  const image = (): string =>
    JSON.stringify([
      facts.export('json'),
      db.prepare('SELECT * FROM facts ORDER BY sequence').all(),
      db.prepare('SELECT * FROM fact_conflicts').all(),
      db.prepare('SELECT * FROM ledger').all(),
    ]);
  const checkSearch = (): void =>
    void db.prepare("INSERT INTO fact_search (fact_search, rank) VALUES ('integrity-check', 1)").run();
  const destroyBackups = (): void => undefined;
  return { folder, destroyBackups, db, facts, ledger, adapters, adaptersFolder, learn, image, checkSearch };
}

const values = ['Oslo', 'Porto', 'Lima', 'Łódź 🎣', 'x "y"'];
const dates = ['2001', '2010-05', '2019-01-01', undefined, undefined];
const anything = fc.record({
  kind: fc.constantFrom('add', 'import', 'edit', 'typo', 'end', 'set', 'secret'),
  attribute: fc.constantFrom('city', 'hobby', 'own thing'),
  value: fc.constantFrom(...values),
  date: fc.constantFrom(...dates),
  pick: fc.nat(30),
});

describe('undo', () => {
  it('of any sequence of changes gives back the beginning, and redo the end', { timeout: 120_000 }, () => {
    const profile = aProfile(tempFolder(), openMemoryDatabase(profileMigrations));
    const { facts } = profile;
    facts.add({ attribute: 'city', value: 'Rome', validFrom: '1990' });
    facts.add({ attribute: 'hobby', value: 'chess' });
    profile.learn(
      'a',
      facts.list().map((fact) => fact.id),
    );
    facts.history.clear();
    const file = join(profile.folder, 'f.json');
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 12 }), (changes) => {
        const start = profile.image();
        for (const { kind, attribute, value, date, pick } of changes) {
          const id = facts.list()[pick % facts.list().length]?.id ?? '';
          try {
            if (kind === 'add') facts.add({ attribute, value, validFrom: date });
            if (kind === 'import') {
              const rows = [0, 1, 2].map((n) => ({
                attribute,
                value: `${value}${n}`,
                ...(n === 1 && date !== undefined && { validFrom: date }),
              }));
              writeFileSync(file, JSON.stringify(rows));
              facts.importFile(file);
            }
            if (kind === 'edit') facts.edit(id, { value });
            if (kind === 'typo') facts.edit(id, { value, typo: true });
            if (kind === 'end') facts.edit(id, { validTo: '2026-01' });
            if (kind === 'set') facts.setMany({ search: value }, { category: attribute });
            if (kind === 'secret') facts.setMany({ attribute }, { neverTrain: pick % 2 === 0 });
          } catch {
            // A change that is refused changes nothing.
          }
        }
        const end = profile.image();
        const depth = facts.history.list().length;
        for (let step = 0; step < depth; step += 1) facts.history.step('undo');
        expect(profile.image()).toBe(start);
        profile.checkSearch();
        for (let step = 0; step < depth; step += 1) facts.history.step('redo');
        expect(profile.image()).toBe(end);
        profile.checkSearch();
        for (let step = 0; step < depth; step += 1) facts.history.step('undo');
        facts.history.clear();
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('goes 50 changes back, over a restart, and then says that there is nothing', async () => {
    const first = aProfile();
    for (let n = 0; n < 55; n += 1) first.facts.add({ attribute: `a${n}`, value: 'v' });
    first.db.close();
    const { facts } = aProfile(first.folder);
    for (let n = 0; n < 50; n += 1) facts.history.step('undo');
    expect(facts.count()).toBe(5);
    expect((await appErrorOf(() => facts.history.step('undo'))).code).toBe('conflict');
    facts.history.step('redo');
    expect(facts.count()).toBe(6);
    facts.add({ attribute: 'other', value: 'v' });
    expect((await appErrorOf(() => facts.history.step('redo'))).code).toBe('conflict');
  });

  it('keeps no entry for what changed nothing', () => {
    const { facts } = aProfile();
    facts.add({ attribute: 'city', value: 'Porto' });
    facts.add({ attribute: 'city', value: 'Porto' });
    facts.setMany({ attribute: 'city' }, { neverTrain: false });
    expect(facts.history.list()).toMatchObject([{ kind: 'add', facts: 1 }]);
  });

  it('brings back what was proved', () => {
    const { facts, ledger, adapters, learn } = aProfile();
    const [id = ''] = facts.add({ attribute: 'city', value: 'Porto' }).ids;
    learn('a', [id]);
    const state = (): string | undefined => ledger.states(facts.list(), adapters.get('a')).get(id)?.state;
    expect(state()).toBe('in-weights');
    facts.edit(id, { value: 'Oslo', typo: true });
    expect(state()).toBe('in-prompt');
    facts.history.step('undo');
    expect(state()).toBe('in-weights');
  });

  it('takes back no fact that an adapter has learnt, unless the adapter may go', async () => {
    const profile = aProfile();
    const [id = ''] = profile.facts.add({ attribute: 'city', value: 'Porto' }).ids;
    profile.learn('a', [id]);
    expect((await appErrorOf(() => stepFacts(profile, 'undo', {}))).code).toBe('conflict');
    expect(profile.facts.count()).toBe(1);
    const step = await stepFacts(profile, 'undo', { unlearn: true });
    expect(step).toMatchObject({ destroyedAdapters: ['a'], rebuildNeeded: true, change: { kind: 'add' } });
    expect([profile.facts.count(), profile.adapters.list()]).toEqual([0, []]);
  });
});

describe('what was forgotten', () => {
  it('is brought back by no undo and stands in no byte of the file, search index included', async () => {
    const profile = aProfile();
    const { facts, db, folder } = profile;
    const secrets = ['Xylophonmuseum', 'Zwölfbäuerinnen', 'Quastenflosser'] as const;
    const [kept = ''] = facts.add({ attribute: 'city', value: 'Porto' }).ids;
    const [id = ''] = facts.add({ attribute: 'workplace', value: secrets[0], aliases: [secrets[2]] }).ids;
    facts.edit(id, { value: secrets[1], typo: true });
    facts.edit(id, { category: 'odd' });
    facts.edit(kept, { category: 'odd' });
    facts.history.step('undo');
    await forgetFact(profile, id);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const bytes = ['profile.db', 'profile.db-wal'].map((name) =>
      readFileSync(join(folder, name)).toString('latin1'),
    );
    for (const secret of secrets) {
      for (const form of [
        secret,
        secret.toLowerCase(),
        secret.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase(),
      ]) {
        // Five letters would still be there if the index kept a shortened form.
        const needle = Buffer.from(form.slice(0, 7)).toString('latin1');
        expect(bytes.some((text) => text.includes(needle))).toBe(false);
      }
    }
    expect(facts.history.list()).toMatchObject([
      { undone: true, facts: 1 },
      { undone: false, facts: 1 },
    ]);
    facts.history.step('redo');
    facts.history.step('undo');
    facts.history.step('undo');
    expect(facts.count()).toBe(0);
    profile.checkSearch();
  });

  it('leaves the rest of an import that held it to be undone', async () => {
    const profile = aProfile();
    const file = join(profile.folder, 'f.json');
    writeFileSync(file, JSON.stringify(['x', 'y', 'z'].map((value, n) => ({ attribute: `a${n}`, value }))));
    const [gone = ''] = profile.facts.importFile(file).ids;
    await forgetFact(profile, gone);
    profile.facts.history.step('undo');
    expect(profile.facts.count()).toBe(0);
    profile.facts.history.step('redo');
    expect(profile.facts.list().map((fact) => fact.value)).toEqual(['y', 'z']);
  });

  it('leaves no trace in the history either when that is erased', () => {
    const { facts, db } = aProfile();
    facts.add({ attribute: 'city', value: 'Porto' });
    facts.history.step('undo');
    expect(facts.history.clear()).toBe(1);
    expect(db.prepare('SELECT count(*) FROM fact_change_rows').pluck().get()).toBe(0);
  });
});

describe('a change of many', () => {
  it('is one change, of all or of none', async () => {
    const { facts } = aProfile();
    for (let n = 0; n < 5; n += 1)
      facts.add({ attribute: `a${n}`, value: `v${n}`, validFrom: `${2000 + n}` });
    facts.history.clear();
    expect((await appErrorOf(() => facts.setMany({}, { validTo: '2002' }))).code).toBe('invalid-input');
    expect(facts.list().every((fact) => fact.current)).toBe(true);
    expect(facts.setMany({ search: 'v' }, { validTo: '2020', category: 'old' })).toEqual({
      matched: 5,
      changed: 5,
    });
    expect(facts.list().map(({ validTo, category }) => [validTo, category])).toEqual(
      Array.from({ length: 5 }, () => ['2020', 'old']),
    );
    // What is over keeps its end.
    expect(facts.setMany({}, { validTo: '2021' })).toEqual({ matched: 5, changed: 0 });
    facts.history.step('undo');
    expect(facts.list().every((fact) => fact.current && fact.category === 'other')).toBe(true);
    expect((await appErrorOf(() => facts.setMany({}, {}))).code).toBe('invalid-input');
  });
});
