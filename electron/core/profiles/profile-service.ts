/**
 * Several people or roles in one data folder, each with a database and files in a folder of its own.
 *
 * A data folder from before there were several has one, the default, whose files lie where they always lay.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Profile } from '../../contract/entities/profile.ts';
import { AppError } from '../../contract/errors.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import { eraseFreePages } from '../db/open-database.ts';
import type { Clock } from '../dependencies.ts';
import {
  assertNameIsFree,
  cleanProfileName,
  defaultProfileId,
  defaultProfileName,
  freeName,
  pickProfile,
} from './profile-rules.ts';
import { createProfileStore, type StoredProfile } from './profile-store.ts';

export type ProfileServiceInput = {
  /** app.db */
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The folder that holds a folder for each profile. */
  readonly profilesFolder: string;
  /** Destroys copies of app.db, which know the names. */
  readonly destroyBackups: () => void;
};

export type ProfileService = ReturnType<typeof createProfileService>;

/** Use cases of profiles. */
export function createProfileService(input: ProfileServiceInput) {
  const { db } = input;
  const store = createProfileStore(db);

  /** Every row; a folder without any has the default one. */
  const listStored = (): StoredProfile[] => {
    const stored = store.list();
    if (stored.some((profile) => profile.state === 'ready')) return stored;
    return [
      { id: defaultProfileId, name: defaultProfileName, createdAt: 0, state: 'ready' },
      ...stored.filter((profile) => profile.id !== defaultProfileId),
    ];
  };
  const listReady = (): StoredProfile[] => listStored().filter((profile) => profile.state === 'ready');

  const currentId = (): string => {
    const ready = listReady();
    const chosen = store.findCurrentId();
    const current =
      ready.find((profile) => profile.id === chosen) ??
      ready.find((profile) => profile.id === defaultProfileId) ??
      ready[0];
    return current?.id ?? defaultProfileId;
  };

  const toProfile = ({ id, name, createdAt }: StoredProfile): Profile => ({
    id,
    name,
    createdAt,
    current: id === currentId(),
  });
  const get = (reference: string): StoredProfile => pickProfile(listReady(), reference);

  /** Writes the default one down before there are others. */
  const keepDefault = (): void => {
    if (store.list().some((profile) => profile.state === 'ready')) return;
    if (store.list().some((profile) => profile.id === defaultProfileId)) return;
    store.insert({
      id: defaultProfileId,
      name: defaultProfileName,
      createdAt: input.clock.now(),
      state: 'ready',
    });
  };
  const transact = <Result>(work: () => Result): Result =>
    db
      .transaction(() => {
        keepDefault();
        return work();
      })
      .immediate();

  const folderOf = (id: string): string => {
    if (!/^[\w-]+$/u.test(id)) throw new AppError('database-corrupt', 'The list of profiles is damaged.');
    return join(input.profilesFolder, id);
  };
  const eraseFolder = (id: string): void => {
    withStorageErrors(input.profilesFolder, () => {
      rmSync(folderOf(id), { recursive: true, force: true });
    });
  };

  /** The folder goes before the row, so that a killed removal is known and ended at the next start. */
  const finishRemoval = (id: string): void => {
    eraseFolder(id);
    db.transaction(() => {
      store.remove(id);
    }).immediate();
    input.destroyBackups();
    // Names and jobs are written over.
    eraseFreePages(db);
  };

  return {
    list: (): Profile[] => listReady().map(toProfile),
    /** The one that an id, a name or the beginning of an id stands for; the current one where none is named. */
    resolve: (reference: string | undefined): Profile => toProfile(get(reference ?? currentId())),
    folderOf,

    add: (name: string): Profile =>
      transact(() => {
        const clean = cleanProfileName(name);
        assertNameIsFree(listStored(), clean);
        const profile: StoredProfile = {
          id: input.newId(),
          name: clean,
          createdAt: input.clock.now(),
          state: 'ready',
        };
        store.insert(profile);
        return toProfile(profile);
      }),

    rename: (reference: string, name: string): Profile =>
      transact(() => {
        const profile = get(reference);
        const clean = cleanProfileName(name);
        assertNameIsFree(listStored(), clean, profile.id);
        const renamed = { ...profile, name: clean };
        store.update(renamed);
        return toProfile(renamed);
      }),

    /** From now on it is opened where none is named. */
    use: (reference: string): Profile =>
      transact(() => {
        const profile = get(reference);
        store.setCurrentId(profile.id);
        return toProfile(profile);
      }),

    /** Deletes a profile with all that is its own. `openId`: one that this process works in, which is refused. */
    remove: (reference: string, openId?: string): { removed: Profile; current: Profile } => {
      const profile = get(reference);
      const removed = toProfile(profile);
      if (profile.id === openId) {
        throw new AppError('conflict', `The profile ${profile.name} is open.`, {
          hint: 'Open another one first.',
        });
      }
      transact(() => {
        store.update({ ...profile, state: 'removing' });
      });
      finishRemoval(profile.id);
      return { removed, current: toProfile(get(currentId())) };
    },

    /** Makes room for a profile that is being filled from outside; it is not shown before `finishImport`. */
    beginImport: (name: string): StoredProfile =>
      transact(() => {
        const profile: StoredProfile = {
          id: input.newId(),
          name,
          createdAt: input.clock.now(),
          state: 'importing',
        };
        assertNameIsFree(listStored(), name);
        store.insert(profile);
        return profile;
      }),
    finishImport: (profile: StoredProfile): Profile => {
      store.update({ ...profile, state: 'ready' });
      return toProfile(profile);
    },
    abandonImport: (profile: StoredProfile): void => {
      eraseFolder(profile.id);
      store.remove(profile.id);
    },
    /** Takes up folders that an older list does not know, after a copy of app.db was put back. */
    adopt: (ids: readonly string[]): void => {
      transact(() => {
        for (const id of ids) {
          const known = listStored();
          if (known.some((profile) => profile.id === id)) continue;
          store.insert({
            id,
            name: freeName(known, 'Recovered'),
            createdAt: input.clock.now(),
            state: 'ready',
          });
        }
      });
    },
    /** All names in use, those of unfinished work too. */
    listNames: (): { id: string; name: string }[] => listStored(),

    /** Called by the one writer at its start: ends what a killed process had begun. */
    recover: (): void => {
      for (const profile of store.list()) {
        if (profile.state !== 'ready') finishRemoval(profile.id);
      }
    },
  };
}
