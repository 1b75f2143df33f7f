/** What a person has set, for all profiles. A value that is missing or cannot be read is the default. */
import type { Database } from 'better-sqlite3';
import { settings, type Settings } from '../../contract/entities/settings.ts';
import { createSettingsStore } from './settings-store.ts';

/** Before anything was set. */
export const defaultSettings: Settings = {
  theme: 'system',
  density: 'comfortable',
  letterKeys: true,
  proposeFromChat: true,
  proposeWithModel: false,
  baseModelId: null,
  device: null,
  wizardStep: 'computer',
};

export type SettingsServiceInput = {
  readonly db: Database;
  /** Throws `not-found` where there is no such base model. */
  readonly assertModel: (id: string) => void;
};

export type SettingsChange = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

export type SettingsService = ReturnType<typeof createSettingsService>;

/** Use cases of settings. */
export function createSettingsService({ db, assertModel }: SettingsServiceInput) {
  const store = createSettingsStore(db);

  const get = (): Settings => {
    const kept = store.read();
    const fields = Object.entries(settings.shape).map(([name, schema]) => {
      const parsed = schema.safeParse(kept[name]);
      return [name, parsed.success ? parsed.data : defaultSettings[name as keyof Settings]];
    });
    return settings.parse(Object.fromEntries(fields));
  };

  return {
    get,
    /** Only what is given changes. */
    set: (change: SettingsChange): Settings => {
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      if (typeof change.baseModelId === 'string') assertModel(change.baseModelId);
      store.write(Object.fromEntries(given));
      return get();
    },
  };
}
