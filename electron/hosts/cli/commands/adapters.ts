import type { MethodOutputs } from '../../../contract/methods.ts';
import { withApp, type CommandGroup } from '../command.ts';

/** `keepsake adapters …` */
export const adaptersCommands: CommandGroup = (program, run) => {
  const adapters = program.command('adapters').description('versions of what was learnt');

  adapters
    .command('list')
    .description('list all versions, newest first')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.adapters.list({});
          return { result, text: describe(result) };
        }),
      ),
    );

  adapters
    .command('activate')
    .description('let a version answer')
    .argument('<id>', 'the id that `adapters list` shows')
    .option('--override <reason>', 'use it although it did not pass; the reason is kept')
    .action((id: string, options: { readonly override?: string }) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.adapters.activate({ id, ...options });
          return { result, text: `Adapter ${result.activeAdapterId} answers from now on.` };
        }),
      ),
    );

  adapters
    .command('rollback')
    .description('go back to the version before')
    .action(() =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.adapters.rollback({});
          return { result, text: result.message };
        }),
      ),
    );
};

function describe({ activeAdapterId, adapters }: MethodOutputs['adapters']['list']): string {
  if (adapters.length === 0) return 'No adapter was trained yet. Train one: keepsake train';
  return adapters
    .map((adapter) => {
      const reasons =
        adapter.verdict === null || adapter.verdict.approved ? '' : `  ${adapter.verdict.reasons.join('; ')}`;
      const when = new Date(adapter.createdAt).toISOString().slice(0, 16).replace('T', ' ');
      const override = adapter.override === null ? '' : `  used all the same: ${adapter.override}`;
      return `${adapter.id === activeAdapterId ? '*' : ' '} ${adapter.id}  ${when}  ${adapter.state}${reasons}${override}`;
    })
    .join('\n');
}
