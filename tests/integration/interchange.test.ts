import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { App } from '../../electron/core/app.ts';
import type { ExportResult, MergeResult } from '../../electron/contract/entities/interchange.ts';
import { readGgufAdapter } from '../../electron/core/interchange/gguf-adapter.ts';
import { findText, readGgufHeader } from '../../electron/core/models/gguf-header.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { tinyShape, writeTinyAdapter, writeTinyBase } from '../helpers/tiny-base.ts';

/** A data folder with a tiny base and one imported adapter. */
async function aFolder() {
  const folder = tempFolder();
  const data = join(folder, 'data');
  const baseFile = join(folder, 'tiny.gguf');
  writeTinyBase(baseFile);
  const source = join(folder, 'source.gguf');
  writeTinyAdapter(source, tinyShape, { keys: { 'keepsake.recipe': 'routed' } });
  const app = open(data);
  const { id: baseId } = await app.client.models.add({ file: baseFile });
  const imported = await app.client.adapters.import({ path: source });
  return { folder, data, app, baseId, baseFile, source, imported, id: imported.id };
}

function open(data: string): App {
  const app = compose({ data, access: 'write' });
  let isOpen = true;
  const dispose = async (): Promise<void> => {
    if (isOpen) await app.dispose();
    isOpen = false;
  };
  onTestFinished(dispose);
  return { ...app, dispose };
}

async function resultOf<Result>(app: App, started: Promise<{ jobId: string }>): Promise<Result> {
  const { jobId } = await started;
  for await (const job of await app.client.jobs.watch({ jobId })) {
    if (job.state === 'succeeded') return job.result as Result;
    if (job.state === 'failed') throw new Error(`${job.error?.code ?? ''}: ${job.error?.message ?? ''}`);
  }
  throw new Error('the job ended without a result');
}

/** Every matrix of an adapter file, scaled as it works. */
function valuesOf(file: string): Map<string, number[]> {
  const { pairs } = readGgufAdapter(file);
  return new Map(
    pairs.map((pair) => {
      const { a, b } = pair.read();
      return [`${pair.layer} ${pair.module}`, [pair.scale, ...a, ...b]];
    }),
  );
}

