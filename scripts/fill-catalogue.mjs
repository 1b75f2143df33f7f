// Writes the memory that each model of the catalogue needs into resources/model-catalogue.json, as model-fit estimates
// it. Run it after a change of the catalogue or of the estimate; a test compares the two.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { estimateMemory } from '../electron/core/models/model-fit.ts';

const file = fileURLToPath(new URL('../resources/model-catalogue.json', import.meta.url));
const { models } = JSON.parse(readFileSync(file, 'utf8'));
for (const model of models) {
  const { chat, train, trainFrugal } = estimateMemory({
    shape: model.shape,
    fileBytes: model.sizeBytes,
    quantisation: model.quantisation,
  });
  model.memory = {
    chatBytes: chat.totalBytes,
    trainBytes: train.totalBytes,
    trainFrugalBytes: trainFrugal.totalBytes,
  };
}
writeFileSync(file, `${JSON.stringify({ models }, null, 2)}\n`);
