import { posix } from 'node:path';

/** The features in dependency order: each may use those before it, never those after it. */
export const featureOrder: readonly string[] = [
  'settings',
  'profiles',
  'models',
  'adapters',
  'facts',
  'ledger',
  'transcripts',
  'variations',
  'personality',
  'datasets',
  'training',
  'evaluation',
  'retrain',
  'interchange',
  'chat',
];

/** Folders of the core that every feature may use. */
const sharedCoreFolders: readonly string[] = ['db', 'jobs', 'util'];

/** The folder of the router's handlers, which know all features. */
export const wiringFolder = 'handlers';

/** One zone of the source tree: what it may import, by path or package. The first zone that fits a file counts. */
export interface Zone {
  readonly name: string;
  readonly folder: string;
  /** Folders or files of the project, as prefixes of a path from the root. */
  readonly paths: readonly string[];
  /** Packages and Node modules; `node:*` is all of Node. */
  readonly packages: readonly string[];
  /** What to do instead of the forbidden import. */
  readonly instead: string;
}

/** The table: right imports left in `contract <- core <- platform <- hosts`, and `contract <- renderer`. */
export const zones: readonly Zone[] = [
  {
    name: 'contract',
    folder: 'electron/contract/',
    paths: ['electron/contract/'],
    packages: ['zod', '@orpc/contract'],
    instead: 'keep schemas and names here, and move the code that needs more into core/',
  },
  {
    name: 'core',
    folder: 'electron/core/',
    paths: ['electron/contract/', 'electron/core/'],
    packages: [
      ...['better-sqlite3', 'zod', '@orpc/contract', '@orpc/server', '@huggingface/jinja', 'csv-parse'],
      ...['csv-parse/sync', 'node:crypto', 'node:path', 'node:fs', 'node:fs/promises', 'node:url'],
    ],
    instead: 'describe what is needed in core/dependencies.ts and implement it in platform/',
  },
  {
    name: 'platform',
    folder: 'electron/platform/',
    paths: ['electron/contract/', 'electron/core/', 'electron/platform/'],
    packages: ['node:*', 'node-llama-cpp', 'better-sqlite3', 'zod', '@huggingface/jinja', 'tar'],
    instead: 'let hosts/compose.ts choose and pass it in',
  },
  {
    name: 'hosts/desktop',
    folder: 'electron/hosts/desktop/',
    paths: [
      ...['electron/contract/', 'electron/core/', 'electron/platform/'],
      ...['electron/hosts/compose', 'electron/hosts/page/', 'electron/hosts/port/'],
      ...['electron/hosts/window/', 'electron/hosts/desktop/'],
    ],
    packages: ['node:*', 'electron', 'zod', '@orpc/server', '@orpc/contract'],
    instead: 'put what hosts share into hosts/compose.ts, core/ or platform/',
  },
  {
    name: 'hosts/window',
    folder: 'electron/hosts/window/',
    paths: [
      ...['electron/contract/', 'electron/core/', 'electron/hosts/compose'],
      ...['electron/hosts/page/', 'electron/hosts/window/'],
    ],
    packages: ['node:*', 'zod', '@orpc/server'],
    instead: 'what only Electron can do belongs to hosts/desktop/, which passes it in',
  },
  {
    name: 'hosts/web',
    folder: 'electron/hosts/web/',
    paths: [
      ...['electron/contract/', 'electron/core/', 'electron/platform/'],
      ...[
        'electron/hosts/compose',
        'electron/hosts/loopback/',
        'electron/hosts/page/',
        'electron/hosts/web/',
      ],
    ],
    packages: ['node:*', 'zod', '@orpc/server', '@orpc/server/node', '@orpc/contract'],
    instead: 'put what hosts share into hosts/compose.ts, core/ or platform/',
  },
  {
    name: 'hosts/cli',
    folder: 'electron/hosts/cli/',
    paths: [
      ...['electron/contract/', 'electron/core/', 'electron/platform/'],
      ...['electron/hosts/compose', 'electron/hosts/cli/', 'electron/hosts/openai/'],
    ],
    packages: ['node:*', 'commander', 'zod', '@orpc/server', '@orpc/contract'],
    instead: 'put what hosts share into hosts/compose.ts, core/ or platform/',
  },
  {
    name: 'hosts/openai',
    folder: 'electron/hosts/openai/',
    paths: [
      ...['electron/contract/', 'electron/core/', 'electron/platform/'],
      ...['electron/hosts/compose', 'electron/hosts/loopback/', 'electron/hosts/openai/'],
    ],
    packages: ['node:*', 'zod'],
    instead: 'put what hosts share into hosts/compose.ts, hosts/loopback/, core/ or platform/',
  },
  {
    name: 'hosts',
    folder: 'electron/hosts/',
    paths: [
      ...['electron/contract/', 'electron/core/', 'electron/platform/'],
      ...['electron/hosts/compose', 'electron/hosts/openai/'],
    ],
    packages: ['node:*', 'better-sqlite3', 'zod', '@orpc/server', '@orpc/server/message-port'],
    instead: 'wire here and leave the work to core/ and platform/',
  },
  {
    name: 'renderer/components',
    folder: 'renderer/components/',
    paths: ['renderer/components/', 'renderer/styles/', 'renderer/text/'],
    packages: [
      ...['react', 'react-dom', 'react/jsx-runtime', 'react-aria-components', 'react-aria', 'react-stately'],
      ...[
        'lucide-react',
        'uplot',
        'uplot/dist/uPlot.min.css',
        '@tanstack/react-virtual',
        'react-markdown',
        'remark-gfm',
      ],
      ...['use-stick-to-bottom'],
    ],
    instead: 'pass the value in as a property',
  },
  {
    name: 'renderer',
    folder: 'renderer/',
    paths: ['electron/contract/', 'renderer/'],
    packages: [
      'react',
      'react-dom',
      'react-dom/client',
      'react/jsx-runtime',
      'zustand',
      'zustand/vanilla',
      '@orpc/*',
      ...['zod', 'react-aria-components', 'react-aria', 'react-stately', 'lucide-react', 'wouter'],
      ...['wouter/use-hash-location', 'tinykeys', '@tanstack/react-virtual', 'use-stick-to-bottom'],
    ],
    instead: 'call the client; the core answers through the contract',
  },
];

