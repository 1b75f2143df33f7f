import { AppError } from '../../../contract/errors.ts';
import type { Profile } from '../../../contract/entities/profile.ts';
import { userPath, withArchives, withFolder, type CommandGroup } from '../command.ts';
import { count } from '../words.ts';

/** `keepsake profiles …` */
export const profilesCommands: CommandGroup = (program, run) => {
  const profiles = program
    .command('profiles')
    .description('several people or roles, each with facts and adapters of their own');

  profiles
    .command('list')
    .description('list the profiles; * marks the one that is used where none is named')
    .action(() =>
      run((context) =>
        withFolder(context, 'read', (folder) => {
          const list = folder.profiles.list();
          return {
            result: { profiles: list },
            text: list.map((each) => `${each.current ? '*' : ' '} ${each.name}  ${each.id}`).join('\n'),
          };
        }),
      ),
    );

  profiles
    .command('add')
    .description('make an empty profile')
    .argument('<name>', 'what it is called')
    .action((name: string) =>
      run((context) =>
        withFolder(context, 'write', (folder) => {
          const profile = folder.profiles.add(name);
          return {
            result: { id: profile.id, profile },
            text: `Made the profile ${describe(profile)}.`,
            notes: [
              `Work in it with --profile "${profile.name}", or from now on: keepsake profiles use "${profile.name}"`,
            ],
          };
        }),
      ),
    );

  profiles
    .command('use')
    .description('use a profile from now on, where none is named')
    .argument('<profile>', 'its name or id')
    .action((reference: string) =>
      run((context) =>
        withFolder(context, 'write', (folder) => {
          const profile = folder.profiles.use(reference);
          return { result: { id: profile.id, profile }, text: `From now on: ${describe(profile)}.` };
        }),
      ),
    );

  profiles
    .command('rename')
    .description('give a profile another name')
    .argument('<profile>', 'its name or id')
    .argument('<name>', 'the new name')
    .action((reference: string, name: string) =>
      run((context) =>
        withFolder(context, 'write', (folder) => {
          const profile = folder.profiles.rename(reference, name);
          return { result: { id: profile.id, profile }, text: `It is now called ${describe(profile)}.` };
        }),
      ),
    );

  profiles
    .command('remove')
    .description('delete a profile with all its facts, adapters, conversations and backups')
    .argument('<profile>', 'its name or id')
    .option('--yes', 'do it: nothing of it can be brought back')
    .action((reference: string, options: { readonly yes?: boolean }) =>
      run((context) =>
        withFolder(context, 'write', (folder) => {
          const profile = folder.profiles.resolve(reference);
          assertConfirmed(options.yes, `all facts and adapters of ${describe(profile)}`);
          const { removed, current } = folder.profiles.remove(profile.id);
          return {
            result: { removed: removed.id, name: removed.name, currentProfileId: current.id },
            text: `Deleted the profile ${removed.name} with all that was its own. Used from now on: ${describe(current)}.`,
          };
        }),
      ),
    );

  profiles
    .command('export')
    .description('write a whole profile to one file: facts, history, adapters; it is not encrypted')
    .argument('<profile>', 'its name or id')
    .requiredOption('--output <file>', 'a new file; one that is there is never written over')
    .action((reference: string, options: { readonly output: string }) =>
      run((context) => {
        const file = userPath(options.output);
        return withArchives(context, ({ exportFrom }, folder) => {
          const { profile, manifest } = exportFrom(folder, reference, file, context.signal);
          const adapters = manifest.files.length - 1;
          return {
            result: { file, id: profile.id, name: profile.name, facts: manifest.facts, adapters },
            text: `Exported ${describe(profile)} to ${file}: ${count(manifest.facts, 'fact')}, ${count(adapters, 'adapter')}.`,
            notes: ['The file holds personal facts: whoever has it can read them.'],
          };
        });
      }),
    );

  profiles
    .command('import')
    .description('make a new profile from such a file; nothing that is there is changed')
    .argument('<file>', 'what `profiles export` wrote')
    .option('--name <name>', 'what it is called (default: as it was)')
    .action((given: string, options: { readonly name?: string }) =>
      run((context) => {
        const file = userPath(given);
        return withArchives(context, ({ importInto }, folder) => {
          const { signal } = context;
          const { profile, manifest, missingBases } = importInto(folder, file, { ...options, signal });
          const adapters = manifest.files.length - 1;
          return {
            result: { id: profile.id, profile, facts: manifest.facts, adapters, missingBases },
            text: `Imported ${describe(profile)}: ${count(manifest.facts, 'fact')}, ${count(adapters, 'adapter')}.`,
            notes: [
              ...missingBases.map(
                (name) =>
                  `Its base model ${name} is not here yet: add the file with keepsake models add FILE`,
              ),
              `Use it from now on: keepsake profiles use "${profile.name}"`,
            ],
          };
        });
      }),
    );
};

/** What cannot be undone asks for `--yes`. */
export function assertConfirmed(yes: boolean | undefined, what: string, verb = 'deletes'): void {
  if (yes === true) return;
  const ending = verb === 'deletes' ? ' and cannot be undone' : '';
  throw new AppError('invalid-input', `This ${verb} ${what}${ending}.`, {
    hint: 'Add --yes to do it.',
  });
}

function describe(profile: Profile): string {
  return `${profile.name} (${profile.id})`;
}
