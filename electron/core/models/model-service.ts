/**
 * The base models a user may chat with and train on: added once from a file, then known by the hash of their content.
 *
 * A file is opened by the training program first (`inspect`), so that a damaged one can end nothing but that program.
 */
import { accessSync, constants, existsSync, rmSync, statSync } from 'node:fs';
import { basename, resolve as resolvePath } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Progress } from '../../contract/entities/job.ts';
import type { BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock, ModelInspection, Trainer } from '../dependencies.ts';
import { beginsAsGguf, findFileIdentity, hashFile } from './file-identity.ts';
import { readModelFacts } from './model-shape.ts';
import { createModelStore } from './model-store.ts';

/** Shortest part of an id that may stand for it. */
const shortestPrefix = 6;

export type ModelServiceInput = {
  readonly db: Database;
  readonly trainer: Pick<Trainer, 'inspect'>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** The model that set-up puts into the user's cache, absolute. */
  readonly defaultModelFile: string;
  /** The model that a person chose in its place. Defaults to none. */
  readonly chosenId?: () => string | null;
};

export type ModelOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: Progress) => void) | undefined;
};

/** What was found out about a file before it got its name: it is not looked at twice. */
export type KnownFile = {
  readonly sha256: string;
  readonly inspection: ModelInspection;
  readonly licence: string | null;
};

export type ModelService = ReturnType<typeof createModelService>;

/** Use cases of base models. */
export function createModelService(input: ModelServiceInput) {
  const store = createModelStore(input.db);

  const hash = (file: string, options: ModelOptions): Promise<string> => {
    const total = statSync(file).size;
    return hashFile(file, {
      signal: options.signal,
      report: (done) => options.report?.({ done, total, unit: 'bytes', title: 'Checking the base model' }),
    });
  };

  const inspect = async (file: string, options: ModelOptions, name?: string): Promise<ModelInspection> => {
    const inspection = await input.trainer.inspect(file, signalOf(options));
    assertUsable(name ?? file, inspection);
    return inspection;
  };

  /** Adds the content of a file. The same content from anywhere is the same model, kept once. */
  const add = async (
    given: string,
    options: ModelOptions = {},
    known?: KnownFile,
  ): Promise<{ model: BaseModel; added: boolean }> => {
    const file = resolvePath(given);
    assertReadableGguf(file);
    const fileIdentity = findFileIdentity(file) ?? '';
    const unchanged = store.listByFile(file).find((model) => model.fileIdentity === fileIdentity);
    if (unchanged !== undefined) return { model: unchanged, added: false };
    const inspection = known?.inspection ?? (await inspect(file, options));
    const sha256 = known?.sha256 ?? (await hash(file, options));
    if (findFileIdentity(file) !== fileIdentity) {
      throw new AppError('model-changed', `The file was written to while it was read: ${file}.`, {
        hint: 'Wait until it is complete, then add it again.',
      });
    }
    const same = store.findBySha256(sha256);
    if (same !== undefined) {
      if (findFileIdentity(same.file) === same.fileIdentity) return { model: same, added: false };
      const moved: BaseModel = { ...same, file, fileIdentity };
      store.updateFile(moved);
      return { model: moved, added: false };
    }
    const model: BaseModel = {
      id: input.newId(),
      // Clearer than the name that makers leave in the file.
      name: basename(file).replace(/\.gguf$/iu, ''),
      file,
      sizeBytes: statSync(file).size,
      sha256,
      fileIdentity,
      architecture: inspection.architecture,
      quantisation: inspection.quantisation,
      contextLength: inspection.contextLength,
      licence: known?.licence ?? readModelFacts(file).licence,
      createdAt: input.clock.now(),
    };
    store.insert(model);
    return { model, added: true };
  };

  /** That one of the models (all of one file, newest first) whose content the file has now. */
  const findByContent = async (
    models: readonly [BaseModel, ...BaseModel[]],
    options: ModelOptions,
  ): Promise<BaseModel> => {
    const [newest] = models;
    const { file, name } = newest;
    const fileIdentity = findFileIdentity(file);
    if (fileIdentity === undefined) {
      throw new AppError('not-found', `The file of the base model ${name} is missing: ${file}.`, {
        hint: 'Put it back, or say where it is now: keepsake models add FILE',
      });
    }
    const untouched = models.find((model) => model.fileIdentity === fileIdentity);
    if (untouched !== undefined) return untouched;
    const sha256 = await hash(file, options);
    const same = models.find((model) => model.sha256 === sha256);
    if (same === undefined) {
      throw new AppError('model-changed', `The base model ${name} has changed since it was added: ${file}.`, {
        hint: 'Put the old file back, or add the changed one as a new base: keepsake models add FILE, then train on it.',
      });
    }
    const touched: BaseModel = { ...same, fileIdentity };
    store.updateFile(touched);
    return touched;
  };

  /** The model, its file there and unchanged. Throws `not-found` or `model-changed`. */
  const assertUnchanged = (model: BaseModel, options: ModelOptions = {}): Promise<BaseModel> =>
    findByContent([model], options);

  const findById = (id: string): BaseModel | undefined => {
    const exact = store.find(id);
    if (exact !== undefined || id.length < shortestPrefix) return exact;
    const found = store.listByPrefix(id);
    if (found.length > 1) {
      throw new AppError('invalid-input', `Several base models begin with ${id}.`, {
        hint: 'Give more characters of the id; `keepsake models list` shows them.',
      });
    }
    return found[0];
  };

  /** The model of a file: known by path and unchanged, or added now. A changed file of a known path is refused. */
  const resolveFile = async (file: string, options: ModelOptions): Promise<BaseModel> => {
    const [newest, ...older] = store.listByFile(resolvePath(file));
    if (newest === undefined) return (await add(file, options)).model;
    return findByContent([newest, ...older], options);
  };

  /** Takes a model out of the list; its file is deleted only when that is asked for and it is still the same. */
  const remove = (
    id: string,
    { deleteFile = false }: { readonly deleteFile?: boolean } = {},
  ): { model: BaseModel; fileDeleted: boolean } => {
    const model = get(id);
    const identity = findFileIdentity(model.file);
    if (deleteFile && identity !== undefined && identity !== model.fileIdentity) {
      throw new AppError('model-changed', `The file is not the one that was added: ${model.file}.`, {
        hint: 'Delete it yourself, then remove the model without --delete-file.',
      });
    }
    // File first: after a kill in between, the same command can be run again.
    if (deleteFile) rmSync(model.file, { force: true });
    store.remove(model.id);
    return { model, fileDeleted: deleteFile && identity !== undefined };
  };

  /** One that was removed since it was chosen does not count. */
  const findChosen = (): BaseModel | undefined => {
    const id = input.chosenId?.() ?? null;
    return id === null ? undefined : store.find(id);
  };

  const get = (id: string): BaseModel => {
    const found = findById(id);
    if (found === undefined) throw noModel(`There is no base model ${id}.`);
    return found;
  };

  return {
    add,
    remove,
    /** Looks into a file that is not added yet; `name` is what a refusal calls it. Throws as `add` does. */
    inspect: (file: string, name: string, options: ModelOptions = {}): Promise<ModelInspection> =>
      inspect(file, options, name),
    findBySha256: (sha256: string): BaseModel | undefined => store.findBySha256(sha256),
    assertUnchanged,
    /** What `resolve` would take where no base is named, as far as can be told without reading the file. */
    inUse: (): { readonly id: string | null; readonly file: string } | null => {
      const chosen = findChosen();
      if (chosen !== undefined) return { id: chosen.id, file: chosen.file };
      const file = resolvePath(input.defaultModelFile);
      return existsSync(file) ? { id: store.listByFile(file)[0]?.id ?? null, file } : null;
    },
    /** Newest first. */
    list: (): BaseModel[] => store.list(),
    find: (id: string): BaseModel | undefined => store.find(id),

    /** Accepts the beginning of an id, from 6 characters on, while it names one model only. */
    get,

    /** The base to work with: an id, a file, the one that was chosen, or the default model of set-up. Its file is there and unchanged. */
    resolve: async (idOrFile: string | undefined, options: ModelOptions = {}): Promise<BaseModel> => {
      const chosen = idOrFile ?? findChosen()?.id;
      if (chosen === undefined) {
        if (!existsSync(input.defaultModelFile)) {
          throw new AppError(
            'setup-missing',
            `The default base model is missing: ${input.defaultModelFile}.`,
            {
              hint: 'Fetch it with: npm run demo -- or use a GGUF of your own: keepsake models add FILE, then --base ID',
            },
          );
        }
        return resolveFile(input.defaultModelFile, options);
      }
      const known = findById(chosen);
      if (known !== undefined) return assertUnchanged(known, options);
      if (!existsSync(chosen)) throw noModel(`There is no base model and no file ${chosen}.`);
      return resolveFile(chosen, options);
    },
  };
}