/** The zone a file belongs to, if it is in one. */
export function findZone(file: string): Zone | undefined {
  return zones.find((zone) => file.startsWith(zone.folder));
}

/** Says which import of a file breaks which rule and what to do, or undefined where all is well. */
export function findViolation(file: string, specifier: string): string | undefined {
  const zone = findZone(file);
  if (zone === undefined) return undefined;
  if (!specifier.startsWith('.')) {
    if (zone.packages.some((allowed) => matchesPackage(allowed, specifier))) return undefined;
    return `${file} imports '${specifier}', but ${zone.name} may use only ${zone.packages.join(', ')}: ${zone.instead}.`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  if (!zone.paths.some((allowed) => target.startsWith(allowed))) {
    return `${file} imports ${target}, but ${zone.name} may use only ${zone.paths.join(', ')}: ${zone.instead}.`;
  }
  return findFeatureViolation(file, target);
}

function matchesPackage(allowed: string, specifier: string): boolean {
  return allowed.endsWith('*') ? specifier.startsWith(allowed.slice(0, -1)) : specifier === allowed;
}

function findFeatureViolation(file: string, target: string): string | undefined {
  const from = coreFolder(file);
  const to = coreFolder(target);
  if (from === undefined || to === undefined || from === to) return undefined;
  if (from === wiringFolder || sharedCoreFolders.includes(to)) return undefined;
  if (sharedCoreFolders.includes(from)) {
    return `${file} imports ${target}, but core/${from} is shared by all features and knows none: pass the value in.`;
  }
  if (to === wiringFolder || featureOrder.indexOf(to) > featureOrder.indexOf(from)) {
    return (
      `${file} imports ${target}, but ${to} comes after ${from} in the order of features: ` +
      `move the shared rule to ${from} or further left, or react to an event or a job's result.`
    );
  }
  if (target.endsWith('-store.ts')) {
    return `${file} imports ${target}, another feature's store: ask the service or a rule of ${to}.`;
  }
  return undefined;
}

/** `facts` for a file in core/facts/; undefined for the core's own files such as app.ts, which wire all features. */
function coreFolder(path: string): string | undefined {
  return /^electron\/core\/([^/]+)\//.exec(path)?.[1];
}
