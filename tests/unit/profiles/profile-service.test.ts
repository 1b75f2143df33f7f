import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openDatabase } from '../../../electron/core/db/open-database.ts';
import { cleanProfileName, freeName, pickProfile } from '../../../electron/core/profiles/profile-rules.ts';
import { createProfileService } from '../../../electron/core/profiles/profile-service.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function create(folder = tempFolder()) {
  const file = join(folder, 'app.db');
  const db = openDatabase(file, appMigrations);
  let next = 0;
  const destroyed: number[] = [];
  const profiles = createProfileService({
    db,
    clock: { now: () => 1_780_000_000_000 },
    newId: () => `0000000${(next += 1)}-id`,
    profilesFolder: join(folder, 'profiles'),
    destroyBackups: () => destroyed.push(1),
  });
  const fill = (id: string): string => {
    mkdirSync(join(folder, 'profiles', id), { recursive: true });
    const kept = join(folder, 'profiles', id, 'kept');
    writeFileSync(kept, 'x');
    return kept;
  };
  return { folder, file, db, profiles, fill, destroyed };
}

describe('a data folder', () => {
  it('has one profile before any is made, without a row', () => {
    const { profiles, db } = create();
    expect(profiles.list()).toEqual([{ id: 'default', name: 'Default', createdAt: 0, current: true }]);
    expect(db.prepare('SELECT count(*) FROM profiles').pluck().get()).toBe(0);
  });

  it('keeps the default one beside those that are made, and opens the chosen one', () => {
    const { profiles } = create();
    const ada = profiles.add('  Ada \n Work ');
    expect(profiles.list().map(({ name, current }) => [name, current])).toEqual([
      ['Default', true],
      ['Ada Work', false],
    ]);
    expect(profiles.use('ada work').id).toBe(ada.id);
    expect(profiles.resolve(undefined)).toMatchObject({ id: ada.id, current: true });
    expect(profiles.resolve('default').current).toBe(false);
    expect(profiles.rename('DEFAULT', 'Home').id).toBe('default');
    expect(profiles.resolve('default').name).toBe('Home');
  });

  it.each(['ada', 'DEFAULT', 'default ', '', '\u0000', 'a\u202Eb', 'x'.repeat(61)])(
    'refuses the name %j',
    async (name) => {
      const { profiles } = create();
      profiles.add('Ada');
      const error = await appErrorOf(() => profiles.add(name));
      expect(['conflict', 'invalid-input']).toContain(error.code);
      expect(profiles.list()).toHaveLength(2);
    },
  );

  it('loses a profile with its folder, its row, its jobs and its name', () => {
    const { profiles, fill, db, file, destroyed } = create();
    const secret = 'Zirkusdirektorin';
    const profile = profiles.add(secret);
    profiles.use(profile.id);
    const kept = fill('default');
    const gone = fill(profile.id);
    const insert = db.prepare(
      `INSERT INTO jobs (id, kind, state, params, created_at, profile_id) VALUES (?, 'train', 'interrupted', '{}', 1, ?)`,
    );
    insert.run('a', profile.id);
    insert.run('b', 'default');
    expect(profiles.remove(profile.id)).toMatchObject({
      removed: { name: secret },
      current: { id: 'default' },
    });
    expect([existsSync(gone), existsSync(kept)]).toEqual([false, true]);
    expect(db.prepare('SELECT id FROM jobs').pluck().all()).toEqual(['b']);
    expect(destroyed).toHaveLength(1);
    db.close();
    expect(readFileSync(file).includes(secret)).toBe(false);
  });

  it('is empty and usable after its last profile was removed', () => {
    const { profiles, fill } = create();
    const gone = fill('default');
    expect(profiles.remove('default').current.id).toBe('default');
    expect(existsSync(gone)).toBe(false);
    expect(profiles.list()).toHaveLength(1);
  });

  it('does not remove the profile that is open', async () => {
    const { profiles, fill } = create();
    const kept = fill('default');
    expect((await appErrorOf(() => profiles.remove('default', 'default'))).code).toBe('conflict');
    expect(existsSync(kept)).toBe(true);
  });

  it('ends at its next start what was killed in the middle', () => {
    const { profiles, fill, db } = create();
    const half = profiles.beginImport('Half');
    const doomed = profiles.add('Doomed');
    const files = [half.id, doomed.id].map(fill);
    db.prepare("UPDATE profiles SET state = 'removing' WHERE id = ?").run(doomed.id);
    expect(profiles.list().map((profile) => profile.name)).toEqual(['Default']);
    profiles.recover();
    expect(files.map((file) => existsSync(file))).toEqual([false, false]);
    expect(db.prepare('SELECT name FROM profiles').pluck().all()).toEqual(['Default']);
  });

  it('never deletes outside of its profiles', async () => {
    const { profiles, db, folder } = create();
    writeFileSync(join(folder, 'mine'), 'x');
    db.prepare(
      "INSERT INTO profiles (id, name, created_at, state) VALUES ('..', 'Evil', 1, 'removing')",
    ).run();
    expect((await appErrorOf(() => profiles.recover())).code).toBe('database-corrupt');
    expect(existsSync(join(folder, 'mine'))).toBe(true);
  });
});

describe('a word for a profile', () => {
  const list = [
    { id: 'aaaaaa-1', name: 'Ada' },
    { id: 'aaaaaa-2', name: 'aaaaaa-1' },
    { id: 'bbbbbb-1', name: 'Größe' },
  ];
  it('is an id before it is a name, and may be the beginning of an id', async () => {
    expect(pickProfile(list, 'aaaaaa-1').name).toBe('Ada');
    expect(pickProfile(list, 'GRÖSSE'.replace('SS', 'ß')).id).toBe('bbbbbb-1');
    expect(pickProfile(list, 'bbbbbb').id).toBe('bbbbbb-1');
    expect((await appErrorOf(() => pickProfile(list, 'aaaaaa'))).code).toBe('invalid-input');
    for (const word of ['', 'bbb', 'Bob'])
      expect((await appErrorOf(() => pickProfile(list, word))).code).toBe('not-found');
  });
  it('is given a number where another has it', () => {
    expect(freeName(list, 'Bob')).toBe('Bob');
    expect(freeName([...list, { id: 'c', name: 'Ada (2)' }], 'ADA')).toBe('ADA (3)');
    expect(Array.from(freeName([{ id: 'c', name: 'x'.repeat(60) }], 'x'.repeat(60)))).toHaveLength(60);
    expect(cleanProfileName('e\u0301')).toBe('\u00e9');
  });
});
