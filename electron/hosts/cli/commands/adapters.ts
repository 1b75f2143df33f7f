import { Option } from 'commander';
import {
  exportFormat,
  exportResult,
  type ExportFormat,
  type ExportRecord,
  type ExportResult,
} from '../../../contract/entities/interchange.ts';
import { judged, type MethodOutputs } from '../../../contract/methods.ts';
import { userPath, withApp, type CommandGroup } from '../command.ts';
import { finishJob } from '../job-progress.ts';
import { modelReference } from '../options.ts';

type ExportOptions = { readonly format: ExportFormat; readonly output: string; readonly force?: boolean };
type ImportOptions = { readonly base?: string; readonly force?: boolean };

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

  adapters
    .command('export')
    .description('write a version for other programs; the file holds personal facts')
    .argument('<id>', 'the id that `adapters list` shows')
    .addOption(
      new Option('--format <name>', 'a GGUF file, a folder for PyTorch/PEFT, or a folder for Ollama')
        .choices(exportFormat.options)
        .makeOptionMandatory(),
    )
    .requiredOption('--output <path>', 'the file (gguf) or the folder (peft, ollama) to write')
    .option('--force', 'replace what an earlier export left there')
    .action((id: string, { format, output, force }: ExportOptions) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const { jobId } = await client.adapters.export({
            ...{ id, format, output: userPath(output) },
            force: force ?? false,
          });
          const result = exportResult.parse(await finishJob(client, jobId, context));
          return { result, text: describeExport(result), notes: [result.warning, ...result.notes] };
        }),
      ),
    );

  adapters
    .command('import')
    .description('take in a LoRA adapter that was made elsewhere; it does not answer before you say so')
    .argument('<path>', 'a GGUF adapter, or a folder with adapter_model.safetensors and adapter_config.json')
    .option('--base <id-or-file>', 'the base model that it was made for')
    .option('--force', 'use the named base although the adapter says it was made for another file')
    .action((path: string, { base, force }: ImportOptions) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.adapters.import(
            {
              path: userPath(path),
              force: force ?? false,
              ...(base !== undefined && { base: modelReference(base) }),
            },
            { signal: context.signal },
          );
          return { result, text: describeImport(result), notes: result.notes };
        }),
      ),
    );

  adapters
    .command('judge')
    .description('put a version to the test that a training ends with')
    .argument('<id>', 'the id that `adapters list` shows')
    .action((id: string) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const { jobId } = await client.adapters.judge({ id });
          const result = judged.parse(await finishJob(client, jobId, context));
          const { approved, reasons } = result.verdict;
          const text = approved
            ? `Adapter ${result.adapterId} passed. Let it answer: keepsake adapters activate ${result.adapterId}`
            : `Adapter ${result.adapterId} was rejected: ${reasons.join('; ')}.`;
          return { result, text };
        }),
      ),
    );

  adapters
    .command('delete')
    .description('delete a version that does not answer now')
    .argument('<id>', 'the id that `adapters list` shows')
    .action((id: string) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.adapters.delete({ id });
          const left = result.exports.map(({ path }) => `Not reached: ${path}, which was written from it.`);
          return { result, text: [`Adapter ${result.deleted} deleted.`, ...left].join('\n') };
        }),
      ),
    );

  adapters
    .command('exports')
    .description('list what was written for other programs')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.adapters.exports({});
          const lines = result.exports.map(describeRecord);
          return { result, text: lines.join('\n') || 'Nothing was written for other programs.' };
        }),
      ),
    );
};

function describeExport(result: ExportResult): string {
  return `Adapter ${result.adapterId} written to ${result.path} (${result.format}, ${(result.bytes / 1e6).toFixed(1)} MB).`;
}

function describeRecord(record: ExportRecord): string {
  const when = new Date(record.createdAt).toISOString().slice(0, 16).replace('T', ' ');
  return `${when}  ${record.format.padEnd(12)}  ${record.path}${record.exists ? '' : '  (no longer there)'}`;
}

function describeImport({ id, added, baseName }: MethodOutputs['adapters']['import']): string {
  if (!added) return `Known already: adapter ${id}, for ${baseName}.`;
  return [
    `Adapter ${id} imported for ${baseName}. Nobody here knows what it learnt, so it does not answer yet.`,
    `Put it to the test: keepsake adapters judge ${id}`,
    `Or let it answer as it is: keepsake adapters activate ${id} --override "my reason"`,
  ].join('\n');
}

function describe({ activeAdapterId, adapters }: MethodOutputs['adapters']['list']): string {
  if (adapters.length === 0) return 'No adapter was trained yet. Train one: keepsake train';
  return adapters
    .map((adapter) => {
      const reasons =
        adapter.verdict === null || adapter.verdict.approved ? '' : `  ${adapter.verdict.reasons.join('; ')}`;
      const when = new Date(adapter.createdAt).toISOString().slice(0, 16).replace('T', ' ');
      const override = adapter.override === null ? '' : `  used all the same: ${adapter.override}`;
      const from = adapter.imported ? `  imported from ${adapter.imported.name}` : '';
      const name = adapter.name === null ? '' : ` "${adapter.name}"`;
      const version = `version ${adapter.number}${name}${adapter.pinned ? ', pinned' : ''}`;
      const knows = `learned ${adapter.learned} of ${adapter.taught}`;
      const file = adapter.isFileThere ? '' : '  its file is missing';
      return `${adapter.id === activeAdapterId ? '*' : ' '} ${adapter.id}  ${when}  ${version}  ${adapter.state}  ${knows}${from}${reasons}${override}${file}`;
    })
    .join('\n');
}
