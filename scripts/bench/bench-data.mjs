// The batches that both sides of the benchmark train on.
import { readFileSync, writeFileSync } from 'node:fs';

/** A small generator of numbers in [0, 1) (mulberry32). */
function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Samples of 30 to 50 tokens from a few recurring openings, so that there is something to learn. */
export function makeSyntheticRows(count, vocabulary, seed) {
  const random = makeRandom(seed);
  const below = (n) => Math.floor(random() * n);
  const openings = Array.from({ length: 24 }, () => Array.from({ length: 40 }, () => below(vocabulary)));
  const answers = openings.map(() => Array.from({ length: 14 }, () => below(vocabulary)));
  return Array.from({ length: count }, () => {
    const which = below(openings.length);
    const answer = answers[which].slice(0, 6 + below(9));
    const question = openings[which].slice(0, 30 + below(21) - answer.length);
    return {
      tokens: [...question, ...answer],
      weights: [...question.map(() => 0), ...answer.map(() => 1)],
      kind: 'synthetic',
    };
  });
}

/** Rows of a dataset in the worker's format, shuffled by the seed and repeated until there are enough. */
export function readRows(file, count, seed) {
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  if (rows.length === 0) throw new Error(`${file} holds no samples`);
  const random = makeRandom(seed);
  const order = rows.map((_, index) => index);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return Array.from({ length: count }, (_, i) => {
    const { tokens, weights, kind } = rows[order[i % rows.length]];
    return { tokens, weights, kind };
  });
}

/**
 * Writes the rows in batch order. A step is made an epoch of its own, so that the worker, which shuffles within an
 * epoch, forms exactly these batches. Tells the row numbers and the real tokens of every step.
 */
export function writeBatches(file, rows, batchSize) {
  const lines = rows.map((row, index) => JSON.stringify({ ...row, epochs: [Math.floor(index / batchSize)] }));
  writeFileSync(file, lines.join('\n') + '\n');
  const batches = [];
  for (let start = 0; start < rows.length; start += batchSize) {
    batches.push(Array.from({ length: Math.min(batchSize, rows.length - start) }, (_, i) => start + i));
  }
  const stepTokens = batches.map((batch) => batch.reduce((sum, row) => sum + rows[row].tokens.length, 0));
  return { batches, stepTokens };
}

/** Splits a step's rows by length into as many micro-batches as asked for, of about equal work. */
export function splitByLength(batch, rows, parts) {
  const sorted = [...batch].sort((a, b) => rows[b].tokens.length - rows[a].tokens.length);
  const micro = [];
  let left = sorted.reduce((sum, row) => sum + rows[row].tokens.length, 0);
  for (let part = 0; part < parts && sorted.length > 0; part++) {
    const share = left / (parts - part);
    const chosen = [];
    let taken = 0;
    while (sorted.length > 0) {
      const length = rows[sorted[0]].tokens.length;
      if (part + 1 < parts && chosen.length > 0 && taken + length / 2 > share) break;
      chosen.push(sorted.shift());
      taken += length;
    }
    left -= taken;
    micro.push(chosen);
  }
  return micro;
}
