import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Adapter } from '../../../electron/contract/entities/model.ts';
import { AppError } from '../../../electron/contract/errors.ts';
import {
  createAdapterService,
  type AdapterService,
} from '../../../electron/core/adapters/adapter-service.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

let folder: string;
let db: ReturnType<typeof openMemoryDatabase>;
let service: AdapterService;
let released: string[];
let missingBases: Set<string>;

beforeEach(() => {
  folder = tempFolder();
  db = openMemoryDatabase(profileMigrations);
  released = [];
  missingBases = new Set();
  service = createAdapterService({
    db,
    assertBase: (id) =>
      missingBases.has(id)
        ? Promise.reject(new AppError('not-found', 'The file of the base model is missing.'))
        : Promise.resolve(aBase({ id })),
    releaseAdapter: (file) => {
      released.push(file);
      return Promise.resolve();
    },
  });
});

/** Keeps a candidate with a file that begins as a GGUF. */
function insert(id: string, part: Partial<Adapter> = {}): Adapter {
  const file = join(folder, `${id}.gguf`);
  writeFileSync(file, 'GGUF and the rest');
  return service.insertCandidate(anAdapter({ id, file, ...part }));
}

function insertApproved(id: string, part: Partial<Adapter> = {}): Adapter {
  insert(id, part);
  return service.setVerdict(id, { approved: true, reasons: [] });
}

describe('keeping adapters', () => {
  it('reads back what was inserted, as a candidate whatever was claimed', () => {
    const kept = insert('first-one', { factIds: ['b', 'a'], state: 'approved', override: 'mine' });
    expect(service.get('first-one')).toEqual(kept);
    expect(kept).toMatchObject({ state: 'candidate', override: null, verdict: null, factIds: ['a', 'b'] });
  });

  it('counts the facts of the parent as its own', () => {
    insert('parent', { factIds: ['a', 'b'] });
    insert('child', { parentAdapterId: 'parent', factIds: ['b', 'c'] });
    expect(service.get('child').factIds).toEqual(['a', 'b', 'c']);
  });

  it('lists the newest first, by time and then by order of insertion', () => {
    insert('one', { createdAt: 5 });
    insert('two', { createdAt: 5 });
    insert('old', { createdAt: 1 });
    expect(service.list().map((adapter) => adapter.id)).toEqual(['two', 'one', 'old']);
    expect(service.newest()?.id).toBe('two');
  });

  it('has no newest and no active one at first', () => {
    expect(service.newest()).toBeUndefined();
    expect(service.active()).toBeNull();
  });

  it('refuses a second adapter with the same id and keeps none of its facts', () => {
    insert('twice', { factIds: ['a'] });
    expect(() => insert('twice', { factIds: ['z'] })).toThrow('UNIQUE');
    expect(service.get('twice').factIds).toEqual(['a']);
  });
});

describe('naming an adapter', () => {
  beforeEach(() => {
    insert('abcdef-1');
    insert('abcdef-2');
    insert('uvwxyz_1');
  });

  it('accepts an unambiguous beginning of six characters', () => {
    expect(service.get('uvwxyz').id).toBe('uvwxyz_1');
  });

  it('prefers the exact id to a longer one that begins with it', () => {
    insert('abcdef');
    expect(service.get('abcdef').id).toBe('abcdef');
  });

  it('refuses a beginning that fits several', async () => {
    const error = await appErrorOf(() => service.get('abcdef'));
    expect(error).toMatchObject({ code: 'invalid-input' });
    expect(error.message).toContain('Several adapters');
  });

  it.each(['uvwxy', '', 'uvwxyz%', 'uvwxyz-1', 'UVWXYZ'])('does not find %j', async (id) => {
    expect(await appErrorOf(() => service.get(id))).toMatchObject({ code: 'not-found' });
  });
});

