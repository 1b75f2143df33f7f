/** Data folders with very many invented facts and conversations, for the benches of the window and the core. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compose } from '../../electron/hosts/compose.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Invented facts about the owner and others, twenty each: every seventh person's dated, every eleventh's with an alias. */
export function manyRows(count) {
  const { kinds } = JSON.parse(readFileSync(join(root, 'resources', 'attribute-kinds.json'), 'utf8'));
  const rows = [];
  for (let person = 0; rows.length < count; person += 1)
    for (const kind of kinds.slice(0, Math.min(20, count - rows.length)))
      rows.push({
        subject: person === 0 ? 'me' : `Person ${person}`,
        attribute: kind.label,
        value: `${kind.decoys[person % kind.decoys.length]} ${person}`,
        ...(person % 7 === 0 && { validFrom: `2019-0${1 + (person % 9)}` }),
        ...(person % 11 === 0 && { aliases: [`alias ${person}`] }),
      });
  return rows;
}

const topics = ['the garden', 'a journey by train', 'bread', 'an old radio', 'the river', 'a birthday'];

/** Fills an empty data folder. */
export async function fillFolder(data, { facts, conversations }) {
  const app = compose({ data, access: 'write' });
  try {
    const text = manyRows(facts)
      .map((row) => JSON.stringify(row))
      .join('\n');
    await app.client.facts.importText({ name: 'many.jsonl', text });
    const { conversations: kept } = app.services;
    for (let index = 0; index < conversations; index += 1) {
      let id;
      for (let turn = 0; turn < 3; turn += 1) {
        const about = topics[(index + turn) % topics.length];
        const { conversation, question } = kept.keepQuestion({
          conversationId: id,
          text: `Tell me about ${about} (${index}).`,
        });
        id = conversation.id;
        kept.keepAnswer(id, question.id, {
          ...question,
          ...{ id: `answer-${index}-${turn}`, role: 'assistant', arm: 'tuned', answeredBy: 'base' },
          text: `There is much to say about ${about}. `.repeat(6).trim(),
        });
      }
    }
  } finally {
    await app.dispose();
  }
}
