import { describe, expect, it } from 'vitest';
import { featureOrder, findViolation, wiringFolder } from './layer-rules.ts';
import { listImports, listSourceFiles, readSource } from './source-tree.ts';

const sources = listSourceFiles().filter((path) => /^(electron|renderer)\/.*\.(ts|tsx|mts)$/.test(path));

describe('layers', () => {
  it('every import goes to a layer that its file may use', () => {
    const violations = sources.flatMap((file) =>
      listImports(readSource(file)).flatMap((specifier) => findViolation(file, specifier) ?? []),
    );
    expect(violations).toEqual([]);
  });

  it('sees the sources of every layer that exists', () => {
    expect(sources.some((path) => path.startsWith('electron/contract/'))).toBe(true);
    expect(sources.some((path) => path.startsWith('electron/core/'))).toBe(true);
    expect(sources.some((path) => path.startsWith('electron/platform/'))).toBe(true);
    expect(sources.some((path) => path.startsWith('electron/hosts/'))).toBe(true);
  });

  it('every folder of the core is a named feature or a shared folder', () => {
    const folders = new Set(sources.flatMap((path) => /^electron\/core\/([^/]+)\//.exec(path)?.[1] ?? []));
    const known = [...featureOrder, 'db', 'jobs', 'util', wiringFolder];
    expect([...folders].filter((folder) => !known.includes(folder))).toEqual([]);
  });
});

describe('the rules of the layers', () => {
  const cases: readonly (readonly [file: string, specifier: string, isAllowed: boolean])[] = [
    ['electron/contract/errors.ts', 'zod', true],
    ['electron/contract/errors.ts', 'node:fs', false],
    ['electron/contract/errors.ts', '../core/app.ts', false],
    ['electron/core/facts/fact-service.ts', './fact-store.ts', true],
    ['electron/core/facts/fact-service.ts', '../db/open-database.ts', true],
    ['electron/core/facts/fact-service.ts', '../training/recipe.ts', false],
    ['electron/core/training/recipe.ts', '../facts/tiers.ts', true],
    ['electron/core/training/training-service.ts', '../facts/fact-store.ts', false],
    ['electron/core/db/migrate.ts', '../facts/tiers.ts', false],
    ['electron/core/training/training-job.ts', 'node:child_process', false],
    ['electron/core/training/training-job.ts', 'electron', false],
    ['electron/core/app.ts', './chat/chat-service.ts', true],
    ['electron/core/app.ts', '../platform/data-lock.ts', false],
    ['electron/platform/native-trainer.ts', 'node:child_process', true],
    ['electron/platform/native-trainer.ts', '../hosts/compose.ts', false],
    ['electron/hosts/cli/main.ts', '../compose.ts', true],
    ['electron/hosts/cli/main.ts', '../web/serve.ts', false],
    ['electron/hosts/cli/main.ts', 'electron', false],
    ['electron/hosts/desktop/main.ts', 'electron', true],
    ['renderer/app.tsx', '../electron/contract/methods.ts', true],
    ['renderer/app.tsx', '../electron/core/app.ts', false],
    ['renderer/app.tsx', 'node:fs', false],
    ['renderer/components/button.tsx', '../state/store.ts', false],
  ];

  it.each(cases)('%s importing %s: allowed is %s', (file, specifier, isAllowed) => {
    expect(findViolation(file, specifier) === undefined).toBe(isAllowed);
  });

  it('reads static, dynamic, type-only and re-exporting imports, and no comments', () => {
    const source = [
      "import { a } from './a.ts';",
      "import type { B } from './b.ts';",
      "import './c.ts';",
      'import {\n  d,\n  e,\n} from "./d.ts";',
      "export * from './e.ts';",
      "export { f } from './f.ts';",
      "const g = await import('./g.ts');",
      "// import { h } from './h.ts';",
      "/* import { i } from './i.ts'; */",
    ].join('\n');
    const names = ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts'];
    expect(listImports(source)).toEqual(names);
  });

  it('names the import, the rule and the way out', () => {
    expect(findViolation('electron/core/facts/tiers.ts', '../chat/chat-service.ts')).toMatch(
      /tiers\.ts imports .*chat-service\.ts, but chat comes after facts .*: move the shared rule/,
    );
  });
});
