#!/usr/bin/env node
/**
 * Writes resources/benchmarks/manifest.json: SHA-256 and number of lines of every question file beside it.
 * Run it after a wanted change of a question file. An evaluation refuses files that differ from the manifest.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../resources/benchmarks/', import.meta.url);

const files = {};
const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
for (const name of names.sort()) {
  const bytes = readFileSync(new URL(name, folder));
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  files[name] = { sha256: createHash('sha256').update(bytes).digest('hex'), lines: lines.length };
}

const manifest = new URL('manifest.json', folder);
writeFileSync(manifest, `${JSON.stringify({ schema: 1, files }, null, 2)}\n`);
console.log(`${Object.keys(files).length} question files hashed in ${fileURLToPath(manifest)}`);
