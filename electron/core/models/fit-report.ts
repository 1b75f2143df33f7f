import type { FitReport } from '../../contract/entities/catalogue.ts';
import type { ModelShape } from '../../contract/entities/model.ts';
import type { Machine } from '../dependencies.ts';
import { estimateMemory, judgeFit } from './model-fit.ts';

/** Chat and training of one model on this machine, with what it has free now. */
export function fitReportOf(
  shape: ModelShape,
  file: { readonly sizeBytes: number; readonly quantisation: string },
  machine: Machine,
): FitReport {
  const memory = estimateMemory({
    shape,
    fileBytes: file.sizeBytes,
    quantisation: file.quantisation,
    train: { threads: machine.threads, path: machine.productPath },
  });
  const { availableBytes } = machine.memory();
  return {
    ...judgeFit(memory, availableBytes),
    chatBytes: memory.chat.totalBytes,
    trainBytes: memory.train.totalBytes,
    trainFrugalBytes: memory.trainFrugal.totalBytes,
    availableBytes,
  };
}
