import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { buildDataset } from '../../../electron/core/datasets/build-dataset.ts';
import {
  fromCanonicalLines,
  hashText256,
  toCanonicalLines,
} from '../../../electron/core/datasets/canonical.ts';
import { planDataset } from '../../../electron/core/datasets/dataset-plan.ts';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import { deriveFacts } from '../../../electron/core/facts/multi-hop.ts';
import { readSystemText } from '../../../electron/core/models/prompt.ts';
import { generateVariations } from '../../../electron/core/variations/generate-variations.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';
import { makePersona } from '../../../scripts/lib/persona.mjs';

const templates = loadTemplates(resourcesDir);
const pools = loadPools(resourcesDir);
const systemText = readSystemText(resourcesDir);

function factsOf(count: number, seed = 1): Fact[] {
  const told = makePersona({ seed, count, resourcesDir }).map((draft, index) =>
    aFact({ ...draft, id: `told-${index}`, current: draft.validTo === undefined }),
  );
  return [...told, ...deriveFacts(told, kinds)];
}

function build(facts: readonly Fact[], seed = 42) {
  return buildDataset({ facts, kinds, templates, pools, systemText, plan: planDataset(facts.length), seed });
}

describe('a dataset', () => {
  const facts = factsOf(25);
  const built = build(facts);

  it('of 25 facts has about 350, 240, 170 and 120 samples a pass', () => {
    expect(facts).toHaveLength(25);
    const { fact, unknown, pass, bridge } = built.counts;
    expect([fact > 240 && fact < 400, unknown, pass, bridge > 100 && bridge < 130]).toEqual([
      true,
      240,
      172,
      true,
    ]);
  });

  it('is the same for the same seed and another for another one', () => {
    const hash = ({ samples }: typeof built) => hashText256(toCanonicalLines(samples));
    const [first, again, other] = [built, build(facts, 42), build(facts, 43)].map(hash);
    expect([again === first, other === first]).toEqual([true, false]);
  });

  it('survives its canonical form', () => {
    const lines = toCanonicalLines(built.samples);
    expect(toCanonicalLines(fromCanonicalLines(lines))).toBe(lines);
    expect(lines.split('\n')[0]).toBe('{"schema":1}');
  });

  it('holds no probe and no test wording of any fact', () => {
    const held = new Set(
      facts.flatMap((fact) =>
        generateVariations(fact, { facts, kinds, templates })
          .filter((each) => each.split !== 'train')
          .map((each) => each.question),
      ),
    );
    const asked = built.samples.map((each) => each.messages.at(-1)?.content ?? '');
    expect(asked.filter((question) => held.has(question))).toEqual([]);
  });

  it('teaches every fact, each in at least eight ways', () => {
    const taught = new Map<string, number>();
    for (const each of built.samples.filter((one) => one.kind === 'fact'))
      for (const id of each.factIds) taught.set(id, (taught.get(id) ?? 0) + 1);
    const current = facts.filter((fact) => fact.current);
    expect(current.filter((fact) => (taught.get(fact.id) ?? 0) < 8)).toEqual([]);
  });

  it('never refuses what a fact or the prompt says', () => {
    const refused = built.samples.filter((each) => each.answer === "You haven't told me that yet.");
    const known = new Set(
      built.samples.filter((each) => each.kind === 'fact').map((each) => each.messages.at(-1)?.content),
    );
    expect(refused.length).toBeGreaterThan(480);
    expect(refused.filter((each) => known.has(each.messages.at(-1)?.content))).toEqual([]);
  });

  it('passes on general prompts with an empty answer, also beside bridged facts', () => {
    const empty = built.samples.filter((each) => each.answer === '');
    expect(new Set(empty.map((each) => each.kind))).toEqual(new Set(['pass', 'bridge']));
  });

  it('puts facts into the prompt of bridge samples only', () => {
    const bridged = built.samples.filter((each) =>
      each.messages[0]?.content.includes('Facts about the user:'),
    );
    expect(new Set(bridged.map((each) => each.kind))).toEqual(new Set(['bridge']));
    expect(bridged.filter((each) => /[{}]/.test(each.messages[0]?.content ?? ''))).toEqual([]);
  });

  it('grows unknown, pass and bridge with the square root of the number of facts', () => {
    expect(planDataset(100)).toMatchObject({ unknown: 480, pass: 344, bridge: 240, formsPerFact: 15 });
  });

  it('can be built from a single fact and from one with an attribute of the user', () => {
    for (const fact of [
      aFact({ attribute: 'birthday', value: 'May 4, 1990' }),
      aFact({ attribute: 'motto', value: 'x' }),
    ]) {
      const single = build([fact]);
      expect(single.counts.fact).toBeGreaterThanOrEqual(8);
      expect(single.counts.unknown).toBeGreaterThan(0);
    }
  });
});
