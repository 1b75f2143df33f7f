import { InvalidArgumentError } from 'commander';
import { downloadReport, type FitReport } from '../../../contract/entities/catalogue.ts';
import { AppError } from '../../../contract/errors.ts';
import type { MethodOutputs } from '../../../contract/methods.ts';
import { userPath, withApp, type CommandGroup } from '../command.ts';
import { finishJob } from '../job-progress.ts';
import { integer } from '../options.ts';

/** `keepsake models …` */
export const modelsCommands: CommandGroup = (program, run) => {
  const models = program
    .command('models')
    .description('the base models that are chatted with and trained on');

  models
    .command('list')
    .description('list the base models that are known, and whether they fit into memory')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.models.list({});
          const lines = result.models.map(
            (model) =>
              `${model.id}  ${model.architecture} ${model.quantisation}  ${megabytes(model.sizeBytes)}  ${describeFit(model.fit)}  ${model.file}${model.isFileThere ? '' : '  (the file is missing)'}`,
          );
          return { result, text: [...lines, describeInUse(result)].join('\n') };
        }),
      ),
    );

  models
    .command('search')
    .description('search the models that come recommended; with --hub also ask the model hub')
    .argument('[query...]', 'words that must occur, such as qwen or apache')
    .option('--hub', 'also ask the hub: the only search that opens a connection', false)
    .option('--limit <n>', 'how many repositories of the hub (1-20)', upToTwenty, 5)
    .action((query: string[], options: { hub: boolean; limit: number }) =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const input = { query: query.join(' '), ...options };
          const result = await client.models.search(input, { signal: context.signal });
          return { result, text: describeSearch(result) };
        }),
      ),
    );

  models
    .command('get')
    .description('download a model, check it and add it; run again to go on after anything')
    .argument('<source>', 'an id of the catalogue, hf:owner/repository/file, or an https:// address')
    .option('--sha256 <hex>', 'the hash that the file must have')
    .option('--mirror <address>', 'another hub or place to try, repeatable', collect, [])
    .action((source: string, options: { sha256?: string; mirror: string[] }) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const { sha256, mirror } = options;
          const { jobId } = await client.models.get({
            source,
            ...(sha256 !== undefined && { sha256 }),
            ...(mirror.length > 0 && { mirrors: mirror }),
          });
          const result = downloadReport.parse(await finishJob(client, jobId, context));
          const notes =
            result.hashFrom === 'nobody'
              ? [`Nobody told its hash, so only its inside was checked. Its SHA-256 is ${result.sha256}.`]
              : [];
          return {
            result,
            text: `${result.downloaded ? 'Downloaded' : 'There already'}: ${result.file}  ${result.id}\n${describeFit(result.fit)}`,
            notes,
          };
        }),
      ),
    );

  models
    .command('add')
    .description('add a base model from a GGUF file, which stays where it is')
    .argument('<file>', 'a GGUF of an instruct model of the llama, qwen2 or qwen3 family')
    .option('--copy', "put a copy into Keepsake's own folder of models", false)
    .option('--link', 'put a link there: no space is used, and the original may be tidied away', false)
    .action((file: string, options: { copy: boolean; link: boolean }) =>
      run((context) => {
        if (options.copy && options.link) {
          throw new AppError('invalid-input', 'A file is either copied or linked.', {
            hint: 'Give --copy or --link.',
          });
        }
        const place = options.copy ? 'copy' : options.link ? 'link' : 'stay';
        return withApp(context, 'write', async ({ client }) => {
          const result = await client.models.add({ file: userPath(file), place }, { signal: context.signal });
          const { model, added } = result;
          return {
            result,
            text: `${added ? 'Added' : 'Known already'}: ${model.name} (${model.architecture}, ${model.quantisation})  ${model.id}`,
          };
        });
      }),
    );

  models
    .command('remove')
    .description('take a base model out of the list; its file stays unless you say otherwise')
    .argument('<id>', 'its id, or the first 6 characters or more')
    .option('--delete-file', 'delete the file too', false)
    .action((id: string, { deleteFile }: { deleteFile: boolean }) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.models.remove({ id, deleteFile });
          return {
            result,
            text: result.fileDeleted
              ? `Removed, file deleted: ${result.file}`
              : `Removed from the list: ${result.file}${deleteFile ? ' (the file was gone already)' : ' (the file stays)'}`,
          };
        }),
      ),
    );
};

/** Which base a training or a chat takes that names none. */
function describeInUse({ inUse }: MethodOutputs['models']['list']): string {
  if (inUse === null)
    return 'No base is there to be used unless one is named. Get one: keepsake models search, then keepsake models get ID';
  return inUse.id === null
    ? `Used where none is named: the default base ${inUse.file}, which joins this list when it is first used. Others: keepsake models search`
    : `Used where none is named: ${inUse.id}`;
}

function describeSearch({ catalogue, hub }: MethodOutputs['models']['search']): string {
  const lines = catalogue.map(
    (entry) =>
      `${entry.id}  ${entry.name}, ${entry.quantisation}, ${entry.isSizeApproximate ? 'about ' : ''}${megabytes(entry.sizeBytes)}; ${describeFit(entry.fit)}\n    ${entry.remark} Licence: ${entry.licence.name}. ${entry.licence.limits}`,
  );
  if (lines.length === 0) lines.push('Nothing in the catalogue has these words.');
  for (const model of hub ?? []) {
    const remarks = [
      model.licence ?? 'licence not told',
      ...(model.isSupported === false ? [`family ${model.architecture ?? ''} is not supported`] : []),
      ...(model.isGated ? ['needs a login at the hub'] : []),
    ];
    lines.push(`${model.repository} (${remarks.join('; ')})`);
    for (const file of model.files) lines.push(`    ${file.source}  ${megabytes(file.sizeBytes)}`);
  }
  if (hub?.length === 0) lines.push('The hub found nothing.');
  return lines.join('\n');
}

/** "fits: chat yes (0.3 GB), train slowly (1.2 GB); 6.1 GB free". */
function describeFit(fit: FitReport | null): string {
  if (fit === null) return 'fits: not known';
  const trainBytes = fit.train === 'yes' ? fit.trainBytes : fit.trainFrugalBytes;
  return `fits: chat ${fit.chat} (${gigabytes(fit.chatBytes)}), train ${fit.train} (${gigabytes(trainBytes)}); ${gigabytes(fit.availableBytes)} free`;
}

function upToTwenty(text: string): number {
  const value = integer(text);
  if (value < 1 || value > 20) throw new InvalidArgumentError('It must be from 1 to 20.');
  return value;
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
