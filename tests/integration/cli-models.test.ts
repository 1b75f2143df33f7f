import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { honest, startBadServer, type BadServer, type Handler } from '../helpers/bad-server.ts';
import { runCommand, type CommandOptions, type CommandOutcome } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { makeTinyGguf } from '../helpers/tiny-gguf.ts';

const repository = 'someone/Tiny-GGUF';
const fileName = 'tiny-q8_0.gguf';

let folder: string;
let data: string;
let cache: string;
let model: Buffer;
let hub: BadServer | undefined;

beforeEach(() => {
  folder = tempFolder();
  data = join(folder, 'data');
  cache = join(folder, 'cache');
  mkdirSync(cache);
  model = readFileSync(makeTinyGguf(join(folder, 'made.gguf'), { seed: 7, type: 'q8_0' }));
});
afterEach(async () => {
  await hub?.close();
  hub = undefined;
});

const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function json(value: unknown): Handler {
  return ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
}

/** A hub with one repository. */
async function startHub(told: { sha256?: string; size?: number; file?: Handler } = {}): Promise<BadServer> {
  const tree = [
    { type: 'file', path: 'README.md', size: 10, oid: 'a' },
    {
      type: 'file',
      path: fileName,
      size: told.size ?? model.length,
      lfs: { oid: told.sha256 ?? sha256Of(model), size: told.size ?? model.length },
    },
  ];
  const search = [
    {
      id: repository,
      downloads: 12,
      gated: false,
      tags: ['gguf', 'license:mit'],
      gguf: { architecture: 'llama' },
    },
    { id: 'someone/Vision-GGUF', gated: 'auto', gguf: { architecture: 'clip' } },
  ];
  hub = await startBadServer({
    [`/api/models/${repository}/tree/main?recursive=true`]: json(tree),
    '/api/models/someone/Vision-GGUF/tree/main?recursive=true': json([]),
    [`/${repository}/resolve/main/${fileName}`]: told.file ?? honest(model),
    '*': ({ request, response }) =>
      request.url?.startsWith('/api/models?') === true
        ? json(search)({ request, response }, 0)
        : response.writeHead(404).end(),
  });
  return hub;
}

function keepsake(
  args: readonly string[],
  env: Record<string, string> = {},
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  return runCommand([...args, '--data', data, '--json'], {
    ...options,
    env: { XDG_CACHE_HOME: cache, HF_ENDPOINT: hub?.url('') ?? 'http://127.0.0.1:2', ...env },
  });
}

/** Every file below the folder of models. */
function kept(): string[] {
  const models = join(cache, 'keepsake', 'models');
  return existsSync(models)
    ? (readdirSync(models, { recursive: true }) as string[])
        .filter((name) => statSync(join(models, name)).isFile())
        .sort()
    : [];
}

const source = `hf:${repository}/${fileName}`;

