// Usage: node scripts/make-persona.mjs [--seed N] [--facts N] [--output FILE]
// Prints (or writes) the facts of an invented person as a JSON array that `keepsake facts import` reads.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makePersona } from './lib/persona.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    facts: { type: 'string', default: '25' },
    output: { type: 'string' },
  },
});
const seed = Number(values.seed);
const count = Number(values.facts);
if (!Number.isInteger(seed) || !Number.isInteger(count) || count < 1 || count > 100) {
  console.error('make-persona: --seed takes a whole number, --facts one from 1 to 100.');
  process.exit(2);
}
const resourcesDir = fileURLToPath(new URL('../resources', import.meta.url));
const text = `${JSON.stringify(makePersona({ seed, count, resourcesDir }), null, 2)}\n`;
if (values.output === undefined) process.stdout.write(text);
else writeFileSync(values.output, text);
