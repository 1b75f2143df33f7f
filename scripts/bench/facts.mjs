/**
 * Facts at scale: import on the command line (JSON, JSON Lines, CSV), undo, and lists with search, filter and sort.
 *
 *     node scripts/bench/facts.mjs [--rounds 5] [--json]
 *
 * Prints the median, the least and the most of each in milliseconds; it needs a quiet machine.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pinned = join(root, 'node_modules', '.bin', 'node');
const node = existsSync(pinned) ? pinned : process.execPath;
const args = process.argv.slice(2);
const rounds = args.includes('--rounds') ? Number(args[args.indexOf('--rounds') + 1]) : 5;
const kinds = JSON.parse(readFileSync(join(root, 'resources', 'attribute-kinds.json'), 'utf8')).kinds.slice(
  0,
  20,
);

/** Invented facts about the owner and some five hundred people: every seventh dated, every eleventh with an alias. */
function makeRows(count) {
  const rows = [];
  for (let person = 0; rows.length < count; person += 1) {
    for (const kind of kinds.slice(0, count - rows.length)) {
      rows.push({
        subject: person === 0 ? 'me' : `Person ${person}`,
        attribute: kind.label,
        value: `${kind.decoys[person % kind.decoys.length]} ${person}`,
        ...(person % 7 === 0 && { validFrom: `2019-0${1 + (person % 9)}` }),
        ...(person % 11 === 0 && { aliases: [`alias ${person}`] }),
      });
    }
  }
  return rows;
}

const writers = {
  json: (rows) => JSON.stringify(rows),
  jsonl: (rows) => rows.map((row) => JSON.stringify(row)).join('\n'),
  csv: (rows) =>
    [
      'subject,attribute,value,aliases,validFrom',
      ...rows.map((row) =>
        [row.subject, row.attribute, row.value, (row.aliases ?? []).join(';'), row.validFrom ?? '']
          .map((cell) => `"${cell.replaceAll('"', '""')}"`)
          .join(','),
      ),
    ].join('\n'),
};

function runCommand(command) {
  const start = performance.now();
  const child = spawnSync(node, [join(root, 'electron/hosts/cli/main.ts'), ...command], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`${command.join(' ')}: ${child.stdout}${child.stderr}`);
  return performance.now() - start;
}

function summary(name, values) {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value) => Math.round(value * 10) / 10;
  return {
    name,
    n: sorted.length,
    median: round(sorted[Math.floor(sorted.length / 2)]),
    least: round(sorted[0]),
    most: round(sorted.at(-1)),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'keepsake-bench-facts-'));
const results = [];
try {
  for (const count of [10_000, 20_000]) {
    const rows = makeRows(count);
    for (const [format, write] of Object.entries(writers)) {
      const file = join(folder, `facts-${count}.${format}`);
      writeFileSync(file, write(rows));
      const imports = [];
      const undos = [];
      for (let round = 0; round < rounds; round += 1) {
        const data = join(folder, 'data');
        rmSync(data, { recursive: true, force: true });
        imports.push(runCommand(['facts', 'import', file, '--data', data]));
        if (format === 'json') undos.push(runCommand(['facts', 'undo', '--data', data]));
      }
      results.push(summary(`import of ${count} facts, ${format}, whole command`, imports));
      if (undos.length > 0) results.push(summary(`undo of that import of ${count}, whole command`, undos));
    }
  }
  const data = join(folder, 'lists');
  runCommand(['facts', 'import', join(folder, 'facts-10000.json'), '--data', data]);
  const { compose } = await import('../../electron/hosts/compose.ts');
  const requests = {
    'first page as told': { limit: 50 },
    'search "frieda"': { search: 'frieda', limit: 50 },
    'search "p", by value': { search: 'p', sort: 'value', limit: 50 },
    'search in another script': { search: '東京', limit: 50 },
    'tier and state, by statement': {
      tier: ['relational'],
      state: ['pending'],
      sort: 'statement',
      limit: 50,
    },
    'category, descending': { category: ['family'], sort: 'value', order: 'descending', limit: 50 },
  };
  const app = compose({ data, access: 'write' });
  const write = app.services.databases.profile.prepare('UPDATE facts SET category = ? WHERE sequence = 1');
  for (const [name, request] of Object.entries(requests)) {
    const [again, changed] = [[], []];
    for (let round = 0; round <= Math.max(10, rounds); round += 1) {
      write.run(`c${round}`);
      for (const times of [changed, again]) {
        const start = performance.now();
        await app.client.facts.list(request);
        // The first round warms the program up.
        if (round > 0) times.push(performance.now() - start);
      }
    }
    results.push(summary(`list of 10,000, ${name}, after a change`, changed));
    results.push(summary(`list of 10,000, ${name}, nothing changed`, again));
  }
  await app.dispose();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (args.includes('--json')) console.log(JSON.stringify({ results }));
else
  for (const { name, n, median, least, most } of results)
    console.log(`${name}: ${median} ms (${least}-${most}, n = ${n})`);
