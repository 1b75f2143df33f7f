import { InvalidArgumentError, Option } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { recipeName } from '../../contract/entities/training.ts';

/** `--recipe`, the same wherever it is offered. */
export function recipeOption(): Option {
  return new Option('--recipe <name>', 'how to train').choices(recipeName.options).default('routed');
}

/** `--seed`, the same wherever it is offered. */
export function seedOption(): Option {
  return new Option('--seed <n>', 'start of all randomness').argParser(integer).default(42);
}

/** Parses a whole number that is not negative. */
export function integer(text: string): number {
  const value = Number(text);
  if (!/^\d+$/u.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Gathers an option that may be given more than once. */
export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

/** Parses `on` or `off`. */
export function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new InvalidArgumentError('It must be on or off.');
}

/** A base model as the user named it: a file against the user's folder, or else an id. */
export function modelReference(text: string): string {
  return existsSync(text) || /[/\\]|\.gguf$/iu.test(text) ? resolve(text) : text;
}
