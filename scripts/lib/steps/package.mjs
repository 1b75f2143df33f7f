// The installed app, by electron-builder. Where there is no Electron, `--dir` can be tried with a stub in its place, which
// proves the layout and is no app.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findElectron } from '../electron-binary.mjs';
import { projectRoot, setupFolder } from '../paths.mjs';
import { SetupError } from '../setup-error.mjs';

/** Where the packed apps and their unpacked trees go. */
export const packageFolder = join(setupFolder, 'package');

const stubFolder = join(setupFolder, 'electron-stub');

/** The marks by which a tool finds the fuses in Electron's program: a sentinel, version 1, eight fuses, all off. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('0'.repeat(8)),
]);

/**
 * Packs what is built. Gives the folder of Electron's own files, and whether a stub stands for them.
 *
 * @param {{ dirOnly: boolean, output?: string, print?: (line: string) => void }} options
 */
export async function packageApp({ dirOnly, output = packageFolder, print = () => undefined }) {
  const { path } = findElectron();
  const isStub = path === undefined;
  if (isStub && (!dirOnly || process.platform !== 'linux')) {
    throw new SetupError(
      'There is no Electron to be packed.',
      'Fetch it with npm start, or try the layout on Linux with: npm run package -- --dir',
    );
  }
  const electronDist = isStub ? makeStub() : dirname(path);
  if (isStub)
    print('No Electron here: a labelled stub stands in its place. This tries the layout and makes no app.');
  const { build } = await import('electron-builder');
  rmSync(output, { recursive: true, force: true });
  await build({
    projectDir: projectRoot,
    dir: dirOnly,
    publish: 'never',
    config: {
      extends: join(projectRoot, 'electron-builder.yml'),
      electronDist,
      directories: { output },
    },
  });
  return { electronDist, isStub };
}

function makeStub() {
  const { version } = JSON.parse(
    readFileSync(join(projectRoot, 'node_modules', 'electron', 'package.json'), 'utf8'),
  );
  const label =
    '#!/bin/sh\necho "This is a stub for trying the layout of a package. It is not Electron." >&2\nexit 70\n';
  rmSync(stubFolder, { recursive: true, force: true });
  for (const folder of ['locales', 'resources']) mkdirSync(join(stubFolder, folder), { recursive: true });
  writeFileSync(
    join(stubFolder, 'electron'),
    Buffer.concat([Buffer.from(label), fuseWire, Buffer.from('\n')]),
  );
  chmodSync(join(stubFolder, 'electron'), 0o755);
  const texts = { version, LICENSE: label, 'LICENSES.chromium.html': label, 'locales/en-US.pak': label };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(stubFolder, name), text);
  return stubFolder;
}