describe('activating', () => {
  it('makes an approved adapter the active one', async () => {
    insertApproved('good-one');
    await service.activate('good-o');
    expect(service.active()?.id).toBe('good-one');
  });

  it('does not activate by the verdict alone', () => {
    insertApproved('good-one');
    expect(service.active()).toBeNull();
  });

  it('at once, within a transaction of the caller, obeys the same rule', async () => {
    insertApproved('good-one');
    insert('raw-one');
    db.transaction(() => service.setActive('good-one'))();
    expect(service.active()?.id).toBe('good-one');
    expect(await appErrorOf(() => service.setActive('raw-one'))).toMatchObject({ code: 'invalid-input' });
    expect(service.active()?.id).toBe('good-one');
  });

  it('refuses a candidate and leaves the active one', async () => {
    insertApproved('good-one');
    await service.activate('good-one');
    insert('raw-one');
    expect(await appErrorOf(() => service.activate('raw-one'))).toMatchObject({ code: 'invalid-input' });
    expect(service.active()?.id).toBe('good-one');
  });

  it('records the reason of an override', async () => {
    insert('bad-one');
    service.setVerdict('bad-one', { approved: false, reasons: ['recall too low'] });
    await service.activate('bad-one', { override: 'a test' });
    expect(service.active()).toMatchObject({ id: 'bad-one', state: 'rejected', override: 'a test' });
  });

  it('refuses an adapter whose file is missing, and says what to do', async () => {
    insertApproved('lost-one');
    rmSync(join(folder, 'lost-one.gguf'));
    const error = await appErrorOf(() => service.activate('lost-one'));
    expect(error.code).toBe('not-found');
    expect(error.hint).toContain('adapters rollback');
  });

  it.each(['', 'GGU', 'not a model'])('refuses a file that holds %j', async (content) => {
    const { file } = insertApproved('torn-one');
    writeFileSync(file, content);
    expect(await appErrorOf(() => service.activate('torn-one'))).toMatchObject({ code: 'model-corrupt' });
    expect(service.active()).toBeNull();
  });

  it('refuses when the base is not there and records no override', async () => {
    insert('no-base', { baseModelId: 'gone' });
    missingBases.add('gone');
    expect(await appErrorOf(() => service.activate('no-base', { override: 'x' }))).toMatchObject({
      code: 'not-found',
    });
    expect(service.get('no-base').override).toBeNull();
    expect(service.active()).toBeNull();
  });
});

describe('going back', () => {
  it('returns to the approved adapter before the active one', async () => {
    insertApproved('version-1', { createdAt: 1 });
    insertApproved('version-2', { createdAt: 2 });
    await service.activate('version-2');
    const change = await service.rollback();
    expect(change.active?.id).toBe('version-1');
    expect(change.previous?.id).toBe('version-2');
    expect(service.active()?.id).toBe('version-1');
    expect(change.message).toContain('version-1');
  });

  it('passes over candidates, rejected ones and lost files', async () => {
    insertApproved('version-1', { createdAt: 1 });
    insertApproved('version-2', { createdAt: 2 });
    rmSync(join(folder, 'version-2.gguf'));
    insert('version-3', { createdAt: 3 });
    insert('version-4', { createdAt: 4 });
    service.setVerdict('version-4', { approved: false, reasons: ['no'] });
    insertApproved('version-5', { createdAt: 5 });
    await service.activate('version-5');
    expect((await service.rollback()).active?.id).toBe('version-1');
  });

  it('accepts a rejected adapter that a person has overridden', async () => {
    insert('version-1', { createdAt: 1 });
    await service.activate('version-1', { override: 'mine' });
    insertApproved('version-2', { createdAt: 2 });
    await service.activate('version-2');
    expect((await service.rollback()).active?.id).toBe('version-1');
  });

  it('never goes forward to a newer one', async () => {
    insertApproved('version-1', { createdAt: 1 });
    insertApproved('version-2', { createdAt: 2 });
    await service.activate('version-1');
    const change = await service.rollback();
    expect(change.active).toBeNull();
    expect(change.message).toContain('base model answers');
    expect(service.active()).toBeNull();
  });

  it('says so when nothing is active', async () => {
    insertApproved('version-1');
    expect(await appErrorOf(() => service.rollback())).toMatchObject({ code: 'conflict' });
  });
});

