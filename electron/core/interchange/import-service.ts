/**
 * Adapters that were made elsewhere: read, fitted to a base, written anew in this app's own layout.
 *
 * The training program opens the new file first, so that a bad one can end nothing but that program. Nobody knows what
 * such an adapter learnt: it is a candidate without a verdict and holds no fact.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock, Paths, Trainer } from '../dependencies.ts';
import { beginsAsGguf, hashFile } from '../models/file-identity.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import { putFile, writeWhole } from '../util/atomic-write.ts';
import { faultPoint } from '../util/fault-point.ts';
import { readBaseShape, readGgufAdapter, writeGgufAdapter } from './gguf-adapter.ts';
import { findMisfit, refuse, toUniform, type BaseShape, type LoraPair } from './lora.ts';
import { peftFiles, readPeftAdapter, toBaseRows } from './peft-adapter.ts';
import { objectiveOf } from './provenance.ts';

export type ImportServiceInput = {
  readonly paths: Pick<Paths, 'adapters'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly trainer: Pick<Trainer, 'checkAdapter'>;
  readonly listAdapters: () => readonly Adapter[];
  readonly insertAdapter: (adapter: Adapter) => Adapter;
  /** Bases that an adapter may belong to; the default one included where it is there. */
  readonly listBases: () => Promise<readonly BaseModel[]>;
  /** The base that a person named, or one of the list; checked to be there and unchanged. */
  readonly resolveBase: (idOrFile: string) => Promise<BaseModel>;
};

export type ImportRequest = {
  /** A GGUF file, a folder of PEFT, or its weights file; absolute. */
  readonly path: string;
  readonly base?: string | undefined;
  /** Take the named base although the adapter says that it was made for another file. */
  readonly force: boolean;
};

export type ImportedAdapter = {
  readonly adapter: Adapter;
  /** False when the same file was imported before. */
  readonly added: boolean;
  readonly baseName: string;
  readonly notes: readonly string[];
};

type Read = {
  readonly format: 'gguf' | 'peft';
  readonly architecture: string | null;
  /** A hint only. */
  readonly baseName: string | null;
  readonly baseHash: string | null;
  /** As the file has them. */
  readonly pairs: readonly LoraPair[];
  /** With their rows as the base has them. */
  readonly pairsFor: (base: BaseShape) => readonly LoraPair[];
  readonly texts: ReadonlyMap<string, string>;
  /** The file whose hash stands for the adapter. */
  readonly weightsFile: string;
};

/** Of files that an import writes, so that what a killed one left can be told from everything else. */
const ending = '.imported.gguf';

type Candidate = { readonly base: BaseModel; readonly shape: BaseShape };

