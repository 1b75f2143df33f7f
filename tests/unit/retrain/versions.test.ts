import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { createAdapterService } from '../../../electron/core/adapters/adapter-service.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import type { LedgerEntry } from '../../../electron/core/ledger/fact-state.ts';
import { toVersions } from '../../../electron/core/retrain/versions.ts';
import { aFact } from '../../helpers/a-fact.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

let adapters: ReturnType<typeof createAdapterService>;

beforeEach(() => {
  adapters = createAdapterService({
    db: openMemoryDatabase(profileMigrations),
    assertBase: () => Promise.resolve(aBase()),
    releaseAdapter: () => Promise.resolve(),
  });
});

/** Numbers by id. */
function numbers(): Record<string, number> {
  return Object.fromEntries([...adapters.marks()].map(([id, { number }]) => [id, number]));
}

describe('the number of a version', () => {
  it('counts from 1 and is never given again', async () => {
    const folder = tempFolder();
    for (const id of ['first-one', 'second-one'])
      adapters.insertCandidate(anAdapter({ id, file: join(folder, id) }));
    expect(numbers()).toEqual({ 'first-one': 1, 'second-one': 2 });
    await adapters.discard('second-one');
    adapters.insertCandidate(anAdapter({ id: 'third-one' }));
    expect(numbers()).toEqual({ 'first-one': 1, 'third-one': 3 });
    await adapters.forgetFacts([]);
    await adapters.discard('third-one');
    await adapters.discard('first-one');
    adapters.insertCandidate(anAdapter({ id: 'fourth-one' }));
    expect(numbers()).toEqual({ 'fourth-one': 4 });
  });
});

describe('what a person writes beside a version', () => {
  it('changes only where something is given; blank texts erase', () => {
    adapters.insertCandidate(anAdapter({ id: 'first-one' }));
    expect(adapters.describe('first-', { name: ' Spring ', note: 'before the move' })).toBe('first-one');
    adapters.describe('first-one', { pinned: true });
    expect(adapters.marks().get('first-one')).toEqual({
      ...{ number: 1, name: 'Spring', note: 'before the move', pinned: true },
    });
    adapters.describe('first-one', { name: null, note: '  ', pinned: false });
    expect(adapters.marks().get('first-one')).toMatchObject({ name: null, note: null, pinned: false });
  });

  it('is refused for a version that is not there', async () => {
    expect((await appErrorOf(() => adapters.describe('nobody-at-all', { pinned: true }))).code).toBe(
      'not-found',
    );
  });
});

describe('a version', () => {
  const inForce = ['a', 'b', 'c', 'new'].map((id) => aFact({ id, attribute: `thing ${id}`, value: id }));
  const over = aFact({ id: 'over', attribute: 'city', value: 'Oslo', current: false });
  const secret = aFact({ id: 'secret', attribute: 'pin', value: '1', neverTrain: true });

  function versionOf(
    factIds: string[],
    entries: readonly LedgerEntry[] = [],
    facts: readonly Fact[] = [...inForce, over, secret],
    file = '/nowhere/a.gguf',
  ): AdapterVersion | undefined {
    const [version] = toVersions({
      adapters: [anAdapter({ id: 'adapter-1', factIds, file })],
      marks: new Map(),
      facts,
      entriesOf: () => entries,
      general: new Map([['adapter-1', { right: 46, n: 104 }]]),
      baseNameOf: (id) => `name of ${id}`,
    });
    return version;
  }

  it('counts what it learned of what it was taught, facts in force alone, and what came later', () => {
    const entry = (factId: string, right: number, mixedUp = 0): LedgerEntry => ({
      ...{ factId, right, asked: 8, mixedUp },
    });
    const entries = [entry('a', 8), entry('b', 7, 1), entry('c', 2), entry('over', 8), entry('new', 8)];
    expect(versionOf(['a', 'b', 'c', 'over'], entries)).toMatchObject({
      ...{ learned: 1, taught: 3, lacks: 1 },
      ...{ general: { right: 46, n: 104 }, baseName: 'name of base-1' },
    });
  });

  it('says whether its file is there, and how large it is', () => {
    const file = join(tempFolder(), 'a.gguf');
    writeFileSync(file, 'GGUF');
    expect(versionOf([], [], inForce, file)).toMatchObject({ isFileThere: true, sizeBytes: 4 });
    expect(versionOf([])).toMatchObject({ isFileThere: false, sizeBytes: null });
  });

  it('knows something forgotten where a fact that it learnt is told no more', () => {
    const stored = '00000000-0000-4000-8000-000000000001';
    const derived = '00000000-0000-8000-a000-000000000001';
    expect(versionOf(['a', stored])?.knowsForgotten).toBe(true);
    // A derived fact goes with a changed parent, and nothing was forgotten.
    expect(versionOf(['a', derived])?.knowsForgotten).toBe(false);
  });
});
