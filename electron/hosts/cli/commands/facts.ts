import { Option } from 'commander';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { AppError } from '../../../contract/errors.ts';
import type { MethodOutputs } from '../../../contract/methods.ts';
import { userPath, withApp, type CommandGroup } from '../command.ts';
import { addListOptions, toFilter, toListRequest, whereOption } from '../fact-filters.ts';
import { collect } from '../options.ts';
import { count } from '../words.ts';
import { addChangeCommands, assertConfirmed, describeUnlearnt, neverTrainOption } from './fact-changes.ts';

type AddOptions = {
  readonly attribute: string;
  readonly value: string;
  readonly subject?: string;
  readonly alias?: string[];
  readonly category?: string;
  readonly tier?: 'simple' | 'relational' | 'temporal';
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly neverTrain?: boolean;
  readonly ifOther?: 'replace' | 'correct' | 'keep-both' | 'refuse';
};
type EditOptions = {
  readonly value?: string;
  readonly typo?: boolean;
  readonly validFrom?: string;
  readonly validTo?: string;
  readonly category?: string;
  readonly neverTrain?: boolean;
};

type RemoveOptions = {
  readonly allVersions?: boolean;
  readonly where?: string[];
  readonly dryRun?: boolean;
  readonly yes?: boolean;
};

/** `keepsake facts …` */
export const factsCommands: CommandGroup = (program, run) => {
  const facts = program.command('facts').description('tell, change, list and forget facts');

  facts
    .command('add')
    .description('tell one fact; a new value of a thing that has one value replaces the old one')
    .requiredOption('--attribute <name>', 'what it is about, such as "birthday" or "job"')
    .requiredOption('--value <text>', 'the value, such as "3 March 1990"')
    .option('--subject <name>', 'whom or what it is about (default: you)')
    .option('--alias <text>', 'another way to write the value; may be given more than once', collect)
    .option('--category <name>', 'a category of your own')
    .addOption(
      new Option('--tier <name>', 'only where the inferred one is wrong').choices([
        'simple',
        'relational',
        'temporal',
      ]),
    )
    .option('--valid-from <date>', 'since when it holds: YYYY, YYYY-MM or YYYY-MM-DD')
    .option('--valid-to <date>', 'until when it held')
    .option('--never-train', 'keep it in the prompt only: no adapter is ever taught it')
    .addOption(
      new Option(
        '--if-other <way>',
        'where it contradicts the value that is there: end that one, overwrite it, keep both as a conflict, or save nothing',
      )
        .choices(['replace', 'correct', 'keep-both', 'refuse'])
        .default('replace'),
    )
    .action(({ alias, ...draft }: AddOptions) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.facts.add({ ...draft, ...(alias !== undefined && { aliases: alias }) });
          const former = result.replaced === null ? [] : [`Before: ${result.replaced.statement}`];
          const lines = [describeImport(result), `${result.fact.statement}  (${result.id})`, ...former];
          return { result, text: [...lines, ...describeUnlearnt(result)].join('\n') };
        }),
      ),
    );

  facts
    .command('import')
    .description('tell all facts of a file: a JSON array, JSON Lines or CSV; the whole file or nothing')
    .argument(
      '<file>',
      'each fact has "attribute" and "value", and may have subject, aliases, category, tier, validFrom, validTo, neverTrain',
    )
    .action((file: string) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.facts.import({ file: userPath(file) });
          const lines = [describeImport(result), ...describeConflicts(result), ...describeUnlearnt(result)];
          return { result, text: lines.join('\n') };
        }),
      ),
    );

  const list = facts
    .command('list')
    .description(
      'list every fact with its state, former values and derived facts included; or those that you choose',
    );
  addListOptions(list).action((options: Parameters<typeof toListRequest>[0]) =>
    run((context) =>
      withApp(context, 'read', async ({ client }) => {
        const request = toListRequest(options);
        const result = await client.facts.list(request);
        return { result, text: describeFacts(result) };
      }),
    ),
  );

  facts
    .command('edit')
    .description('give a fact a new value; the old one is kept as history')
    .argument('<id>', 'the id that `facts list` shows')
    .option('--value <text>', 'the new value')
    .option('--typo', 'correct a typing error: no history is kept')
    .option('--valid-from <date>', 'since when the new value holds')
    .option('--valid-to <date>', 'when the old value ended (default: today); alone it ends the fact')
    .option('--category <name>', 'another category')
    .addOption(neverTrainOption())
    .action((id: string, options: EditOptions) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const result = await client.facts.edit({ id, ...options });
          const former = result.superseded === null ? [] : [`Before: ${result.superseded.statement}`];
          const lines = [`${result.fact.statement}  (${result.id})`, ...former, ...describeUnlearnt(result)];
          return { result, text: lines.join('\n') };
        }),
      ),
    );

  facts
    .command('remove')
    .description(
      'forget a fact: every adapter that learnt it is destroyed, and the next training starts anew',
    )
    .argument('[id]', 'the id that `facts list` shows')
    .option('--all-versions', 'forget the former values of the same thing as well')
    .addOption(whereOption())
    .option('--dry-run', 'with --where: only say how many facts are meant')
    .option('--yes', 'with --where: forget them')
    .action((id: string | undefined, { where, dryRun, yes, ...options }: RemoveOptions) =>
      run((context) =>
        withApp(context, dryRun === true ? 'read' : 'write', async ({ client }) => {
          if (where !== undefined) {
            assertEither(id === undefined && options.allVersions !== true);
            const filter = toFilter(where);
            const { matched } = await client.facts.removeMany({ where: filter, dryRun: true });
            if (dryRun !== true && matched > 0) assertConfirmed(yes === true, matched);
            const result = await client.facts.removeMany({ where: filter, dryRun: dryRun === true });
            const text =
              dryRun === true
                ? `${count(matched, 'fact')} would be forgotten; nothing was done.`
                : describeRemoval({ ...result, otherVersions: [] });
            return { result, text };
          }
          assertEither(id !== undefined && dryRun !== true);
          const result = await client.facts.remove({ id: id ?? '', ...options });
          return { result, text: describeRemoval(result) };
        }),
      ),
    );

  addChangeCommands(facts, run);

  facts
    .command('export')
    .description('write all facts in a form that `facts import` reads back')
    .addOption(new Option('--format <name>', 'the format').choices(['json', 'csv']).default('json'))
    .option('--output <file>', 'write to a file instead')
    .action(({ format, output: file }: { readonly format: 'json' | 'csv'; readonly output?: string }) =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const { text, count: n } = await client.facts.export({ format });
          if (file !== undefined) {
            const target = userPath(file);
            writeExport(target, text);
            return {
              result: { format, count: n, file: target },
              text: `${count(n, 'fact')} written to ${target}.`,
            };
          }
          // One JSON line can be imported as it is; CSV has to travel within one.
          return {
            result: format === 'json' ? (JSON.parse(text) as unknown) : { format, count: n, text },
            text,
          };
        }),
      ),
    );
};