describe('adapters between programs', () => {
  it('go out in three formats and come back the same', async () => {
    const { app, folder, id, imported, baseFile } = await aFolder();
    expect(imported).toMatchObject({
      added: true,
      baseName: 'tiny',
      adapter: { state: 'candidate', factIds: [] },
    });
    const exported = async (format: 'gguf' | 'peft' | 'ollama', name: string): Promise<ExportResult> =>
      resultOf(app, app.client.adapters.export({ id, format, output: join(folder, name) }));
    const gguf = await exported('gguf', 'out.gguf');
    const peft = await exported('peft', 'out-peft');
    const ollama = await exported('ollama', 'out-ollama');
    for (const { warning, files, path } of [gguf, peft, ollama]) {
      expect(warning).toMatch(/personal facts/u);
      expect(files.every((file) => (statSync(file).mode & 0o777) === 0o600)).toBe(true);
      expect(path.startsWith(folder)).toBe(true);
    }
    expect(gguf.notes.join(' ')).toMatch(/silence/u);
    const wanted = valuesOf(imported.adapter.file);
    expect(valuesOf(join(folder, 'source.gguf'))).toEqual(wanted);
    expect(valuesOf(gguf.path)).toEqual(wanted);
    expect(valuesOf(join(ollama.path, 'adapter.gguf'))).toEqual(wanted);
    const modelfile = readFileSync(join(ollama.path, 'Modelfile'), 'utf8');
    expect(modelfile).toContain(`FROM "${baseFile}"`);
    expect(modelfile).toContain('ADAPTER ./adapter.gguf');
    expect(modelfile).toContain('PARAMETER stop "<|im_end|>"');

    const back = await app.client.adapters.import({ path: peft.path });
    expect(back.added).toBe(true);
    expect(valuesOf(back.adapter.file)).toEqual(wanted);
    expect((await app.client.adapters.import({ path: peft.path })).id).toBe(back.id);
    const header = readGgufHeader(gguf.path);
    expect(findText(header, 'keepsake.base_hash')).toMatch(/^[0-9a-f]{64}$/u);
    expect(findText(header, 'keepsake.adapter_id')).toBe(id);
    expect(findText(header, 'keepsake.warning')).toMatch(/personal facts/u);

    // Forgetting says what it does not reach.
    const { id: factId } = await app.client.facts.add({ attribute: 'city', value: 'Porto' });
    const removed = await app.client.facts.remove({ id: factId });
    expect(removed.exports.map((each) => each.path).sort()).toEqual(
      [gguf.path, ollama.path, peft.path].sort(),
    );
    expect(removed.unknownAdapters.sort()).toEqual([id, back.id].sort());
  });

  it('do not answer before a person says so, and are deleted only while they do not', async () => {
    const { app, id, imported } = await aFolder();
    await expect(app.client.adapters.activate({ id })).rejects.toThrow(/not evaluated/u);
    await app.client.adapters.activate({ id, override: 'I trust its maker' });
    await expect(app.client.adapters.delete({ id })).rejects.toThrow(/answers now/u);
    await app.client.adapters.rollback({});
    expect(await app.client.adapters.delete({ id })).toEqual({ deleted: id, exports: [] });
    expect(existsSync(imported.adapter.file)).toBe(false);
    expect((await app.client.adapters.list({})).adapters).toEqual([]);
  });

  it('are refused with a reason', async () => {
    const { app, folder, baseFile, source } = await aFolder();
    const refused = async (path: string, message: RegExp, base?: string): Promise<void> => {
      const before = readdirSync(join(folder, 'data'), { recursive: true }).length;
      const importing = app.client.adapters.import({ path, ...(base === undefined ? {} : { base }) });
      await expect(importing, path).rejects.toThrow(message);
      expect(readdirSync(join(folder, 'data'), { recursive: true })).toHaveLength(before);
    };
    const file = (name: string): string => join(folder, name);
    await refused(file('nothing'), /no file or folder/u);
    await refused(baseFile, /whole model/u);
    await refused(folder, /adapter_config.json/u);
    writeFileSync(file('text.gguf'), 'not a model');
    await refused(file('text.gguf'), /neither a GGUF/u);
    writeFileSync(file('adapter_model.bin'), 'pickle');
    await refused(file('adapter_model.bin'), /pickle/u);
    copyFileSync(source, file('cut.gguf'));
    truncateSync(file('cut.gguf'), 3000);
    await refused(file('cut.gguf'), /cut off/u);
    writeTinyAdapter(file('wide.gguf'), { ...tinyShape, width: 128 });
    await refused(file('wide.gguf'), /takes 128 values.*64/u);
    writeTinyAdapter(file('deep.gguf'), { ...tinyShape, layers: 3 });
    await refused(file('deep.gguf'), /layer 2, the base has 2/u);
    writeTinyAdapter(file('qwen.gguf'), { ...tinyShape, architecture: 'qwen2' });
    await refused(file('qwen.gguf'), /qwen2 family/u);
    writeTinyAdapter(file('other.gguf'), tinyShape, { keys: { 'keepsake.base_hash': 'ab'.repeat(32) } });
    await refused(file('other.gguf'), /another base/u);
    await refused(file('other.gguf'), /another base/u, baseFile);
    const forced = await app.client.adapters.import({
      path: file('other.gguf'),
      base: baseFile,
      force: true,
    });
    expect(forced.added).toBe(true);
  });

  it('are merged into one model, which says where it came from', async () => {
    const { app, folder, id, baseFile } = await aFolder();
    for (const type of ['f16', 'q8_0'] as const) {
      const output = join(folder, `merged ${type}.gguf`);
      const merged: MergeResult = await resultOf(
        app,
        app.client.adapters.merge({ adapter: id, type, output }),
      );
      expect(merged).toMatchObject({ adapterId: id, type, path: output, recall: null });
      expect(merged.notes.join(' ')).toMatch(/train --recipe standalone/u);
      expect(statSync(output).mode & 0o777).toBe(0o600);
      const header = readGgufHeader(output);
      expect(header.tensors.map(({ name }) => name)).toEqual(
        readGgufHeader(baseFile).tensors.map(({ name }) => name),
      );
      expect(findText(header, 'keepsake.adapter_id')).toBe(id);
      expect(findText(header, 'keepsake.objective')).toBe('routed');
      await expect(resultOf(app, app.client.adapters.merge({ adapter: id, type, output }))).rejects.toThrow(
        /there already/u,
      );
    }
    const four = app.client.adapters.merge({ adapter: id, type: 'q4_0', output: join(folder, 'four.gguf') });
    await expect(resultOf(app, four)).rejects.toThrow(/no fact to ask/u);
    expect(readdirSync(folder).filter((name) => name.includes('four'))).toEqual([]);
    const onBase = app.client.adapters.merge({ adapter: id, type: 'f16', output: baseFile, force: true });
    await expect(resultOf(app, onBase)).rejects.toThrow(/base model's own file/u);
  });
});

describe('a process that dies', () => {
  it.each([
    ['export.begin', ['export', '--format', 'gguf'], 0],
    ['export.written', ['export', '--format', 'peft'], 0],
    ['export.renamed', ['export', '--format', 'gguf'], 1],
    ['merge.written', ['merge'], 0],
    ['import.written', ['import'], 0],
    ['import.renamed', ['import'], 0],
  ] as const)('at %s leaves nothing half done', async (moment, [action, ...more], kept) => {
    const { app, data, folder, id, source } = await aFolder();
    await app.client.adapters.delete({ id: action === 'import' ? id : 'none' }).catch(() => undefined);
    await app.dispose();
    const output = join(folder, 'left');
    const args = {
      export: ['adapters', 'export', id, ...more, '--output', output],
      merge: ['merge', '--adapter', id, '--type', 'f16', '--output', output],
      import: ['adapters', 'import', source],
    }[action];
    const run = (): ReturnType<typeof runCommand> =>
      runCommand([...args, '--data', data, '--json'], { env: { KEEPSAKE_FAULT: `kill:${moment}` } });
    expect((await run()).signal).toBe('SIGKILL');
    const next = open(data);
    const { exports } = await next.client.adapters.exports({});
    expect(exports.map((each) => [each.path, each.exists])).toEqual(kept === 1 ? [[output, true]] : []);
    expect(readdirSync(folder).filter((name) => name.startsWith('left'))).toHaveLength(kept);
    const { adapters } = await next.client.adapters.list({});
    const files = readdirSync(join(data, 'profiles', 'default', 'adapters'));
    expect(files).toHaveLength(adapters.length);
    if (action === 'import') expect((await next.client.adapters.import({ path: source })).added).toBe(true);
  });
});
