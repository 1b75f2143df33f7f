import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAdapterService } from '../../../electron/core/adapters/adapter-service.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { createBackups } from '../../../electron/core/db/backups.ts';
import { openDatabase } from '../../../electron/core/db/open-database.ts';
import { createFactService } from '../../../electron/core/facts/fact-service.ts';
import { gradeOf } from '../../../electron/core/retrain/graduate.ts';
import { createLedgerService } from '../../../electron/core/ledger/ledger-service.ts';
import {
  forgetFact,
  forgetFacts,
  forgottenSinceTraining,
  isRebuildNeeded,
  setRebuildNeeded,
  unlearnNeverTrained,
} from '../../../electron/core/retrain/forget.ts';
import { createTrainingStore } from '../../../electron/core/training/training-store.ts';
import { shippedKinds } from '../../helpers/fact-app.ts';
import { filesHolding, listFiles } from '../../helpers/find-text.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const secret = 'Xylophonmuseum "Nord"';
const clock = { now: () => 1_780_000_000_000 };

/** A profile on disk: two facts, an old adapter that saw the first, a new active one that saw both. */
function aProfile() {
  const folder = tempFolder();
  const db = openDatabase(join(folder, 'profile.db'), profileMigrations);
  const backups = createBackups({ database: 'profile', folder: join(folder, 'backups'), now: clock.now });
  const ledger = createLedgerService({ db, clock, gradeOf });
  const released: string[] = [];
  const facts = createFactService({
    db,
    clock,
    newId: () => crypto.randomUUID(),
    kinds: shippedKinds,
    forgetVerdicts: (ids) => ledger.forgetVerdicts(ids),
  });
  const adapters = createAdapterService({
    db,
    assertBase: () => Promise.resolve(aBase()),
    releaseAdapter: (file) => {
      released.push(file);
      return Promise.resolve();
    },
  });
  const [kept = ''] = facts.add({ attribute: 'city', value: 'Porto' }).ids;
  const [gone = ''] = facts.add({ attribute: 'workplace', value: secret }).ids;
  const runFolder = join(folder, 'runs', 'r');
  mkdirSync(runFolder, { recursive: true });
  writeFileSync(join(runFolder, 'dataset.jsonl'), secret);
  const adaptersFolder = join(folder, 'adapters');
  mkdirSync(adaptersFolder);
  const file = (id: string): string => join(adaptersFolder, `${id}.gguf`);
  // What a run leaves that was killed before its adapter was registered.
  for (const ending of ['.gguf', '.gguf.partial'])
    writeFileSync(join(adaptersFolder, `unregistered${ending}`), 'GGUF');
  for (const [id, factIds] of [
    ['old', [kept]],
    ['new', [kept, gone]],
  ] as const) {
    writeFileSync(file(id), 'GGUF');
    adapters.insertCandidate(anAdapter({ id, file: file(id), factIds: [...factIds] }));
    adapters.setVerdict(id, { approved: true, reasons: [] });
    ledger.record(
      id,
      factIds.map((factId) => ({ factId, right: 5, asked: 5, mixedUp: 0 })),
    );
    adapters.setActive(id);
    db.prepare("INSERT INTO datasets VALUES (?, 's', 'routed', 'b', 42, '{}', ?, ?, 0)").run(
      `d-${id}`,
      JSON.stringify(factIds),
      JSON.stringify({ answer: id === 'new' ? secret : 'Porto' }),
    );
    db.prepare("INSERT INTO evaluations VALUES (?, ?, 'tuned', 'quick', ?, NULL, 0, NULL)").run(
      `e-${id}`,
      id,
      JSON.stringify({
        answers: factIds.map((factId) => ({ factId, answer: factId === gone ? secret : 'Porto' })),
      }),
    );
  }
  createTrainingStore(db).insert({
    id: 'r',
    datasetId: 'd-new',
    baseModelId: 'b',
    recipe: 'routed',
    seed: 42,
    state: 'cancelled',
    folder: runFolder,
    adapterId: 'unregistered',
    seconds: null,
    tokens: null,
    loss: null,
    error: null,
    createdAt: 0,
    mode: 'rebuild',
    parentAdapterId: null,
    settings: null,
    device: null,
    tokensPerSecond: null,
    peakMemoryBytes: null,
    step: null,
    steps: null,
  });
  const idsOf = (table: string): unknown[] => db.prepare(`SELECT id FROM ${table} ORDER BY id`).pluck().all();
  return {
    folder,
    adaptersFolder,
    backups,
    destroyBackups: () => backups.destroy(),
    db,
    facts,
    adapters,
    ledger,
    released,
    kept,
    gone,
    runFolder,
    file,
    idsOf,
  };
}

