import type { Dataset, RecipeName } from '../../../contract/entities/training.ts';
import { withApp, type CommandGroup } from '../command.ts';
import { askInGeneral } from '../job-progress.ts';
import { integer, modelReference, recipeOption, seedOption } from '../options.ts';

type BuildOptions = { readonly recipe: RecipeName; readonly base?: string; readonly seed: number };

/** `keepsake dataset …` */
export const datasetCommands: CommandGroup = (program, run) => {
  const dataset = program.command('dataset').description('what the facts become before training');

  dataset
    .command('build')
    .description('build the dataset of the facts as they are now')
    .addOption(recipeOption())
    .option('--base <id-or-file>', 'the base model')
    .addOption(seedOption())
    .action(({ base, ...options }: BuildOptions) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const input = { ...options, ...(base !== undefined && { base: modelReference(base) }) };
          await askInGeneral(client, input, context);
          const result = await client.datasets.build(input, { signal: context.signal });
          return { result, text: describe(result.dataset) };
        }),
      ),
    );

  dataset
    .command('show')
    .description('show a dataset with its samples')
    .argument('[id]', 'default: the newest')
    .option('--limit <n>', 'samples to print for people', integer, 20)
    .action((id: string | undefined, { limit }: { readonly limit: number }) =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.datasets.show(id === undefined ? {} : { id });
          const lines = result.samples.slice(0, limit).map((sample) => {
            const question = sample.messages.findLast((message) => message.role === 'user')?.content ?? '';
            return `${sample.kind.padEnd(8)} ${question}  ->  ${sample.answer === '' ? '(hands over)' : sample.answer}`;
          });
          return { result, text: [describe(result.dataset), ...lines].join('\n') };
        }),
      ),
    );
};

function describe(dataset: Dataset): string {
  const counts = Object.entries(dataset.counts).map(([kind, n]) => `${n} ${kind}`);
  return `Dataset ${dataset.id}: ${counts.join(', ')}; recipe ${dataset.recipe}, seed ${dataset.seed}.`;
}