describe('models get', () => {
  it('downloads, proves and registers a model, and the second time finds it there', async () => {
    await startHub();
    const first = await keepsake(['models', 'get', source]);
    expect([first.code, first.result()]).toMatchObject([
      0,
      { added: true, downloaded: true, hashFrom: 'hub', sha256: sha256Of(model), sizeBytes: model.length },
    ]);
    expect(kept()).toEqual([join('someone', 'Tiny-GGUF', fileName)]);
    const again = await keepsake(['models', 'get', source]);
    expect(again.result()).toMatchObject({ added: false, downloaded: false, id: first.result().id });
    const { models } = (await keepsake(['models', 'list'])).result() as { models: Record<string, unknown>[] };
    expect(models).toMatchObject([
      { id: first.result().id, isFileThere: true, fit: { chat: 'yes', train: 'yes' } },
    ]);
  });

  it('does not keep a file whose hash is right and whose inside is damaged', async () => {
    model = Buffer.concat([model.subarray(0, model.length - 1000)]);
    await startHub();
    const outcome = await keepsake(['models', 'get', source]);
    expect([outcome.code, outcome.errorCode()]).toEqual([5, 'model-corrupt']);
    expect(kept().filter((name) => !name.endsWith('.lock'))).toEqual([]);
    expect((await keepsake(['models', 'list'])).result()).toEqual({ models: [], inUse: null });
  });

  it('says which base is used where none is named, also before its first use', async () => {
    const listed = async (): Promise<string> => {
      const env = { XDG_CACHE_HOME: cache };
      return (await runCommand(['models', 'list', '--data', data], { env })).stdout;
    };
    expect(await listed()).toContain('No base is there to be used unless one is named.');
    const file = join(cache, 'keepsake', 'models', 'SmolLM2-135M-Instruct.Q4_1.gguf');
    mkdirSync(join(cache, 'keepsake', 'models'), { recursive: true });
    writeFileSync(file, model);
    expect(await listed()).toContain(`the default base ${file}, which joins this list when it is first used`);
    const added = await keepsake(['models', 'add', file]);
    const id = String(added.result().id);
    expect((await keepsake(['models', 'list'])).result()).toMatchObject({ inUse: { id, file } });
    expect(await listed()).toContain(`Used where none is named: ${id}`);
  });

  it('refuses before the first byte when the hub and the user tell different hashes', async () => {
    const { paths } = await startHub();
    const outcome = await keepsake(['models', 'get', source, '--sha256', 'ab'.repeat(32)]);
    expect([outcome.code, outcome.errorCode()]).toEqual([5, 'download-corrupt']);
    expect(paths.some((path) => path.includes('/resolve/'))).toBe(false);
  });

  it('takes a plain address, with a hash and without', async () => {
    const { url } = await startHub();
    const address = url(`/${repository}/resolve/main/${fileName}`).replace('127.0.0.1', 'localhost');
    const env = { HF_ENDPOINT: 'http://127.0.0.1:2' };
    const wrong = await keepsake(['models', 'get', address, '--sha256', 'ab'.repeat(32)], env);
    expect([wrong.code, wrong.errorCode()]).toEqual([5, 'download-corrupt']);
    const right = await keepsake(['models', 'get', address, '--sha256', sha256Of(model).toUpperCase()], env);
    expect(right.result()).toMatchObject({ downloaded: true, hashFrom: 'user' });
  });

  it('goes to a mirror when the hub is gone', async () => {
    const { url } = await startHub();
    const outcome = await keepsake(['models', 'get', source, '--mirror', url('')], {
      HF_ENDPOINT: 'http://127.0.0.1:2',
    });
    expect(outcome.result()).toMatchObject({ downloaded: true, hashFrom: 'hub' });
  });

  it('says in one sentence that there is no connection', async () => {
    const outcome = await keepsake(['models', 'get', source]);
    expect([outcome.code, outcome.result()]).toMatchObject([
      5,
      {
        error: {
          code: 'download-failed',
          message: 'No connection to 127.0.0.1:2: the machine seems to be offline.',
        },
      },
    ]);
  });

  it.each([
    ['an unknown id', 'no-such-model', 2, 'not-found'],
    ['a path that leads out', 'hf:someone/Tiny-GGUF/../../../etc/passwd', 2, 'not-found'],
    ['a repository with no file named', 'hf:someone/Vision-GGUF', 2, 'invalid-input'],
    ['a file that is not there', `hf:${repository}/other.gguf`, 2, 'not-found'],
    ['a part of several', `hf:${repository}/big-00001-of-00003.gguf`, 2, 'invalid-input'],
    ['an address with a password', 'http://user:secret@127.0.0.1/m.gguf', 2, 'invalid-input'],
    ['nothing', '', 2, 'invalid-input'],
  ])('refuses %s', async (_name, wanted, code, error) => {
    await startHub();
    const outcome = await keepsake(['models', 'get', wanted]);
    expect([outcome.code, outcome.errorCode()]).toEqual([code, error]);
  });

  it.each([
    'download.ask',
    'download.begin',
    'download.write:2',
    'download.fsync',
    'download.verify',
    'download.inspect',
    'download.rename',
    'download.renamed',
    'download.register',
  ])('goes on after kill -9 at %s, and nothing unproved has the final name', async (moment) => {
    await startHub();
    const killed = await keepsake(['models', 'get', source], { KEEPSAKE_FAULT: `kill:${moment}` });
    expect(killed.signal).toBe('SIGKILL');
    const final = join(cache, 'keepsake', 'models', 'someone', 'Tiny-GGUF', fileName);
    if (existsSync(final)) expect(sha256Of(readFileSync(final))).toBe(sha256Of(model));
    const outcome = await keepsake(['models', 'get', source]);
    expect([outcome.code, outcome.result()]).toMatchObject([0, { sha256: sha256Of(model) }]);
    expect(kept().filter((name) => !name.endsWith('.lock'))).toEqual([
      join('someone', 'Tiny-GGUF', fileName),
    ]);
  });
});