/** The use case behind `adapters import`. */
export function createImportService(input: ImportServiceInput) {
  async function findBase(read: Read, request: ImportRequest): Promise<Candidate & { notes: string[] }> {
    const named = request.base === undefined ? undefined : await input.resolveBase(request.base);
    const bases = named === undefined ? await input.listBases() : [named];
    const byHash = bases.find((base) => base.sha256 === read.baseHash);
    if (read.baseHash !== null && byHash === undefined && !(request.force && named !== undefined)) {
      throw refuse(
        `It was made for another base: ${read.baseName ?? 'unnamed'} (SHA-256 ${read.baseHash.slice(0, 12)}…), and here ${named === undefined ? 'no base has that hash' : `${named.name} has ${named.sha256.slice(0, 12)}…`}.`,
        'Add that base with: keepsake models add FILE. To try it on another file of the same model: --base ID --force',
      );
    }
    const candidates = (byHash === undefined ? bases : [byHash]).flatMap((base): Candidate[] =>
      existsSync(base.file) ? [{ base, shape: readBaseShape(base.file) }] : [],
    );
    const fitting = candidates.filter(({ shape }) => whyNot(read, shape) === undefined);
    const [only, another] = fitting;
    if (only === undefined) {
      const [first] = candidates;
      if (first === undefined) {
        throw refuse('There is no base model to use it with.', 'Add one with: keepsake models add FILE');
      }
      throw refuse(
        `It does not fit ${candidates.length === 1 ? 'the base' : `any of ${candidates.length} bases;`} ${first.base.name}: ${whyNot(read, first.shape) ?? ''}.`,
        'Add the base that it was made for with: keepsake models add FILE',
      );
    }
    if (another !== undefined) {
      throw new AppError(
        'invalid-input',
        `The adapter fits ${fitting.length} bases: ${fitting.map(({ base }) => `${base.name} (${base.id})`).join(', ')}.`,
        { hint: 'Say which one it was made for: --base ID' },
      );
    }
    const base = await input.resolveBase(only.base.id);
    const notes =
      byHash === undefined
        ? [
            `Matched to ${base.name} by its shape alone${read.baseName === null ? '' : ` (it calls its base "${read.baseName}")`}: whether it was made for these very weights nobody can tell.`,
          ]
        : [];
    return { base, shape: only.shape, notes };
  }

  /** Writes the file under a temporary name, has the worker try it, and gives it its name. */
  async function write(
    read: Read,
    { base, shape }: Candidate,
    id: string,
  ): Promise<{ file: string; rank: number; alpha: number }> {
    const lora = toUniform(read.pairsFor(shape), shape);
    const file = join(input.paths.adapters, `${id}${ending}`);
    const partial = `${file}.partial`;
    try {
      withStorageErrors(dirname(file), () => {
        rmSync(partial, { force: true });
        const texts = claimsOf(read, base);
        writeWhole(partial, (sink) =>
          writeGgufAdapter(sink, { ...lora, architecture: shape.architecture }, texts),
        );
      });
      faultPoint('import.written');
      await input.trainer.checkAdapter(base.file, partial);
      withStorageErrors(dirname(file), () => putFile(partial, file, { overwrite: false }));
      faultPoint('import.renamed');
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
    return { file, rank: lora.rank, alpha: lora.alpha };
  }

  return {
    /** Called once by the process that may write: files of imports that were killed before they were registered go. */
    recover: (): void => {
      if (!existsSync(input.paths.adapters)) return;
      const kept = new Set(input.listAdapters().map((adapter) => basename(adapter.file)));
      for (const name of readdirSync(input.paths.adapters)) {
        const isOurs = name.endsWith(ending) || name.endsWith(`${ending}.partial`);
        if (isOurs && !kept.has(name)) rmSync(join(input.paths.adapters, name), { force: true });
      }
    },

    import: async (
      request: ImportRequest,
      options: { readonly signal?: AbortSignal } = {},
    ): Promise<ImportedAdapter> => {
      const read = readAny(request.path);
      const sha256 = await hashFile(read.weightsFile, { signal: options.signal });
      faultPoint('import.read');
      const found = await findBase(read, request);
      const known = input
        .listAdapters()
        .find(
          (each) =>
            each.imported?.sha256 === sha256 && each.baseModelId === found.base.id && existsSync(each.file),
        );
      const baseName = found.base.name;
      if (known !== undefined) return { adapter: known, added: false, baseName, notes: [] };
      const id = input.newId();
      const { file, rank, alpha } = await write(read, found, id);
      const imported = { format: read.format, name: basename(request.path), sha256 };
      try {
        const adapter = input.insertAdapter({
          id,
          baseModelId: found.base.id,
          runId: '',
          parentAdapterId: null,
          file,
          rank,
          alpha,
          // One that was made elsewhere knows nothing of handing over: what it says stands.
          objective: objectiveOf({ imported }, read.texts) === 'routed' ? 'routed' : 'standalone',
          state: 'candidate',
          override: null,
          factIds: [],
          verdict: null,
          createdAt: input.clock.now(),
          imported,
        });
        faultPoint('import.registered');
        return { adapter, added: true, baseName, notes: found.notes };
      } catch (error) {
        rmSync(file, { force: true });
        throw error;
      }
    },
  };
}

/** Reads whatever a path is. Throws `not-found`, `model-corrupt`, `model-unsupported` or `invalid-input`. */
function readAny(path: string): Read {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new AppError('not-found', `There is no file or folder ${path}.`, { hint: 'Check the path.' });
  }
  if (stats.isDirectory()) return readPeft(path);
  if (basename(path) === peftFiles.weights || basename(path) === peftFiles.config)
    return readPeft(dirname(path));
  if (path.endsWith('.safetensors')) {
    throw new AppError('invalid-input', `${path} cannot be read without ${peftFiles.config}.`, {
      hint: `Name the folder that holds ${peftFiles.weights} and ${peftFiles.config}.`,
    });
  }
  if (/\.(?:bin|pt|pth|pkl|ckpt)$/u.test(path)) {
    throw refuse(
      'It is a pickle, which may run any program when it is opened.',
      'Save it as safetensors first.',
    );
  }
  if (!stats.isFile() || stats.size < 4 || !beginsAsGguf(path)) {
    throw new AppError('model-corrupt', `${path} is neither a GGUF adapter nor a folder of PEFT.`, {
      hint: `Name a GGUF file, or a folder with ${peftFiles.weights} and ${peftFiles.config}.`,
    });
  }
  const { architecture, pairs, texts } = readGgufAdapter(path);
  return {
    format: 'gguf',
    architecture,
    baseName: texts.get('keepsake.base_name') ?? texts.get('general.base_model.0.name') ?? null,
    baseHash: hashIn(texts),
    pairs,
    pairsFor: () => pairs,
    texts,
    weightsFile: path,
  };
}

function readPeft(folder: string): Read {
  const { pairs, baseName, texts } = readPeftAdapter(folder);
  return {
    format: 'peft',
    architecture: null,
    baseName,
    baseHash: hashIn(texts),
    pairs,
    pairsFor: (base) => toBaseRows(pairs, base),
    texts,
    weightsFile: join(folder, peftFiles.weights),
  };
}

function hashIn(texts: ReadonlyMap<string, string>): string | null {
  const hash = texts.get('keepsake.base_hash') ?? '';
  return /^[0-9a-f]{64}$/u.test(hash) ? hash : null;
}

function whyNot(read: Read, shape: BaseShape): string | undefined {
  if (read.architecture !== null && read.architecture !== shape.architecture) {
    return `the adapter is for the ${read.architecture} family, the base is of the ${shape.architecture} family`;
  }
  return findMisfit(read.pairs, shape);
}

/** What the file said of itself stays in it, as a claim that nobody checked. */
function claimsOf(read: Read, base: BaseModel): Record<string, string> {
  const claim = (key: string): Record<string, string> => {
    const text = read.texts.get(key);
    return text === undefined ? {} : { [key]: text.slice(0, 1000) };
  };
  return {
    'keepsake.base_name': base.name,
    'keepsake.base_hash': base.sha256,
    'keepsake.origin': `imported (${read.format})`,
    ...claim('keepsake.recipe'),
    ...claim('keepsake.objective'),
    ...claim('keepsake.dataset_hash'),
  };
}