describe('forgetting a fact', () => {
  it('never leaves chat to an imported adapter, of which nobody knows what it saw', async () => {
    const profile = aProfile();
    writeFileSync(profile.file('foreign'), 'GGUF');
    const imported = { format: 'gguf', name: 'theirs.gguf', sha256: 'ab' } as const;
    profile.adapters.insertCandidate(
      anAdapter({ id: 'foreign', file: profile.file('foreign'), createdAt: 9, imported }),
    );
    profile.adapters.setVerdict('foreign', { approved: true, reasons: [] });
    expect((await forgetFact(profile, profile.gone)).active?.id).toBe('old');
  });

  it('counts what was learnt and forgotten until the next training from the base', async () => {
    const profile = aProfile();
    const [never = ''] = profile.facts.add({ attribute: 'hobby', value: 'chess' }).ids;
    await forgetFact(profile, never);
    expect(forgottenSinceTraining(profile.db)).toBe(0);
    await forgetFacts(profile, [profile.gone, profile.kept]);
    expect(forgottenSinceTraining(profile.db)).toBe(2);
    setRebuildNeeded(profile.db, false);
    expect(forgottenSinceTraining(profile.db)).toBe(0);
  });

  it('takes adapter files that no row knows, and none that a row knows by another name', async () => {
    const profile = aProfile();
    const [named, orphan] = ['mine.gguf', 'orphan.gguf'].map((name) => join(profile.adaptersFolder, name));
    for (const file of [named, orphan]) writeFileSync(file ?? '', 'GGUF');
    profile.adapters.insertCandidate(anAdapter({ id: 'other-name', file: named ?? '', factIds: [] }));
    await forgetFact(profile, profile.gone);
    expect([existsSync(named ?? ''), existsSync(orphan ?? '')]).toEqual([true, false]);
  });

  it('destroys the copies of the database, in which it would live on', async () => {
    const profile = aProfile();
    profile.backups.take(profile.db, 'daily');
    const files = (): string[] => listFiles(join(profile.folder, 'backups'));
    expect(filesHolding(files(), 'Xylophonmuseum')).toHaveLength(1);
    await forgetFact(profile, profile.gone);
    expect(files()).toEqual([]);
  });

  it('leaves every adapter that saw it, for the newest that never did', async () => {
    const profile = aProfile();
    const result = await forgetFact(profile, profile.gone);
    expect(result).toMatchObject({ destroyedAdapters: ['new'], active: { id: 'old' }, rebuildNeeded: true });
    expect(profile.released).toEqual([profile.file('new')]);
    expect([existsSync(profile.file('new')), existsSync(profile.file('old'))]).toEqual([false, true]);
  });
  it('leaves the base alone where every adapter saw it', async () => {
    const profile = aProfile();
    expect(await forgetFact(profile, profile.kept)).toMatchObject({ active: null });
    expect(profile.adapters.list()).toEqual([]);
  });
  it('destroys what holds it: dataset, run folder, evaluation, verdict and row', async () => {
    const profile = aProfile();
    const { discardedRuns } = await forgetFact(profile, profile.gone);
    // The stopped training that had begun to learn it is told of, not only gone.
    expect(discardedRuns).toBe(1);
    expect(profile.idsOf('datasets')).toEqual(['d-old']);
    expect(profile.idsOf('evaluations')).toEqual(['e-old']);
    expect(profile.idsOf('training_runs')).toEqual([]);
    expect(existsSync(profile.runFolder)).toBe(false);
    expect(readdirSync(profile.adaptersFolder)).toEqual(['old.gguf']);
    expect(profile.facts.list().map((fact) => fact.id)).toEqual([profile.kept]);
    expect(profile.ledger.entries('old')).toHaveLength(1);
  });
  it('leaves no byte of it in the database file or beside it', async () => {
    const profile = aProfile();
    await forgetFact(profile, profile.gone);
    for (const name of ['profile.db', 'profile.db-wal']) {
      const bytes = readFileSync(join(profile.folder, name));
      expect(bytes.includes('Xylophonmuseum')).toBe(false);
    }
  });
  it('asks for a rebuild only when it was learnt, until one was done', async () => {
    const profile = aProfile();
    const [fresh = ''] = profile.facts.add({ attribute: 'gym', value: 'Iron' }).ids;
    expect(await forgetFact(profile, fresh)).toMatchObject({ destroyedAdapters: [], rebuildNeeded: false });
    await forgetFact(profile, profile.gone);
    expect(isRebuildNeeded(profile.db)).toBe(true);
    setRebuildNeeded(profile.db, false);
    expect(isRebuildNeeded(profile.db)).toBe(false);
  });
});

describe('a trained fact that is never to be trained any more', () => {
  it('leaves every adapter, dataset and run that learnt it, and is itself kept', async () => {
    const profile = aProfile();
    expect(await unlearnNeverTrained(profile)).toBeNull();
    profile.facts.edit(profile.gone, { neverTrain: true });
    const unlearnt = await unlearnNeverTrained(profile);
    expect(unlearnt).toMatchObject({
      destroyedAdapters: ['new'],
      active: { id: 'old' },
      rebuildNeeded: true,
    });
    expect([existsSync(profile.file('new')), existsSync(profile.runFolder)]).toEqual([false, false]);
    expect([profile.idsOf('datasets'), profile.idsOf('evaluations')]).toEqual([['d-old'], ['e-old']]);
    expect(profile.facts.get(profile.gone)).toMatchObject({ value: secret, neverTrain: true });
    expect(
      profile.ledger.states(profile.facts.list(), profile.adapters.active()).get(profile.gone),
    ).toMatchObject({
      state: 'in-prompt',
    });
    expect(await unlearnNeverTrained(profile)).toBeNull();
  });
});
