import { AppError } from '../../contract/errors.ts';
import { appMigrations, profileMigrations } from '../db/migrations/index.ts';
import type { HostWork } from '../dependencies.ts';
import type { HandlerInput } from './implementer.ts';

/** Handlers of profiles as files, `backups`, `data` and `localServer`. */
export function createDataHandlers({ os, services, dependencies }: HandlerInput) {
  const { backups, jobs, localServer, profiles } = services;

  return {
    profileFiles: {
      export: os.profiles.export.handler(({ input: { id, output }, signal }) => ({
        ...host().exportProfile(id, output, signal),
        file: output,
      })),
      import: os.profiles.import.handler(({ input: { file, name }, signal }) => {
        const imported = host().importProfile(file, { name, signal });
        return { ...imported, missingBases: [...imported.missingBases] };
      }),
    },
    backups: {
      list: os.backups.list.handler(() => ({
        backups: [...backups.profile.list(), ...backups.app.list()],
      })),
      restore: os.backups.restore.handler(({ input: { id } }) => {
        assertNothingRuns();
        const isProfile = backups.profile.list().some((each) => each.id === id);
        const backup = isProfile
          ? backups.profile.check(id, profileMigrations)
          : backups.app.check(id, appMigrations);
        const profileId = profiles.resolve(dependencies.paths.profileId).id;
        host().afterClose({ kind: 'restore', backupId: id, profileId });
        return { backup };
      }),
    },
    data: {
      deleteAll: os.data.deleteAll.handler(({ input: { models } }) => {
        host().afterClose({ kind: 'delete-all', models });
        return {};
      }),
    },
    localServer: {
      get: os.localServer.get.handler(() => localServer.get()),
      set: os.localServer.set.handler(({ input }) => localServer.set(input)),
      renewKey: os.localServer.renewKey.handler(() => localServer.renewKey()),
    },
  };

  function host(): HostWork {
    if (dependencies.host !== undefined) return dependencies.host;
    throw new AppError('conflict', 'The command line has commands of its own for this.', {
      hint: 'See them with: keepsake --help',
    });
  }

  /** What is in a database must not change while the app closes to replace it. */
  function assertNothingRuns(): void {
    const running = jobs.listOpen().find(({ state }) => state === 'running' || state === 'queued');
    if (running === undefined) return;
    throw new AppError('conflict', 'Something still runs: a copy is put back only while nothing does.', {
      hint: 'Nothing was changed. Wait until it has ended, or stop it.',
    });
  }
}