function noModel(message: string): AppError {
  return new AppError('not-found', message, {
    hint: 'See which there are with: keepsake models list; add one with: keepsake models add FILE',
  });
}

function signalOf({ signal }: ModelOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** What can be told about a file without reading all of it. */
function assertReadableGguf(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new AppError('not-found', `There is no file ${file}.`, { hint: 'Check the path.' });
  if (!stats.isFile()) {
    throw new AppError('invalid-input', `${file} is not a file.`, { hint: 'Name a GGUF file.' });
  }
  if (stats.size === 0) throw corrupt(`The file is empty: ${file}.`);
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new AppError('invalid-input', `The file cannot be read: ${file}.`, {
      hint: 'Give yourself permission to read it.',
      cause,
    });
  }
  if (!beginsAsGguf(file)) throw corrupt(`The file is not a GGUF: ${file}.`);
}

function corrupt(message: string): AppError {
  return new AppError('model-corrupt', message, { hint: 'Name a complete GGUF of an instruct model.' });
}

/** Refuses, by name, what cannot be chatted with and trained on. */
function assertUsable(file: string, inspection: ModelInspection): void {
  const refuse = (why: string, hint: string): AppError =>
    new AppError('model-unsupported', `${basename(file)} cannot be a base model. ${why}`, { hint });
  if (inspection.isAdapter) {
    throw refuse(
      'It is an adapter, which needs a base of its own.',
      'Name the GGUF of a whole instruct model.',
    );
  }
  if (!inspection.supported) {
    const why = inspection.reason ?? `Its architecture ${inspection.architecture} is not known.`;
    throw refuse(why, 'Supported are models of the llama, qwen2 and qwen3 families.');
  }
  if (!inspection.hasChatTemplate) {
    throw refuse('It has no chat template.', 'Name the GGUF of an instruct (chat) model.');
  }
}
