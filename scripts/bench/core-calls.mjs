/**
 * Calls of the core with very many facts: how long each takes, and the longest stretch in which nothing else is answered.
 *
 *     node scripts/bench/core-calls.mjs [--facts 10000] [--conversations 500] [--data DIR] [--only NAME] [--slow] [--json]
 *
 * Each call is made twice in a process of its own: the first time in it, and again after a change of one fact.
 * A stretch is measured in processor time, so that other programs do not count. `--data DIR` keeps the folder that is filled, and takes it where it is filled already. `--slow`: also those that ask a model.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fillFolder } from './many-facts.mjs';

const { values } = parseArgs({
  options: {
    facts: { type: 'string', default: '10000' },
    conversations: { type: 'string', default: '500' },
    data: { type: 'string' },
    only: { type: 'string' },
    one: { type: 'string' },
    slow: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const drain = async (stream) => {
  for await (const event of stream) if (event.type === 'done') return event;
  return null;
};
const firstId = async (client) => (await client.facts.list({ limit: 1 })).facts[0].id;
/** Name of the call -> what is called; `[prepare, call]` where something has to be known before. */
const calls = {
  'facts.list, a page': (client) => client.facts.list({ limit: 100 }),
  'facts.list, by statement': (client) => client.facts.list({ limit: 100, sort: 'statement' }),
  'facts.list, search "p"': (client) => client.facts.list({ search: 'p', limit: 100 }),
  'facts.facets': (client) => client.facts.facets({}),
  'facts.conflicts': (client) => client.facts.conflicts({}),
  'facts.get': [firstId, (client, id) => client.facts.get({ id })],
  'facts.edit': [
    (client) => client.facts.list({ limit: 10, current: true }),
    (client, { facts }) =>
      client.facts.edit({ id: facts[2].id, value: `Value ${Math.random()}`, typo: true }),
  ],
  'facts.history': (client) => client.facts.history({}),
  'facts.export': (client) => client.facts.export({ format: 'json' }),
  'knowledge.summary': (client) => client.knowledge.summary({}),
  'lessons.list': (client) => client.lessons.list({ limit: 100 }),
  'lessons.list, of a fact': [firstId, (client, factId) => client.lessons.list({ limit: 100, factId })],
  'adapters.list': (client) => client.adapters.list({}),
  'runs.list': (client) => client.runs.list({}),
  'conversations.list': (client) => client.conversations.list({ limit: 50 }),
  'conversations.list, search': (client) => client.conversations.list({ limit: 50, search: 'garden' }),
  'proposals.list': (client) => client.proposals.list({ limit: 50 }),
  'chat.suggestions': (client) => client.chat.suggestions({}),
};
const slowCalls = {
  'training.plan': (client) => client.training.plan({ recipe: 'routed', seed: 42, rebuild: false }),
  'chat.send': async (client) =>
    drain(await client.chat.send({ question: 'What is my job?', conversationId: null })),
};
const all = values.slow || values.one !== undefined ? { ...calls, ...slowCalls } : calls;

/** Milliseconds of processor time of this thread: what other programs take of the machine does not count. */
function threadTime() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Runs work; gives its time, and the longest stretch between two turns of the event loop in processor time. */
async function timed(work) {
  let isOver = false;
  let longest = 0;
  const watching = (async () => {
    let before = threadTime();
    while (!isOver) {
      await setImmediate();
      const now = threadTime();
      longest = Math.max(longest, now - before);
      before = now;
    }
  })();
  const begun = performance.now();
  await work();
  const took = performance.now() - begun;
  isOver = true;
  await watching;
  return { took: Math.round(took), longest: Math.round(longest) };
}

async function measureOne(name) {
  const { compose } = await import('../../electron/hosts/compose.ts');
  const app = compose({ data: values.data, access: 'write' });
  const [prepare, call] = Array.isArray(all[name]) ? all[name] : [() => null, all[name]];
  const known = await prepare(app.client);
  const first = await timed(() => call(app.client, known));
  const write = app.services.databases.profile.prepare('UPDATE facts SET category = ? WHERE sequence = 2');
  const again = [];
  for (let round = 0; round < (slowCalls[name] === undefined ? 5 : 1); round += 1) {
    write.run(`c${round}`);
    again.push(await timed(() => call(app.client, known)));
  }
  const middle = again.toSorted((one, other) => one.longest - other.longest)[Math.floor(again.length / 2)];
  console.log(JSON.stringify({ name, first, again: middle }));
  await app.dispose();
}

if (values.one !== undefined) {
  await measureOne(values.one);
  process.exit(0);
}
const folder = values.data ?? mkdtempSync(join(tmpdir(), 'keepsake-bench-calls-'));
try {
  if (!existsSync(join(folder, 'profiles')))
    await fillFolder(folder, { facts: Number(values.facts), conversations: Number(values.conversations) });
  const results = [];
  for (const name of Object.keys(all).filter((each) => each.includes(values.only ?? ''))) {
    const child = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), '--data', folder, '--one', name],
      { encoding: 'utf8' },
    );
    const line = child.stdout.trim().split('\n').at(-1) ?? '';
    if (child.status !== 0 || !line.startsWith('{')) {
      console.error(`${name}: ${child.stderr.split('\n').slice(0, 12).join('\n')}`);
      continue;
    }
    const result = JSON.parse(line);
    results.push(result);
    if (!values.json)
      console.log(
        `${name}: first ${result.first.took} ms (blocks ${result.first.longest}), ` +
          `after a change ${result.again.took} ms (blocks ${result.again.longest})`,
      );
  }
  if (values.json) console.log(JSON.stringify({ results }));
} finally {
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
}
