import { userPath, withApp, type CommandGroup } from '../command.ts';

/** `keepsake models …` */
export const modelsCommands: CommandGroup = (program, run) => {
  const models = program
    .command('models')
    .description('the base models that are chatted with and trained on');

  models
    .command('list')
    .description('list the base models that are known')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.models.list({});
          const lines = result.models.map(
            (model) =>
              `${model.id}  ${model.architecture} ${model.quantisation}  ${megabytes(model.sizeBytes)}  ${model.file}`,
          );
          return {
            result,
            text:
              lines.join('\n') ||
              'No base model was used yet; the default one is added by the first training.',
          };
        }),
      ),
    );

  models
    .command('add')
    .description('add a base model from a GGUF file, which stays where it is')
    .argument('<file>', 'a GGUF of an instruct model of the llama, qwen2 or qwen3 family')
    .action((file: string) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.models.add({ file: userPath(file) }, { signal: context.signal });
          const { model, added } = result;
          return {
            result,
            text: `${added ? 'Added' : 'Known already'}: ${model.name} (${model.architecture}, ${model.quantisation})  ${model.id}`,
          };
        }),
      ),
    );
};

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
