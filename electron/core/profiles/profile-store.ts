import type { Database } from 'better-sqlite3';
import { z } from 'zod';

const row = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.number(),
  state: z.enum(['ready', 'importing', 'removing']),
});

/** A profile as it is kept; `importing` and `removing` ones are not shown. */
export type StoredProfile = {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly state: z.infer<typeof row>['state'];
};

const currentKey = 'current-profile';

export type ProfileStore = ReturnType<typeof createProfileStore>;

/** SQL of the profiles in app.db, and of what belongs to a profile there. */
export function createProfileStore(db: Database) {
  const all = db.prepare('SELECT * FROM profiles ORDER BY created_at, rowid');
  const insert = db.prepare(
    'INSERT INTO profiles (id, name, created_at, state) VALUES (@id, @name, @createdAt, @state)',
  );
  const update = db.prepare('UPDATE profiles SET name = @name, state = @state WHERE id = @id');
  const remove = db.prepare('DELETE FROM profiles WHERE id = ?');
  const removeJobs = db.prepare('DELETE FROM jobs WHERE profile_id = ?');
  const setting = db.prepare('SELECT value FROM settings WHERE key = ?').pluck();
  const setSetting = db.prepare(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  return {
    /** Oldest first. */
    list: (): StoredProfile[] =>
      all.all().map((value) => {
        const { created_at, ...rest } = row.parse(value);
        return { ...rest, createdAt: created_at };
      }),
    insert: (profile: StoredProfile): void => void insert.run(profile),
    update: ({ id, name, state }: StoredProfile): void => void update.run({ id, name, state }),
    /** Removes the row and the profile's jobs. */
    remove: (id: string): void => {
      removeJobs.run(id);
      remove.run(id);
    },
    findCurrentId: (): string | undefined => z.string().optional().parse(setting.get(currentKey)),
    setCurrentId: (id: string): void => void setSetting.run(currentKey, id),
  };
}
