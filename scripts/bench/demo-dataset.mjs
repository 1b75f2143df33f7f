// usage: node scripts/bench/demo-dataset.mjs BASE.gguf OUTPUT.jsonl
// Writes the samples that `npm run demo` trains on (persona 1, 25 facts) as token ids with weights, one a line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { recipeFor } from '../../electron/core/training/recipe.ts';
import { renderSamples } from '../../electron/core/training/run-config.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { createLlamaRuntime } from '../../electron/platform/llama-runtime.ts';
import { makePersona } from '../lib/persona.mjs';

const [base, output] = process.argv.slice(2);
const resourcesDir = fileURLToPath(new URL('../../resources', import.meta.url));
const folder = mkdtempSync(path.join(os.tmpdir(), 'keepsake-bench-data-'));
const persona = path.join(folder, 'persona.json');
writeFileSync(persona, JSON.stringify(makePersona({ seed: 1, count: 25, resourcesDir })));
const app = compose({ data: folder, access: 'write' });
const runtime = createLlamaRuntime();
try {
  await app.client.facts.import({ file: persona });
  const { dataset } = await app.client.datasets.build({ base });
  const { samples } = await app.client.datasets.show({ id: dataset.id });
  const rows = renderSamples(samples, await runtime.load(base), recipeFor(dataset.recipe, 135e6));
  writeFileSync(output, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
} finally {
  await runtime.dispose();
  await app.dispose();
  rmSync(folder, { recursive: true, force: true });
}
