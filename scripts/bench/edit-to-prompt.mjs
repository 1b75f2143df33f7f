// Edits facts of a trained data folder one at a time and asks for each: how soon the next prompt stands, and whether the
// answer holds the new value and not the old one.
//
// Usage: node scripts/bench/edit-to-prompt.mjs --data DIR [--edits 20]
//
// DIR is a copy; every edit is taken back after its question.
import { parseArgs } from 'node:util';
import { holdsValue } from '../../electron/core/evaluation/score-answer.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { createLlamaRuntime } from '../../electron/platform/llama-runtime.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, edits: { type: 'string', default: '20' } },
});
if (values.data === undefined) throw new Error('Give --data DIR.');

let assembled = 0;
const real = createLlamaRuntime();
const runtime = {
  ...real,
  load: async (file, options) => {
    const model = await real.load(file, options);
    return {
      ...model,
      generate: (request, more) => {
        if (assembled === 0) assembled = performance.now();
        return model.generate(request, more);
      },
    };
  },
};
const app = compose({ data: values.data, access: 'write', runtime });
const { kinds, facts } = app.services;
const told = facts
  .listCurrent()
  .filter((fact) => fact.source.type !== 'derived' && fact.kind !== null && !kinds.byId.get(fact.kind).many);
const known = new Set(facts.list().map((fact) => fact.value.toLowerCase()));

const ask = async (question) => {
  let answer;
  for await (const event of await app.client.chat.send({ question, conversationId: null })) {
    if (event.type === 'done') answer = event.answer;
  }
  return answer;
};

await ask('Hello'); // loads the model
const rows = [];
for (let index = 0; rows.length < Number(values.edits); index += 1) {
  const fact = told[index % told.length];
  const kind = kinds.byId.get(fact.kind);
  const fresh = kind.decoys.filter((decoy) => !known.has(decoy.toLowerCase()));
  const value = fresh[Math.floor(index / told.length) % fresh.length];
  if (value === undefined) continue;
  const whose = fact.subject === 'me' ? 'my' : fact.subject.replace(/$/u, "'s");
  assembled = 0;
  const begun = performance.now();
  await app.client.facts.edit({ id: fact.id, value });
  const answer = await ask(`What is ${whose} ${kind.label}?`);
  rows.push({
    fact: fact.statement,
    value,
    milliseconds: assembled - begun,
    answer: answer.answer,
    isNew: holdsValue(answer.answer, [value]),
    isOld: holdsValue(answer.answer, [fact.value, ...fact.aliases]),
  });
  await app.client.facts.undo({});
}
const times = rows.map((row) => row.milliseconds).toSorted((one, other) => one - other);
console.log(
  `edit to next prompt: n = ${rows.length}, median ${times[Math.floor(times.length / 2)].toFixed(0)} ms, most ${times.at(-1).toFixed(0)} ms (limit 1000)`,
);
console.log(
  `answers: ${rows.filter((row) => row.isNew).length} of ${rows.length} hold the new value (at least 18 of 20), ` +
    `${rows.filter((row) => row.isOld).length} hold the old one (none)`,
);
if (process.env.SHOW !== undefined) for (const row of rows) console.log(JSON.stringify(row));
await app.dispose();
