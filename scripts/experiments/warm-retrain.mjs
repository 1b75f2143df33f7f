#!/usr/bin/env node
// usage: node scripts/experiments/warm-retrain.mjs [--personas 1,2] [--facts 50] [--edits 3] [--together 1] [--out FOLDER]
//
// One edited fact of fifty: trains each persona once, then for each edit (of --together facts at once) a copy of its
// folder is edited and trained again. Prints one JSON line an edit: seconds, tokens, answers for the new and the old value, right answers to the
// questions about all other facts before and after. Figures come from the examinations that `train` itself keeps.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import BetterSqlite from 'better-sqlite3';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values: options } = parseArgs({
  options: {
    personas: { type: 'string', default: '1,2' },
    facts: { type: 'string', default: '50' },
    edits: { type: 'string', default: '3' },
    together: { type: 'string', default: '1' },
    out: { type: 'string', default: join(root, 'demo-data', 'warm-retrain') },
  },
});
const out = resolve(options.out);
const kinds = JSON.parse(readFileSync(join(root, 'resources', 'attribute-kinds.json'), 'utf8'));
const kindList = Array.isArray(kinds) ? kinds : kinds.kinds;

/** Runs one command and gives the last JSON line. */
function keepsake(data, ...args) {
  const main = join(root, 'electron', 'hosts', 'cli', 'main.ts');
  const text = execFileSync(process.execPath, [main, ...args, '--data', data, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return JSON.parse(text.trim().split('\n').at(-1));
}

/** Answers to the test questions about facts, as the examination of an adapter kept them. */
function examination(data, adapterId) {
  const db = new BetterSqlite(join(data, 'profiles', 'default', 'profile.db'), { readonly: true });
  const row = db
    .prepare(
      "SELECT result FROM evaluations WHERE adapter_id = ? AND question_set = 'quick' ORDER BY created_at DESC LIMIT 1",
    )
    .get(adapterId);
  db.close();
  return JSON.parse(row.result);
}

function ofFacts(result) {
  return result.answers.filter((answer) => ['test', 'natural'].includes(answer.group));
}

function countRight(answers) {
  return answers.filter((answer) => answer.right).length;
}

/** The folder of a persona with a first adapter, made once. */
function prepare(seed) {
  const data = join(out, `persona-${seed}`);
  if (existsSync(join(data, 'trained.json'))) {
    return { data, trained: JSON.parse(readFileSync(join(data, 'trained.json'), 'utf8')) };
  }
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  const persona = execFileSync(
    process.execPath,
    [join(root, 'scripts', 'make-persona.mjs'), '--seed', String(seed), '--facts', options.facts],
    { encoding: 'utf8' },
  );
  writeFileSync(join(data, 'persona.json'), persona);
  keepsake(data, 'facts', 'import', join(data, 'persona.json'));
  const trained = keepsake(data, 'train', '--no-repair');
  writeFileSync(join(data, 'trained.json'), JSON.stringify(trained));
  return { data, trained };
}

/** Facts of one value whose kind has invented values, spread over the list. */
function editable(facts) {
  const values = new Set(facts.map((fact) => fact.value.toLowerCase()));
  return facts
    .filter((fact) => fact.current && fact.source.type !== 'derived')
    .flatMap((fact) => {
      const kind = kindList.find((each) => each.id === fact.kind);
      const single = facts.filter((each) => each.current && each.kind === fact.kind).length === 1;
      const value = kind?.decoys.find((each) => !values.has(each.toLowerCase()));
      return value === undefined || !single ? [] : [{ fact, value }];
    });
}

function edit(seed, data, trained, changes, index) {
  const copy = join(out, `persona-${seed}-edit-${index}${changes.length > 1 ? `-of-${changes.length}` : ''}`);
  rmSync(copy, { recursive: true, force: true });
  cpSync(data, copy, { recursive: true });
  const before = examinationWithPaths(data, copy, trained.adapterId);
  for (const { fact, value } of changes) keepsake(copy, 'facts', 'edit', fact.id, '--value', value);
  const started = Date.now();
  const report = keepsake(copy, 'train', '--no-repair');
  const wall = (Date.now() - started) / 1000;
  const after = examination(copy, report.adapterId);
  const { facts } = keepsake(copy, 'facts', 'list');
  const oldValues = new Map(
    facts.flatMap((each) => {
      const change = changes.find(({ fact }) => fact.id === each.supersedes);
      return change === undefined ? [] : [[each.id, change.fact.value]];
    }),
  );
  const mine = ofFacts(after).filter((answer) => oldValues.has(answer.factId));
  // Facts that depend on the edited one are other facts now: only those that both examinations asked are compared.
  const both = new Set(ofFacts(after).map((answer) => answer.factId));
  for (const { fact } of changes) both.delete(fact.id);
  const restBefore = ofFacts(before).filter((answer) => both.has(answer.factId));
  const ids = new Set(restBefore.map((answer) => answer.id));
  const restAfter = ofFacts(after).filter((answer) => ids.has(answer.id));
  const says = (answer, text) => answer.answer.toLowerCase().includes(text.toLowerCase());
  const line = {
    persona: seed,
    facts: changes.map(({ fact }) => fact.attribute),
    mode: report.mode,
    trainingSeconds: report.seconds,
    tokens: report.tokens,
    wallSeconds: wall,
    newAsked: mine.length,
    newRight: countRight(mine),
    oldSaid: mine.filter((answer) => says(answer, oldValues.get(answer.factId))).length,
    others: new Set(restAfter.map((answer) => answer.factId)).size,
    othersAsked: restAfter.length,
    othersBefore: countRight(restBefore.filter((answer) => restAfter.some((each) => each.id === answer.id))),
    othersAfter: countRight(restAfter),
    unknownBefore: before.groups.unknown,
    unknownAfter: after.groups.unknown,
    handedOverBefore: before.routing.handedOver,
    handedOverAfter: after.routing.handedOver,
    verdict: report.verdict,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Adapter files are kept by absolute path: a copied folder's rows must name the copies. */
function examinationWithPaths(data, copy, adapterId) {
  const db = new BetterSqlite(join(copy, 'profiles', 'default', 'profile.db'));
  db.prepare('UPDATE adapters SET file = replace(file, ?, ?)').run(`${data}/`, `${copy}/`);
  db.close();
  return examination(copy, adapterId);
}

for (const seed of options.personas.split(',').map(Number)) {
  const { data, trained } = prepare(seed);
  const { facts } = keepsake(data, 'facts', 'list');
  const candidates = editable(facts);
  const together = Number(options.together);
  const count = Math.min(Number(options.edits), Math.floor(candidates.length / together));
  for (let index = 0; index < count; index += 1) {
    const first = Math.floor(((index + 0.5) * candidates.length) / count);
    const step = Math.floor(candidates.length / together);
    const changes = Array.from(
      { length: together },
      (_, n) => candidates[(first + n * step) % candidates.length],
    );
    edit(seed, data, trained, changes, index);
  }
}
