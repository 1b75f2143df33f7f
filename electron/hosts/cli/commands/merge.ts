import { Option } from 'commander';
import { mergeResult, mergeType, type MergeType } from '../../../contract/entities/interchange.ts';
import { userPath, withApp, type CommandGroup } from '../command.ts';
import { finishJob } from '../job-progress.ts';

type MergeOptions = {
  readonly adapter?: string;
  readonly type: MergeType;
  readonly output: string;
  readonly force?: boolean;
};

/** `keepsake merge` */
export const mergeCommands: CommandGroup = (program, run) => {
  program
    .command('merge')
    .description('write one GGUF with the adapter in its weights, for other programs')
    .option('--adapter <id>', 'default: the one that answers, else the newest')
    .addOption(
      new Option(
        '--type <name>',
        'f16 and q8_0 keep what was learnt; fewer bits are tested before they are offered',
      )
        .choices(mergeType.options)
        .makeOptionMandatory(),
    )
    .requiredOption('--output <file>', 'the file to write')
    .option('--force', 'replace a file of that name')
    .action(({ output, force, ...options }: MergeOptions) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const { jobId } = await client.adapters.merge({
            ...options,
            output: userPath(output),
            force: force ?? false,
          });
          const result = mergeResult.parse(await finishJob(client, jobId, context));
          const size = `${(result.bytes / 1e6).toFixed(0)} MB`;
          return {
            result,
            text: `Adapter ${result.adapterId} merged into ${result.path} (${result.type}, ${size}).`,
            notes: [result.warning, ...result.notes],
          };
        }),
      ),
    );
};
