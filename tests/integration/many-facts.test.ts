import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose, type ComposedApp } from '../../electron/hosts/compose.ts';
import { longestStretch } from '../helpers/longest-stretch.ts';
import { shippedKinds } from '../helpers/fact-app.ts';
import { makeTinyGguf } from '../helpers/tiny-gguf.ts';

const facts = 2_000;
/** Milliseconds of processor time: what a call may keep from all others, with room for a slow machine. */
const mostHeld = 150;

let data: string;
let app: ComposedApp;

/** Lines of a file with facts about the owner and a hundred people, one of each of twenty kinds for each of them. */
function manyLines(): string {
  return Array.from({ length: facts }, (_unused, index) => {
    const kind = shippedKinds.all[index % 20];
    const person = Math.floor(index / 20);
    const subject = person === 0 ? 'me' : `Person ${person}`;
    const value = `${kind?.decoys[person % kind.decoys.length] ?? ''} ${person}`;
    return JSON.stringify({ subject, attribute: kind?.label, value });
  }).join('\n');
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'keepsake-many-'));
  const file = join(data, 'tiny.gguf');
  makeTinyGguf(file, { type: 'q8_0' });
  const first = compose({ data, access: 'write' });
  const { id } = await first.client.models.add({ file });
  await first.client.settings.set({ baseModelId: id });
  await first.client.facts.add({ attribute: 'city', value: 'Porto' });
  // The library that runs models is read once for a process.
  await first.client.training.plan({});
  await first.client.facts.importText({ name: 'many.jsonl', text: manyLines() });
  await first.dispose();
  app = compose({ data, access: 'write' });
});
afterAll(async () => {
  await app.dispose();
  rmSync(data, { recursive: true, force: true });
});

describe(`with ${facts} facts`, () => {
  it.each<[string, (client: ComposedApp['client']) => Promise<unknown>]>([
    ['the first page of the list', (client) => client.facts.list({ limit: 100 })],
    ['a search', (client) => client.facts.list({ search: 'person', limit: 100 })],
    ['the standing status', (client) => client.knowledge.summary({})],
    ['the plan of a training', (client) => client.training.plan({})],
    ['the lessons', (client) => client.lessons.list({ limit: 100 })],
  ])('%s keeps nobody waiting for long, at first and after a change', async (_name, call) => {
    const own = compose({ data, access: 'read' });
    try {
      const first = await longestStretch(() => call(own.client));
      await app.client.facts.add({ attribute: 'hobby', value: `Hobby ${Math.random()}` });
      const again = await longestStretch(() => call(own.client));
      expect(Math.max(first.longest, again.longest)).toBeLessThan(mostHeld);
    } finally {
      await own.dispose();
    }
  });

  it('the dataset of a training is made while others are answered', async () => {
    const { datasets } = app.services;
    const request = { recipe: 'routed', seed: 42, baseModelId: 'base' } as const;
    const made = await longestStretch(() => datasets.buildInSlices(request));
    expect(made.longest).toBeLessThan(2 * mostHeld);
    expect(made.result.samples.length).toBeGreaterThan(facts * 15);
    expect(datasets.build(request).dataset.id).toBe(made.result.dataset.id);
  });

  it('a plan says about how much there is to learn, and is not made twice', async () => {
    await app.client.facts.add({ attribute: 'river', value: 'Douro' });
    const first = await longestStretch(() => app.client.training.plan({}));
    const again = await longestStretch(() => app.client.training.plan({}));
    expect(first.result).toMatchObject({ mode: 'rebuild', lessonBasis: 'estimate' });
    expect(first.result.samples.fact).toBeGreaterThan(facts * 14 * 3);
    expect(first.result.samples.fact).toBeLessThan(facts * 16 * 3);
    expect(again.result.totalTokens).toBe(first.result.totalTokens);
    expect(again.took).toBeLessThan(first.took / 3);
  });
});
