// The page and the window's two programs, built by Vite. Done again, each by itself, when a source of it changed.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { appFolder, projectRoot, setupFolder } from '../paths.mjs';
import { SetupError } from '../setup-error.mjs';
import { hashTree, readStamp, removeStamp, writeStamp } from '../stamps.mjs';

/** Never bundled: Electron gives the first; the others hold native code that is found by its place. */
export const externalPackages = ['electron', 'better-sqlite3', 'node-llama-cpp'];

const shared = ['package-lock.json', 'scripts/lib/steps/app.mjs', 'electron/contract'];

/** What is built: its sources, and the file that a finished build has. */
export const appParts = {
  renderer: { sources: ['renderer'], product: 'index.html', config: rendererConfig },
  main: { sources: ['electron'], product: 'main.js', config: mainConfig },
  preload: { sources: ['electron/hosts/desktop'], product: 'preload.cjs', config: preloadConfig },
};

const folderOf = (name) => join(appFolder, name);
const stampOf = (name) => join(setupFolder, `app-${name}.json`);
const inputsOf = (name) => hashTree(projectRoot, [...shared, ...appParts[name].sources]);

/** Is every one of these parts built from what lies here now? */
export function appIsReady(names = Object.keys(appParts)) {
  return names.every(
    (name) =>
      existsSync(join(folderOf(name), appParts[name].product)) &&
      readStamp(stampOf(name))?.inputs === inputsOf(name),
  );
}

/** Builds those parts that are not done. A part that is in use is replaced as a whole. */
export async function buildApp(names = Object.keys(appParts)) {
  for (const name of names) {
    if (appIsReady([name])) continue;
    const inputs = inputsOf(name);
    removeStamp(stampOf(name));
    const fresh = join(appFolder, `${name}.new-${process.pid}`);
    try {
      const { build } = await import('vite');
      await build({
        configFile: false,
        envDir: false,
        logLevel: 'warn',
        mode: 'production',
        ...(await appParts[name].config(fresh)),
      });
    } catch (error) {
      rmSync(fresh, { recursive: true, force: true });
      throw new SetupError(
        `Building the ${name === 'renderer' ? 'page' : `window's ${name} program`} failed: ${firstLine(error)}`,
        'If you changed no file of the project, please report this.',
        { cause: error },
      );
    }
    rmSync(folderOf(name), { recursive: true, force: true });
    renameSync(fresh, folderOf(name));
    writeStamp(stampOf(name), { inputs });
  }
}

async function rendererConfig(outDir) {
  const { default: react } = await import('@vitejs/plugin-react');
  return {
    root: join(projectRoot, 'renderer'),
    publicDir: false,
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      // The page's policy allows no inline script, style or font.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1500,
      // What two screens or more share is one file: it is packed better than forty small ones, and asked for once.
      rolldownOptions: {
        output: { codeSplitting: { groups: [{ name: 'shared', test: isShared, minShareCount: 2 }] } },
      },
    },
  };
}

/** Parts of the page that most screens use; not those that bring a large library for a few. */
function isShared(id) {
  const isLarge = /(?:markdown|curve|virtual-grid|select-field|menu-button|filter-menu|palette)\.tsx$/u.test(
    id,
  );
  return !isLarge && /[\\/]renderer[\\/](?:components|state|client|text|shell)[\\/]/u.test(id);
}

function mainConfig(outDir) {
  return programConfig(outDir, {
    entry: 'electron/hosts/desktop/main.ts',
    output: { format: 'es', entryFileNames: 'main.js', chunkFileNames: '[name]-[hash].js' },
  });
}

/** One CommonJS file, since a sandboxed preload can load no other. */
function preloadConfig(outDir) {
  return programConfig(outDir, {
    entry: 'electron/hosts/desktop/preload.ts',
    output: { format: 'cjs', entryFileNames: 'preload.cjs', codeSplitting: false },
  });
}

function programConfig(outDir, { entry, output }) {
  return {
    root: projectRoot,
    publicDir: false,
    ssr: { noExternal: true, external: externalPackages },
    build: {
      ssr: join(projectRoot, entry),
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        external: [...externalPackages, ...builtinModules, /^node:/],
        output,
      },
    },
  };
}

function firstLine(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').find((line) => line.trim() !== '') ?? 'no reason was given';
}