function assertEither(holds: boolean): void {
  if (holds) return;
  throw new AppError('invalid-input', 'Name one fact by its id, or many with --where.', {
    hint: 'See: keepsake facts remove --help',
  });
}

function writeExport(file: string, text: string): void {
  const partial = `${file}.partial`;
  try {
    writeFileSync(partial, text, { mode: 0o600 });
    renameSync(partial, file);
  } catch (cause) {
    rmSync(partial, { force: true });
    const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
    throw new AppError(isFull ? 'disk-full' : 'invalid-input', `The export cannot be written to ${file}.`, {
      hint: isFull ? 'Free some space.' : 'Check that the folder is there and that you may write to it.',
      cause,
    });
  }
}

type Imported = MethodOutputs['facts']['import'] | MethodOutputs['facts']['add'];

function describeImport(result: Imported): string {
  const parts = [`${result.added} added`, `${result.superseded} superseded`, `${result.unchanged} unchanged`];
  if (result.conflicts.length > 0) parts.push(count(result.conflicts.length, 'conflict'));
  return `${parts.join(', ')}.`;
}

function describeConflicts(result: MethodOutputs['facts']['import']): string[] {
  const lines = result.conflicts.map(
    ({ subject, attribute, kept, other }) =>
      `Conflict: ${subject === 'me' ? 'your' : `${subject}'s`} ${attribute} is given as "${other}" and as "${kept}"; "${kept}" is used, both are kept.`,
  );
  const ignored = result.ignoredFields;
  return ignored.length === 0 ? lines : [...lines, `Ignored fields: ${ignored.join(', ')}.`];
}

/** A fact that finds no room in the prompt is said to wait, whatever else it is. */
function stateOf({ state, flags }: MethodOutputs['facts']['list']['facts'][number]): string {
  if (flags.includes('waiting')) return 'waiting';
  return flags.includes('conflict') ? `${state}, conflict` : state;
}

function describeFacts({ facts, total, nextCursor }: MethodOutputs['facts']['list']): string {
  if (facts.length === 0 && total === undefined)
    return 'No facts yet. Tell one: keepsake facts add --attribute birthday --value "3 March 1990"';
  const lines = facts.map(
    (fact) => `${fact.id}  ${fact.tier.padEnd(10)}  ${stateOf(fact).padEnd(10)}  ${fact.statement}`,
  );
  if (total === undefined) return lines.join('\n');
  const next = typeof nextCursor === 'string' ? ` The next page: --cursor ${nextCursor}` : '';
  return [...lines, `${facts.length} of ${count(total, 'fact')}.${next}`].join('\n');
}

function describeRemoval(
  result: Omit<MethodOutputs['facts']['remove'], 'activeAdapterId' | 'statements'> & {
    readonly statements?: readonly string[];
  },
): string {
  const named = result.statements ?? [];
  const lines = [
    `${count(result.removed.length, 'fact')} forgotten${named.length === 0 ? '.' : `: ${named.join(' ')}`}`,
  ];
  if (result.destroyedAdapters.length > 0) {
    lines.push(`${count(result.destroyedAdapters.length, 'adapter')} that had learnt it destroyed.`);
  }
  if (result.rebuildNeeded) lines.push('The next training starts from the base: keepsake train');
  if (result.otherVersions.length > 0) {
    lines.push(`Other values of the same thing are kept: ${result.otherVersions.join(', ')}.`);
  }
  for (const { path, exists } of result.exports) {
    lines.push(
      `Not reached: ${path}, which was written for other programs${exists ? '' : ' and is no longer there'}.`,
    );
  }
  if (result.unknownAdapters.length > 0) {
    lines.push(
      `Nobody knows whether imported adapters hold it: ${result.unknownAdapters.join(', ')}. Delete one: keepsake adapters delete ID`,
    );
  }
  return lines.join('\n');
}
