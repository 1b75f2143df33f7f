import type { Command } from 'commander';
import { Option } from 'commander';
import type { FactChange } from '../../../contract/entities/fact-list.ts';
import { AppError } from '../../../contract/errors.ts';
import { withApp, type RunCommand } from '../command.ts';
import { toFilter, whereOption } from '../fact-filters.ts';
import { onOrOff } from '../options.ts';
import { count } from '../words.ts';

type SetOptions = {
  readonly where?: string[];
  readonly category?: string;
  readonly neverTrain?: boolean;
  readonly validTo?: string;
  readonly dryRun?: boolean;
};

/** `--never-train on|off`, the same wherever facts are changed. */
export function neverTrainOption(): Option {
  return new Option(
    '--never-train <on|off>',
    'on: it rides in the prompt, and no adapter is taught it',
  ).argParser(onOrOff);
}

/** What to say of adapters that a change destroyed. */
export function describeUnlearnt(result: {
  readonly destroyedAdapters?: readonly string[] | undefined;
  readonly rebuildNeeded?: boolean | undefined;
  readonly discardedRuns?: number | undefined;
}): string[] {
  const destroyed = result.destroyedAdapters?.length ?? 0;
  const discarded = result.discardedRuns ?? 0;
  return [
    ...(destroyed === 0 ? [] : [`${count(destroyed, 'adapter')} that had learnt it destroyed.`]),
    ...(discarded === 0
      ? []
      : [`${count(discarded, 'stopped training')} that had begun to learn it discarded.`]),
    ...(destroyed > 0 || result.rebuildNeeded === true
      ? ['The next training starts from the base: keepsake train']
      : []),
  ];
}

/** `keepsake facts set|undo|redo|history` */
export function addChangeCommands(facts: Command, run: RunCommand): void {
  facts
    .command('set')
    .description('change many facts at once; one undo takes it back')
    .addOption(whereOption().makeOptionMandatory())
    .option('--category <name>', 'their category')
    .addOption(neverTrainOption())
    .option('--valid-to <date>', 'end those that are not over yet')
    .option('--dry-run', 'only say how many facts are meant')
    .action(({ where = [], dryRun, ...set }: SetOptions) =>
      run((context) =>
        withApp(context, dryRun === true ? 'read' : 'write', async ({ client }) => {
          const filter = toFilter(where);
          const result = await client.facts.setMany({ where: filter, set, dryRun: dryRun === true });
          const meant = `${count(result.matched, 'fact')} ${result.matched === 1 ? 'is' : 'are'} meant`;
          const said =
            dryRun === true ? `${meant}; nothing was changed.` : `${meant}, ${result.changed} changed.`;
          return { result, text: [said, ...describeUnlearnt(result)].join('\n') };
        }),
      ),
    );

  for (const [name, description] of [
    ['undo', 'take back the last change of facts: 50 deep, over restarts; forgetting cannot be undone'],
    ['redo', 'make the change again that was taken back last'],
  ] as const) {
    facts
      .command(name)
      .description(description)
      .option('--unlearn', 'destroy adapters that have learnt what goes')
      .action((options: { readonly unlearn?: boolean }) =>
        run((context) =>
          withApp(context, 'write', async ({ client }) => {
            const result = await client.facts[name](options);
            const done = name === 'undo' ? 'Taken back' : 'Made again';
            const lines = [`${done}: ${describeChange(result.change)}.`, ...describeUnlearnt(result)];
            return { result, text: lines.join('\n') };
          }),
        ),
      );
  }

  facts
    .command('history')
    .description('list the changes that can be undone or redone, newest first')
    .option('--clear', 'erase what an undo would need; the facts stay as they are')
    .action(({ clear }: { readonly clear?: boolean }) =>
      run((context) =>
        withApp(context, clear === true ? 'write' : 'read', async ({ client }) => {
          if (clear === true) {
            const result = await client.facts.clearHistory({});
            return { result, text: `${count(result.cleared, 'change')} can no longer be undone.` };
          }
          const result = await client.facts.history({});
          const lines = result.changes.map(
            (change) =>
              `${new Date(change.createdAt).toISOString()}  ${describeChange(change)}${change.undone ? ' (undone)' : ''}`,
          );
          return { result, text: lines.length === 0 ? 'Nothing to undo.' : lines.join('\n') };
        }),
      ),
    );
}

/** "an import of people.json (25 facts)" */
function describeChange({ kind, detail, facts }: FactChange): string {
  const names = {
    add: 'a new fact',
    import: `an import of ${detail ?? 'a file'}`,
    settle: 'a conflict settled',
    edit: 'an edit',
    set: 'a change of many',
  };
  return `${names[kind]} (${count(facts, 'fact')})`;
}

/** Throws for a deletion of many that was not confirmed. */
export function assertConfirmed(confirmed: boolean, matched: number): void {
  if (confirmed) return;
  throw new AppError(
    'invalid-input',
    `This would forget ${count(matched, 'fact')} for good, and every adapter that learnt one. Nothing was done.`,
    { hint: 'Say --yes to do it, or --dry-run to see how many are meant.' },
  );
}
