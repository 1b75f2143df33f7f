import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/errors.ts';
import type { Progress } from '../../../electron/contract/entities/job.ts';
import { appMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import type { ModelInspection } from '../../../electron/core/dependencies.ts';
import { createModelService, type ModelService } from '../../../electron/core/models/model-service.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const usable: ModelInspection = {
  architecture: 'llama',
  name: 'Tiny Instruct',
  supported: true,
  reason: null,
  isAdapter: false,
  hasChatTemplate: true,
  contextLength: 2048,
  quantisation: 'Q4_1',
};

let folder: string;
let db: ReturnType<typeof openMemoryDatabase>;
let models: ModelService;
let inspection: ModelInspection | AppError;
let inspected: string[];
let defaultModelFile: string;
let whileInspecting: () => void;

beforeEach(() => {
  folder = tempFolder();
  defaultModelFile = join(folder, 'cache', 'default.gguf');
  db = openMemoryDatabase(appMigrations);
  inspection = usable;
  inspected = [];
  whileInspecting = () => undefined;
  let count = 0;
  models = createModelService({
    db,
    clock: { now: () => 1000 + count },
    newId: () => `base-id-${(count += 1)}`,
    defaultModelFile,
    trainer: {
      inspect: (file) => {
        inspected.push(file);
        whileInspecting();
        return inspection instanceof AppError ? Promise.reject(inspection) : Promise.resolve(inspection);
      },
    },
  });
});