describe('models search', () => {
  it('shows the catalogue with what fits, and asks nobody', async () => {
    const { catalogue, hub: found } = (await keepsake(['models', 'search', 'smollm2', '135m'])).result() as {
      catalogue: Record<string, unknown>[];
      hub: null;
    };
    expect(found).toBe(null);
    expect(catalogue).toMatchObject([{ id: 'smollm2-135m', fit: { chat: 'yes', train: 'yes' } }]);
  });

  it('asks the hub with --hub, and says what is not supported', async () => {
    await startHub();
    const outcome = await keepsake(['models', 'search', 'tiny', '--hub']);
    expect(outcome.result().hub).toEqual([
      {
        repository,
        downloads: 12,
        licence: 'mit',
        architecture: 'llama',
        isSupported: true,
        isGated: false,
        files: [{ file: fileName, source, sizeBytes: model.length, sha256: sha256Of(model) }],
      },
      expect.objectContaining({ repository: 'someone/Vision-GGUF', isSupported: false, isGated: true }),
    ]);
  });

  it('names a hub that answers nonsense', async () => {
    hub = await startBadServer({ '*': ({ response }) => response.end('<html>login</html>') });
    const outcome = await keepsake(['models', 'search', 'tiny', '--hub']);
    expect([outcome.code, outcome.errorCode()]).toEqual([5, 'download-failed']);
  });
});

describe('models add and remove', () => {
  it('leaves, copies or links a file, and deletes only what it is told to', async () => {
    const own = join(folder, 'my model.gguf');
    writeFileSync(own, model);
    const copied = (await keepsake(['models', 'add', own, '--copy'])).result() as {
      id: string;
      model: { file: string };
    };
    expect(copied.model.file).toBe(join(cache, 'keepsake', 'models', 'own', 'my model.gguf'));
    expect(readFileSync(copied.model.file).equals(model)).toBe(true);
    const removed = (await keepsake(['models', 'remove', copied.id, '--delete-file'])).result();
    expect([removed.fileDeleted, existsSync(copied.model.file), existsSync(own)]).toEqual([
      true,
      false,
      true,
    ]);

    const linked = (await keepsake(['models', 'add', own, '--link'])).result() as {
      id: string;
      model: { file: string };
    };
    expect(statSync(linked.model.file).ino).toBe(statSync(own).ino);
    expect((await keepsake(['models', 'remove', linked.id])).result()).toMatchObject({ fileDeleted: false });
    expect(existsSync(linked.model.file)).toBe(true);
  });

  it('keeps no copy of what is no model', async () => {
    const own = join(folder, 'notes.gguf');
    writeFileSync(own, 'GGUF and nothing else');
    const outcome = await keepsake(['models', 'add', own, '--copy']);
    expect([outcome.code, outcome.errorCode(), kept()]).toEqual([5, 'model-corrupt', []]);
  });

  it('refuses --copy with --link, and an unknown id', async () => {
    expect((await keepsake(['models', 'add', 'x.gguf', '--copy', '--link'])).errorCode()).toBe(
      'invalid-input',
    );
    expect((await keepsake(['models', 'remove', 'nothing'])).errorCode()).toBe('not-found');
  });
});

describe('everything but a search at the hub and a download', () => {
  const watcher = pathToFileURL(join(import.meta.dirname, '..', 'helpers', 'watch-connections.mjs')).href;

  it('opens no connection', async () => {
    const log = join(folder, 'connections.txt');
    writeFileSync(log, '');
    const env = { WATCH_CONNECTIONS: log, NODE_OPTIONS: `--import=${watcher}` };
    const own = join(folder, 'made.gguf');
    const facts = join(folder, 'facts.json');
    writeFileSync(facts, JSON.stringify([{ attribute: 'city', value: 'Porto' }]));
    for (const args of [
      ['facts', 'import', facts],
      ['facts', 'list'],
      ['models', 'add', own],
      ['models', 'list'],
      ['models', 'search', 'qwen'],
      ['dataset', 'build', '--base', own],
      ['adapters', 'list'],
      ['status'],
    ]) {
      expect([args, (await keepsake(args, env)).code]).toEqual([args, 0]);
    }
    expect(readFileSync(log, 'utf8')).toBe('');
    expect((await keepsake(['models', 'search', 'qwen', '--hub'], env)).code).toBe(5);
    expect(readFileSync(log, 'utf8')).not.toBe('');
  });
});
