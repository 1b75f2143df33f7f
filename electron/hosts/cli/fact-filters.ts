/** Which facts a command means: options of `facts list`, and `--where` of commands that change many at once. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { factState, tier } from '../../contract/entities/fact.ts';
import { factSortKey, type FactFilter, type FactListRequest } from '../../contract/entities/fact-list.ts';
import { AppError } from '../../contract/errors.ts';
import { collect, integer, onOrOff } from './options.ts';

type ListOptions = {
  readonly search?: string;
  readonly tier?: string[];
  readonly category?: string[];
  readonly state?: string[];
  readonly subject?: string;
  readonly attribute?: string;
  readonly current?: boolean;
  readonly former?: boolean;
  readonly neverTrain?: boolean;
  readonly sort?: FactListRequest['sort'];
  readonly order?: FactListRequest['order'];
  readonly limit?: number;
  readonly cursor?: string;
};

/** Adds the options that choose, order and cut a list. */
export function addListOptions(command: Command): Command {
  return command
    .option('--search <text>', 'words that begin so, in any field; case and accents do not count')
    .addOption(
      new Option('--tier <name>', 'of this tier; may be given more than once').argParser(oneOf(tier.options)),
    )
    .option('--category <name>', 'of this category; may be given more than once', collect)
    .addOption(
      new Option('--state <name>', 'in this state; may be given more than once').argParser(
        oneOf(factState.options),
      ),
    )
    .option('--subject <name>', 'about this person or thing; "me" for yourself')
    .option('--attribute <name>', 'of this attribute, under any of its names')
    .addOption(new Option('--current', 'in force today').conflicts('former'))
    .option('--former', 'over, not yet begun, or the other side of a conflict')
    .addOption(new Option('--never-train <on|off>', 'kept from training, or not').argParser(onOrOff))
    .addOption(
      new Option('--sort <key>', 'order of the list (default: as told)').choices(factSortKey.options),
    )
    .addOption(new Option('--order <name>', 'ascending (the default) or descending').argParser(orderOf))
    .addOption(new Option('--limit <n>', 'most facts on a page').argParser(integer))
    .option('--cursor <text>', 'where the next page begins: nextCursor of the page before');
}

/** The request of a list; empty where no option was given. */
export function toListRequest({
  former,
  current,
  tier: tiers,
  state,
  ...rest
}: ListOptions): FactListRequest {
  const isCurrent = current ?? (former === true ? false : undefined);
  return {
    ...rest,
    ...(tiers !== undefined && { tier: tiers as FactFilter['tier'] }), // checked by the option
    ...(state !== undefined && { state: state as FactFilter['state'] }), // checked by the option
    ...(isCurrent !== undefined && { current: isCurrent }),
  };
}

const whereHelp =
  'key=value; keys are search, tier, category, state, subject, attribute, current and never-train; more than one must all fit; "all" means every fact';

/** `--where`, the same wherever many facts are meant. */
export function whereOption(): Option {
  return new Option('--where <condition>', whereHelp).argParser(collect);
}

/** The filter of `--where` conditions. Throws `invalid-input` for one that cannot be read. */
export function toFilter(conditions: readonly string[]): FactFilter {
  const filter: Record<string, unknown> = {};
  for (const condition of conditions) {
    if (condition.trim() === 'all') continue;
    const [, key = '', value = ''] = /^\s*([a-z-]+)\s*=(.*)$/su.exec(condition) ?? [];
    if (value.trim() === '') throw whereError(condition);
    const text = value.trim();
    switch (key) {
      case 'search':
      case 'subject':
      case 'attribute':
        if (filter[key] !== undefined) throw whereError(condition, `"${key}" is given twice`);
        filter[key] = text;
        break;
      case 'category':
        filter[key] = [...((filter[key] as string[] | undefined) ?? []), text]; // set here alone
        break;
      case 'tier':
        filter[key] = listOf(text, tier.options, condition);
        break;
      case 'state':
        filter[key] = listOf(text, factState.options, condition);
        break;
      case 'current':
        filter.current = isYes(text, condition);
        break;
      case 'never-train':
        filter.neverTrain = isYes(text, condition);
        break;
      default:
        throw whereError(condition);
    }
  }
  return filter;
}

function listOf(text: string, known: readonly string[], condition: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  if (names.some((name) => !known.includes(name))) throw whereError(condition, `use ${known.join(', ')}`);
  return names;
}

function isYes(text: string, condition: string): boolean {
  if (/^(on|true|yes)$/iu.test(text)) return true;
  if (/^(off|false|no)$/iu.test(text)) return false;
  throw whereError(condition, 'use on or off');
}

function whereError(condition: string, why?: string): AppError {
  return new AppError(
    'invalid-input',
    `--where "${condition}" cannot be read${why === undefined ? '' : `: ${why}`}.`,
    { hint: `It is ${whereHelp}. Example: --where category=work --where current=on` },
  );
}

function oneOf(known: readonly string[]): (text: string, earlier?: string[]) => string[] {
  return (text, earlier = []) => {
    if (!known.includes(text)) throw new InvalidArgumentError(`It must be one of ${known.join(', ')}.`);
    return [...earlier, text];
  };
}

function orderOf(text: string): 'ascending' | 'descending' {
  if (text === 'ascending' || text === 'asc') return 'ascending';
  if (text === 'descending' || text === 'desc') return 'descending';
  throw new InvalidArgumentError('It must be ascending or descending.');
}