describe('forgetting facts', () => {
  it('destroys every adapter that saw one, with file, row and facts, and keeps the others', async () => {
    const seen = insert('seen-one', { factIds: ['secret', 'a'] });
    const clean = insert('clean-one', { factIds: ['a'] });
    const result = await service.forgetFacts(['secret', 'other']);
    expect(result.destroyed).toEqual([{ id: 'seen-one', runId: 'run-of-seen-one', file: seen.file }]);
    expect(existsSync(seen.file)).toBe(false);
    expect(existsSync(clean.file)).toBe(true);
    expect(service.list().map((adapter) => adapter.id)).toEqual(['clean-one']);
    expect(db.prepare('SELECT count(*) FROM adapter_facts WHERE fact_id = ?').pluck().get('secret')).toBe(0);
    expect(released).toEqual([seen.file]);
  });

  it('destroys a child whose ancestor saw it', async () => {
    insert('parent-1', { factIds: ['secret'] });
    insert('child-1', { parentAdapterId: 'parent-1', factIds: ['a'] });
    const { destroyed } = await service.forgetFacts(['secret']);
    expect(destroyed.map((each) => each.id).sort()).toEqual(['child-1', 'parent-1']);
  });

  it('lets the newest approved adapter answer that never saw it', async () => {
    insertApproved('version-1', { createdAt: 1 });
    insertApproved('version-2', { createdAt: 2 });
    insertApproved('version-3', { createdAt: 3, factIds: ['secret'] });
    insert('version-4', { createdAt: 4 });
    await service.activate('version-3');
    expect((await service.forgetFacts(['secret'])).active?.id).toBe('version-2');
    expect(service.active()?.id).toBe('version-2');
  });

  it('leaves the base alone where every adapter saw it', async () => {
    insertApproved('version-1', { factIds: ['secret'] });
    await service.activate('version-1');
    expect((await service.forgetFacts(['secret'])).active).toBeNull();
    expect(service.active()).toBeNull();
  });

  it('leaves the active adapter where only others saw it', async () => {
    insertApproved('version-1', { createdAt: 1, factIds: ['a'] });
    await service.activate('version-1');
    insertApproved('version-2', { createdAt: 2, factIds: ['secret'] });
    expect((await service.forgetFacts(['secret'])).active?.id).toBe('version-1');
  });

  it('has left the adapter before its file is touched', async () => {
    insertApproved('version-1', { factIds: ['secret'] });
    await service.activate('version-1');
    const pending = service.forgetFacts(['secret']);
    expect(service.active()).toBeNull();
    await pending;
  });

  it('accepts a file that is already gone', async () => {
    const { file } = insert('lost-one', { factIds: ['secret'] });
    rmSync(file);
    expect((await service.forgetFacts(['secret'])).destroyed).toHaveLength(1);
  });

  it('keeps the row of a file that cannot be deleted, so that the same call works later', async () => {
    const { file } = insertApproved('stuck-one', { factIds: ['secret'] });
    await service.activate('stuck-one');
    rmSync(file);
    mkdirSync(file);
    await expect(service.forgetFacts(['secret'])).rejects.toThrow();
    expect(service.active()).toBeNull();
    expect(service.list()).toHaveLength(1);
    rmSync(file, { recursive: true });
    expect((await service.forgetFacts(['secret'])).destroyed).toHaveLength(1);
    expect(service.list()).toEqual([]);
  });

  it('destroys nothing for facts that nobody saw', async () => {
    insert('clean-one', { factIds: ['a'] });
    expect(await service.forgetFacts(['b'])).toEqual({ destroyed: [], active: null });
    expect(await service.forgetFacts([])).toEqual({ destroyed: [], active: null });
  });

  it('removes the ledger entries of a destroyed adapter', async () => {
    insert('seen-one', { factIds: ['secret'] });
    db.prepare(
      'INSERT INTO ledger (fact_id, adapter_id, right_count, asked, tested_at) VALUES (?, ?, 1, 1, 1)',
    ).run('a', 'seen-one');
    await service.forgetFacts(['secret']);
    expect(db.prepare('SELECT count(*) FROM ledger').pluck().get()).toBe(0);
  });
});
