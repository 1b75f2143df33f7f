/** Models as a list shows them, taking files into the app's own folder, and what must not be removed. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { FitReport } from '../../contract/entities/catalogue.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { Machine } from '../dependencies.ts';
import { fitReportOf } from './fit-report.ts';
import type { ModelOptions, ModelService } from './model-service.ts';
import { readModelFacts } from './model-shape.ts';
import { placeFile } from './place-file.ts';

/** A model with what became of its file, and whether it fits. */
export function describeModel(
  model: BaseModel,
  machine: Machine,
): BaseModel & { isFileThere: boolean; fit: FitReport | null } {
  const isFileThere = existsSync(model.file);
  const { shape } = isFileThere ? readModelFacts(model.file) : { shape: null };
  return { ...model, isFileThere, fit: shape === null ? null : fitReportOf(shape, model, machine) };
}

/** Adds a copy of a file, or a link to it, in the app's own folder. Nothing is left there when it is refused. */
export async function addPlaced(
  own: {
    readonly models: Pick<ModelService, 'add'>;
    readonly folder: string;
    readonly freeDiskBytes: (folder: string) => number;
  },
  { file, how }: { readonly file: string; readonly how: 'copy' | 'link' },
  options: ModelOptions,
): Promise<{ model: BaseModel; added: boolean }> {
  const given = resolve(file);
  if (statSync(given, { throwIfNoEntry: false })?.isFile() !== true) return own.models.add(given, options);
  const placed = await placeFile({
    file: given,
    folder: own.folder,
    how,
    freeDiskBytes: own.freeDiskBytes,
    signal: options.signal,
  });
  const discard = (): void => {
    if (placed.isNew) rmSync(placed.file, { force: true });
  };
  try {
    const result = await own.models.add(placed.file, options);
    if (result.model.file !== placed.file) discard();
    return result;
  } catch (error) {
    discard();
    throw error;
  }
}

/** An adapter is worth nothing without its base. Throws `conflict`. */
export function assertNoAdapters(model: BaseModel, adapters: readonly Adapter[]): void {
  const count = adapters.filter(({ baseModelId }) => baseModelId === model.id).length;
  if (count === 0) return;
  throw new AppError(
    'conflict',
    `${count === 1 ? 'An adapter was' : `${count} adapters were`} trained on ${model.name}: without it they answer nothing.`,
    { hint: 'Delete those first: keepsake adapters list, then keepsake adapters delete ID' },
  );
}
