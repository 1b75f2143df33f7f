import { withoutApp, type CommandGroup } from '../command.ts';
import { assertConfirmed } from './profiles.ts';

/** `keepsake backups …` */
export const backupsCommands: CommandGroup = (program, run) => {
  const backups = program
    .command('backups')
    .description('copies of the databases: one a day and before an update; the last three are kept');

  backups
    .command('list')
    .description("list the copies of the profile's facts and of the app's own database, newest first")
    .action(() =>
      run((context) =>
        withoutApp(context, ({ findBackups }, place) => {
          const found = findBackups(place);
          const list = [...found.profile.list(), ...found.app.list()];
          return {
            result: { backups: list },
            text:
              list.map((each) => `${each.id}  ${(each.sizeBytes / 1e6).toFixed(1)} MB`).join('\n') ||
              'There is no backup yet. The first is made when something is changed on another day.',
          };
        }),
      ),
    );

  backups
    .command('restore')
    .description('put a copy in the place of the database; what is there is copied first')
    .argument('<id>', 'the id that `backups list` shows')
    .option('--yes', 'do it')
    .action((id: string, options: { readonly yes?: boolean }) =>
      run((context) =>
        withoutApp(context, async ({ restoreBackup }, place) => {
          assertConfirmed(options.yes, 'what was changed since that backup', 'replaces');
          const { backup, keptAs, adapterMissing } = await restoreBackup(place, id);
          return {
            result: { restored: backup.id, keptAs, adapterMissing },
            text: `Restored ${backup.id}.${keptAs === null ? '' : ` What was there is kept as ${keptAs}.`}`,
            notes: adapterMissing
              ? [
                  'The adapter that was active then is gone: the base answers until one is activated or trained.',
                ]
              : [],
          };
        }),
      ),
    );
};
