// Asks the plain base, which nobody has taught yet, for facts that ride in its prompt, through chat as the window does.
//
// Usage: node scripts/bench/plain-base.mjs [--personas 1,2] [--facts 25]
//
// Of each fact of the user's own: "What is my X?", and the wordings of the examination that do not name the attribute
// (the choice of facts never sees those). Counts answers that hold the value, and questions with which the fact rode.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { holdsValue } from '../../electron/core/evaluation/score-answer.ts';
import { loadTemplates } from '../../electron/core/variations/templates.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { projectRoot } from '../lib/paths.mjs';
import { makePersona } from '../lib/persona.mjs';

const { values } = parseArgs({
  options: { personas: { type: 'string', default: '1,2' }, facts: { type: 'string', default: '25' } },
});
const { natural } = loadTemplates(join(projectRoot, 'resources'));
const unnamedOf = (kind) =>
  (natural.get(kind) ?? []).filter(({ split, use }) => split === 'test' && use === 'direct');
const rate = (rows, key) => `${rows.filter((row) => row[key]).length} of ${rows.length}`;

for (const seed of values.personas.split(',').map(Number)) {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-plain-base-'));
  const file = join(folder, 'persona.json');
  writeFileSync(file, JSON.stringify(makePersona({ seed, count: Number(values.facts) })));
  const app = compose({ data: join(folder, 'data'), access: 'write' });
  try {
    await app.client.facts.import({ file });
    const told = app.services.facts
      .listCurrent()
      .filter(({ source, subject, kind }) => source.type !== 'derived' && subject === 'me' && kind !== null);
    const rows = [];
    for (const fact of told) {
      const { label, many } = app.services.kinds.byId.get(fact.kind);
      const named = many ? [] : [{ question: `What is my ${label}?`, isNamed: true }];
      const unnamed = unnamedOf(fact.kind).map(({ me }) => ({ question: me, isNamed: false }));
      for (const { question, isNamed } of [...named, ...unnamed]) {
        const given = await app.client.chat.ask({ question, arm: 'served' });
        const isRight = holdsValue(given.answer, [fact.value, ...fact.aliases]);
        rows.push({ question, isNamed, isRight, rode: given.bridged.includes(fact.statement) });
        if (process.env.SHOW !== undefined && !isRight)
          console.log(
            `${question} [${given.bridged.length}] ${given.answer.slice(0, 80).replace(/\n/gu, ' ')}`,
          );
      }
    }
    for (const isNamed of [true, false]) {
      const part = rows.filter((row) => row.isNamed === isNamed);
      console.log(
        `persona ${seed}, ${told.length} facts, ${isNamed ? 'named' : 'not named'}: right ${rate(part, 'isRight')}, the fact rode with ${rate(part, 'rode')}`,
      );
    }
  } finally {
    await app.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exit(0);