function write(name: string, content = 'GGUF weights'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

function writeDefault(content = 'GGUF default'): void {
  mkdirSync(join(folder, 'cache'));
  writeFileSync(defaultModelFile, content);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('adding a base model', () => {
  it('keeps what the inspection and the file tell', async () => {
    const file = write('my model.gguf');
    const { model, added } = await models.add(file);
    expect(added).toBe(true);
    expect(model).toMatchObject({
      id: 'base-id-1',
      name: 'my model',
      file,
      sizeBytes: 12,
      sha256: sha256('GGUF weights'),
      architecture: 'llama',
      quantisation: 'Q4_1',
      contextLength: 2048,
    });
    expect(models.list()).toEqual([model]);
    expect(models.get('base-id-1')).toEqual(model);
  });

  it('is named after its file', async () => {
    expect((await models.add(write('Tiny.Q8_0.GGUF'))).model.name).toBe('Tiny.Q8_0');
  });

  it('reports how much was read', async () => {
    const reports: Progress[] = [];
    await models.add(write('a.gguf'), { report: (progress) => reports.push(progress) });
    expect(reports.at(-1)).toMatchObject({ done: 12, total: 12, unit: 'bytes' });
  });

  it('twice is unchanged, without a second look at the content', async () => {
    const file = write('a.gguf');
    const first = await models.add(file);
    const second = await models.add(file);
    expect(second).toEqual({ model: first.model, added: false });
    expect(inspected).toHaveLength(1);
  });

  it('as a copy elsewhere is the same model, where it was', async () => {
    const file = write('a.gguf');
    const { model } = await models.add(file);
    copyFileSync(file, join(folder, 'b.gguf'));
    expect(await models.add(join(folder, 'b.gguf'))).toEqual({ model, added: false });
    expect(models.list()).toHaveLength(1);
  });

  it('that was moved is the same model in its new place', async () => {
    const { model } = await models.add(write('a.gguf'));
    const moved = join(folder, 'moved.gguf');
    renameSync(join(folder, 'a.gguf'), moved);
    const again = await models.add(moved);
    expect(again.added).toBe(false);
    expect(again.model).toMatchObject({ id: model.id, file: moved });
    expect(await models.assertUnchanged(models.get(model.id))).toMatchObject({ file: moved });
  });

  it('of a changed file is a new model beside the old one', async () => {
    const file = write('a.gguf');
    const old = (await models.add(file)).model;
    writeFileSync(file, 'GGUF other weights');
    const { model, added } = await models.add(file);
    expect(added).toBe(true);
    expect(models.list().map((each) => each.id)).toEqual([model.id, old.id]);
    expect((await models.resolve(file)).id).toBe(model.id);
  });

  it('that is written to meanwhile is refused and not kept', async () => {
    const file = write('a.gguf');
    whileInspecting = () => {
      writeFileSync(file, 'GGUF half');
    };
    expect(await appErrorOf(() => models.add(file))).toMatchObject({ code: 'model-changed' });
    expect(models.list()).toEqual([]);
  });

  it('stops when it is told to, and keeps nothing', async () => {
    const file = write('a.gguf');
    expect(await appErrorOf(() => models.add(file, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'cancelled',
    });
    expect(models.list()).toEqual([]);
  });
});

describe('refused files', () => {
  it.each([
    ['nothing there', 'not-found', 'There is no file', () => join(folder, 'missing.gguf')],
    ['a folder', 'invalid-input', 'is not a file', () => folder],
    ['an empty file', 'model-corrupt', 'is empty', () => write('empty.gguf', '')],
    ['a text', 'model-corrupt', 'is not a GGUF', () => write('notes.gguf', 'Dear diary')],
    ['three letters', 'model-corrupt', 'is not a GGUF', () => write('short.gguf', 'GGU')],
  ] as const)('%s: %s, before the worker sees it', async (_, code, text, file) => {
    const error = await appErrorOf(() => models.add(file()));
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
    expect(inspected).toEqual([]);
  });

  it.each([
    [{ isAdapter: true, supported: false, hasChatTemplate: false }, 'is an adapter'],
    [{ supported: false, reason: 'the architecture mamba is not known.' }, 'architecture mamba is not known'],
    [{ supported: false, architecture: 'gpt2' }, 'architecture gpt2'],
    [{ hasChatTemplate: false }, 'no chat template'],
  ])('%j: %s', async (part, text) => {
    inspection = { ...usable, ...part };
    const file = write('odd.gguf');
    const error = await appErrorOf(() => models.add(file));
    expect(error.code).toBe('model-unsupported');
    expect(error.message).toContain(text);
    expect(error.message).toContain('odd.gguf');
    expect(models.list()).toEqual([]);
  });

  it('a truncated file with the reason of the worker', async () => {
    inspection = new AppError('model-corrupt', 'The file ends before its tensors do.');
    const error = await appErrorOf(() => models.add(write('cut.gguf')));
    expect(error).toMatchObject({ code: 'model-corrupt', message: 'The file ends before its tensors do.' });
    expect(models.list()).toEqual([]);
  });
});

describe('a base that may have changed', () => {
  it('is trusted without reading while size, time and inode are the same', async () => {
    const { model } = await models.add(write('a.gguf'));
    const reports: Progress[] = [];
    expect(await models.assertUnchanged(model, { report: (progress) => reports.push(progress) })).toBe(model);
    expect(reports).toEqual([]);
  });

  it('is read again when it was touched, and then trusted', async () => {
    const { model } = await models.add(write('a.gguf'));
    utimesSync(model.file, 5, 5);
    const reports: Progress[] = [];
    const touched = await models.assertUnchanged(model, { report: (progress) => reports.push(progress) });
    expect(reports.length).toBeGreaterThan(0);
    expect(touched.fileIdentity).not.toBe(model.fileIdentity);
    expect(models.get(model.id)).toEqual(touched);
  });

  it('is refused when its content is another', async () => {
    const { model } = await models.add(write('a.gguf'));
    writeFileSync(model.file, 'GGUF weightz');
    const error = await appErrorOf(() => models.assertUnchanged(model));
    expect(error.code).toBe('model-changed');
    expect(error.message).toContain('The base model a has changed');
    expect(error.hint).toContain('models add');
    expect(models.get(model.id).fileIdentity).toBe(model.fileIdentity);
  });

  it('is said to be missing when it is gone', async () => {
    const { model } = await models.add(write('a.gguf'));
    rmSync(model.file);
    expect(await appErrorOf(() => models.assertUnchanged(model))).toMatchObject({ code: 'not-found' });
  });
});

describe('resolving', () => {
  it('registers the default model on demand, once', async () => {
    writeDefault();
    const first = await models.resolve(undefined);
    expect(first.file).toBe(defaultModelFile);
    expect(await models.resolve(undefined)).toEqual(first);
    expect(models.list()).toHaveLength(1);
  });

  it('says how to get the default model where there is none', async () => {
    const error = await appErrorOf(() => models.resolve(undefined));
    expect(error.code).toBe('setup-missing');
    expect(error.hint).toContain('npm run demo');
    expect(error.hint).toContain('keepsake models add FILE');
  });

  it('refuses a default model that has changed, and does not add it by itself', async () => {
    writeDefault();
    await models.resolve(undefined);
    writeFileSync(defaultModelFile, 'GGUF something else');
    expect(await appErrorOf(() => models.resolve(undefined))).toMatchObject({ code: 'model-changed' });
    expect(models.list()).toHaveLength(1);
  });

  it('takes the id, its beginning, or the file', async () => {
    const file = write('a.gguf');
    const { model } = await models.add(file);
    expect(await models.resolve('base-id-1')).toEqual(model);
    expect(await models.resolve('base-i')).toEqual(model);
    expect(await models.resolve(file)).toEqual(model);
  });

  it.each([
    ['put back', renameSync],
    ['copied back', copyFileSync],
  ])('takes the old model where its file was %s in place of a newer one', async (_, restore) => {
    const file = write('a.gguf');
    const old = (await models.add(file)).model;
    renameSync(file, join(folder, 'kept'));
    await models.add(write('a.gguf', 'GGUF newer'));
    rmSync(file);
    restore(join(folder, 'kept'), file);
    expect((await models.resolve(file)).id).toBe(old.id);
  });

  it('adds a file that is not known yet', async () => {
    const model = await models.resolve(write('new.gguf'));
    expect(models.list()).toEqual([model]);
  });

  it('refuses an id whose file has changed', async () => {
    const { model } = await models.add(write('a.gguf'));
    writeFileSync(model.file, 'GGUF weightz');
    expect(await appErrorOf(() => models.resolve(model.id))).toMatchObject({ code: 'model-changed' });
  });

  it('refuses a beginning that fits several models', async () => {
    await models.add(write('a.gguf', 'GGUF a'));
    await models.add(write('b.gguf', 'GGUF b'));
    expect(await appErrorOf(() => models.resolve('base-id-'))).toMatchObject({ code: 'invalid-input' });
  });

  it.each(['nothing', 'base', ''])('does not find %j', async (name) => {
    await models.add(write('a.gguf'));
    expect(await appErrorOf(() => models.resolve(name))).toMatchObject({ code: 'not-found' });
    expect(await appErrorOf(() => models.get(name))).toMatchObject({ code: 'not-found' });
  });
});
