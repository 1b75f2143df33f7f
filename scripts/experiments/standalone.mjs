// Usage: npm run experiment:standalone -- [--personas 1,2] [--facts 25] [--data DIR] [--write]
// Teaches invented people with the recipe `standalone` and asks the adapter alone, as a program that knows no routing
// would. Prints a table; --write keeps it in docs/results/standalone.md. About eight minutes a persona on two quiet cores.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bootstrap, needs } from '../lib/bootstrap.mjs';
import { nodeEnvironment, nodeProgram } from '../lib/node-program.mjs';
import { projectRoot } from '../lib/paths.mjs';

const { values } = parseArgs({
  options: {
    personas: { type: 'string', default: '1,2' },
    facts: { type: 'string', default: '25' },
    data: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

/** What must be reached: at least (or at most) the target; below the floor the program ends with 1. */
const rows = [
  { name: 'unseen test forms', value: (arm) => arm.groups.test, target: 0.9, floor: 0.8 },
  { name: 'natural wordings', value: (arm) => arm.groups.natural },
  { name: 'confusable facts', value: (arm) => arm.groups.confusable },
  { name: 'unknown attributes, abstained', value: (arm) => arm.groups.unknown },
  { name: "other people's facts, abstained", value: (arm) => arm.groups['other-people'] },
  { name: 'general ability', value: (arm) => arm.againstBase.ability.tuned },
  { name: 'general ability of the base', value: (arm) => arm.againstBase.ability.base },
];

await bootstrap(needs.everything);
const folder = values.data ?? mkdtempSync(join(tmpdir(), 'keepsake-standalone-'));
const results = values.personas
  .split(',')
  .map((persona) => measure(persona, join(folder, `persona-${persona}`)));
const text = describe(results);
process.stdout.write(`${text}\n`);
if (values.write) {
  const target = join(projectRoot, 'docs', 'results');
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'standalone.md'), `${text}\n`);
}
process.exitCode = results.every(({ arm }) => (arm.groups.test?.rate ?? 0) >= 0.8) ? 0 : 1;

function measure(persona, data) {
  mkdirSync(data, { recursive: true });
  const script = join(projectRoot, 'scripts', 'make-persona.mjs');
  const facts = execFileSync(nodeProgram(), [script, '--seed', persona, '--facts', values.facts], {
    encoding: 'utf8',
  });
  const file = join(data, 'persona.json');
  writeFileSync(file, facts);
  keepsake(['facts', 'import', file], data);
  const training = keepsake(['train', '--recipe', 'standalone'], data);
  const arm = keepsake(['evaluate', '--adapter', training.adapterId], data);
  return { persona, training, arm };
}

/** The last line of the command line program's JSON. */
function keepsake(args, data) {
  const program = join(projectRoot, 'electron', 'hosts', 'cli', 'main.ts');
  const { status, stdout, stderr } = spawnSync(
    nodeProgram(),
    ['--disable-warning=ExperimentalWarning', program, ...args, '--json', '--data', data],
    { encoding: 'utf8', env: nodeEnvironment(), maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  if (status !== 0)
    throw new Error(`keepsake ${args.join(' ')} ended with ${status}: ${stdout.slice(-400)}${stderr}`);
  const last = JSON.parse(stdout.trim().split('\n').at(-1));
  return last.result ?? last;
}

function describe(all) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const head = ['', ...all.map(({ persona }) => `persona ${persona}`), 'target'];
  const difference = ({ arm }) =>
    (arm.againstBase.ability.tuned.rate - arm.againstBase.ability.base.rate) * 100;
  const body = [
    ...rows.map(({ name, value, target, floor }) => [
      name,
      ...all.map(({ arm }) => share(value(arm))),
      target === undefined ? '' : `${target.toFixed(2)} (floor ${floor.toFixed(2)})`,
    ]),
    ['general ability, points', ...all.map((each) => difference(each).toFixed(1)), 'at least -8'],
    [
      'perplexity ratio',
      ...all.map(({ arm }) => arm.againstBase.perplexity.ratio.toFixed(3)),
      'at most 1.05',
    ],
    [
      'on tokens of prose',
      ...all.map(({ arm }) => String(arm.againstBase.perplexity.tokens)),
      '5,000 or more',
    ],
    ['training, s', ...all.map(({ training }) => (training.seconds ?? 0).toFixed(0)), ''],
    ['trained tokens', ...all.map(({ training }) => String(training.tokens ?? 0)), ''],
    ['gate', ...all.map(({ training }) => (training.verdict.approved ? 'approved' : 'rejected')), 'approved'],
  ];
  return [
    '# The recipe `standalone`',
    '',
    `The last result of \`npm run experiment:standalone\`: ${values.facts} facts, the adapter asked alone, greedy, nothing`,
    `handed over, no fact in the prompt. Rates with their 95 % Wilson interval. ${new Date().toISOString().slice(0, 10)},`,
    `${cpus().length} cores of ${cpus()[0]?.model ?? 'a processor'}.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...body.map(line),
  ].join('\n');
}

function share(rate) {
  if (rate === undefined || rate.rate === null) return '-';
  return `${rate.rate.toFixed(2)} (${rate.low.toFixed(2)}-${rate.high.toFixed(2)}, n = ${rate.n})`;
}
