import { expect, it } from 'vitest';
import { z } from 'zod';
import { readSource } from './source-tree.ts';

/** Licences under which a run-time dependency may come: permissive ones that ask only for a notice. */
const allowed: readonly string[] = [
  ...[
    'MIT',
    'ISC',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'Unlicense',
    'CC0-1.0',
  ],
  ...['Python-2.0', 'WTFPL'],
];

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});
const packageSchema = z.object({
  license: z.string(),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
});

const lock = lockSchema.parse(JSON.parse(readSource('package-lock.json')));
const manifest = packageSchema.parse(JSON.parse(readSource('package.json')));

/** True for `MIT`, `(MIT OR WTFPL)`, `(Apache-2.0 AND MIT)`. */
function isAllowed(expression: string): boolean {
  const bare = expression.replaceAll(/[()]/g, '');
  return bare
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((name) => allowed.includes(name.trim())));
}

it('every run-time dependency has a permissive licence', () => {
  const refused = Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true)
    .filter(([, entry]) => !isAllowed(entry.license ?? 'none'))
    .map(([path, entry]) => `${path} ${entry.version ?? ''}: ${entry.license ?? 'no licence named'}`);
  expect(refused).toEqual([]);
});

it('the licence check refuses what is not on the list', () => {
  expect(['GPL-3.0', '(MIT AND GPL-3.0)', 'none'].map(isAllowed)).toEqual([false, false, false]);
  expect(['MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT'].map(isAllowed)).toEqual([true, true, true]);
});

it('the list of run-time dependencies stays short', () => {
  expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(15);
});

it('every dependency is pinned to one version, and no install script may run', () => {
  const versions = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].flatMap(
    (group) => Object.values(group),
  );
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  expect(Object.values(manifest.allowScripts).every((isRun) => !isRun)).toBe(true);
});
