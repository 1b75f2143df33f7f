import type { Database } from 'better-sqlite3';
import { z } from 'zod';

const row = z.object({ key: z.string(), value: z.string() });
/** Other features keep keys of their own in the same table. */
const prefix = 'user.';

export type SettingsStore = ReturnType<typeof createSettingsStore>;

/** SQL of what a person has set: JSON by name. */
export function createSettingsStore(db: Database) {
  const all = db.prepare(`SELECT key, value FROM settings WHERE key LIKE '${prefix}%'`);
  const upsert = db.prepare(
    'INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const write = db.transaction((values: Readonly<Record<string, unknown>>) => {
    for (const [name, value] of Object.entries(values)) upsert.run(`${prefix}${name}`, JSON.stringify(value));
  });
  return {
    /** Whatever is there, unchecked; text that is no JSON is left out. */
    read: (): Record<string, unknown> =>
      Object.fromEntries(
        all.all().flatMap((each): [string, unknown][] => {
          const { key, value } = row.parse(each);
          try {
            return [[key.slice(prefix.length), JSON.parse(value) as unknown]];
          } catch {
            return [];
          }
        }),
      ),
    write: (values: Readonly<Record<string, unknown>>): void => {
      write.immediate(values);
    },
  };
}
