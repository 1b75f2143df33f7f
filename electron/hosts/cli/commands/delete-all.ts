import { withDeletion, type CommandGroup } from '../command.ts';
import { assertConfirmed } from './profiles.ts';

/** `keepsake delete-all` */
export const deleteAllCommands: CommandGroup = (program, run) => {
  program
    .command('delete-all')
    .description('delete all facts, adapters, profiles, backups, logs and keys of the data folder')
    .option('--models', 'delete the downloaded base models too')
    .option('--yes', 'do it: nothing of it can be brought back')
    .action((options: { readonly models?: boolean; readonly yes?: boolean }) =>
      run((context) =>
        withDeletion(({ deleteAll }) => {
          assertConfirmed(options.yes, 'everything you have told, in all profiles');
          const { deleted, kept, modelBytes } = deleteAll(context.data, { models: options.models ?? false });
          const stays =
            kept.length === 0
              ? 'Nothing stays in the data folder.'
              : `These stay: ${kept.join(', ')}${modelBytes === 0 ? '' : ` (base models, ${(modelBytes / 1e6).toFixed(0)} MB; --models deletes them)`}.`;
          return {
            result: { deleted, kept, modelBytes },
            text: `Deleted: ${deleted.join(', ')}. ${stays}`,
            notes: [
              'Files that you exported to other places, and the cache of base models, are not reached.',
            ],
          };
        }),
      ),
    );
};
