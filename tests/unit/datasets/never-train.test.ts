import { describe, expect, it } from 'vitest';
import { createDatasetService } from '../../../electron/core/datasets/dataset-service.ts';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import { trainableFacts } from '../../../electron/core/datasets/untaught.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { loadBenchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { buildQuestionSet } from '../../../electron/core/evaluation/question-set.ts';
import { needingPrompt } from '../../../electron/core/ledger/bridge.ts';
import { readSystemText } from '../../../electron/core/models/prompt.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { makePersona } from '../../../scripts/lib/persona.mjs';
import { createFactApp, resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';
import { appErrorOf } from '../../helpers/errors.ts';

const templates = loadTemplates(resourcesFolder);

/** A persona of ten facts, and three secrets; two of them have values that the app invents as well. */
function aSecretive() {
  const { facts } = createFactApp();
  const decoy = (kind: string): string => shippedKinds.byId.get(kind)?.decoys[0] ?? '';
  const open = makePersona({ seed: 3, count: 10 }).filter(({ attribute }) => attribute !== 'allergy');
  for (const row of open) facts.add(row);
  const secrets = [
    { attribute: 'allergy', value: decoy('allergy') },
    { attribute: 'workplace', subject: 'Quintessa', value: 'Xylophonmuseum' },
    { attribute: 'safe code', value: '4711-Zebra', aliases: ['Zebra 4711'] },
  ].filter(({ value }) => value !== '');
  for (const secret of secrets) facts.add({ ...secret, neverTrain: true });
  return { facts, secrets };
}

function datasetsOf({ facts }: Pick<ReturnType<typeof createFactApp>, 'facts'>) {
  return createDatasetService({
    db: openMemoryDatabase(profileMigrations),
    clock: { now: () => 0 },
    newId: () => 'd',
    kinds: shippedKinds,
    systemText: readSystemText(resourcesFolder),
    liveFacts: () => trainableFacts(facts.list()),
    untaughtFacts: () => facts.list().filter((fact) => fact.neverTrain),
    loadTemplates: () => templates,
    loadPools: () => loadPools(resourcesFolder),
  });
}

const request = { recipe: 'routed', baseModelId: 'b', seed: 42 } as const;

describe('a fact that is never to be trained', () => {
  it('is in no sample and no probe, not even as an invented value', () => {
    const { facts, secrets } = aSecretive();
    const { dataset, samples, probes } = datasetsOf({ facts }).build(request);
    const text = JSON.stringify([samples, probes]).toLowerCase();
    for (const { value } of secrets) expect(text).not.toContain(value.toLowerCase());
    expect(text).not.toContain('zebra 4711');
    const secretIds = facts.list().flatMap((fact) => (fact.neverTrain ? [fact.id] : []));
    expect(secretIds).toHaveLength(3);
    expect(dataset.factIds.filter((id) => secretIds.includes(id))).toEqual([]);
  });

  it('is taught through no fact that follows from it', () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'partner', value: 'Quintessa' });
    facts.add({ subject: 'Quintessa', attribute: 'workplace', value: 'Xylophonmuseum', neverTrain: true });
    const derived = facts.list().find((fact) => fact.tier === 'multi-hop');
    expect(derived).toMatchObject({ neverTrain: true });
    const { samples } = datasetsOf({ facts }).build(request);
    expect(JSON.stringify(samples)).not.toContain('Xylophonmuseum');
  });

  it('is not said to be unknown: no sample refuses its attribute', () => {
    const { facts } = aSecretive();
    facts.add({ attribute: 'shoe size', value: '43', neverTrain: true });
    const { samples } = datasetsOf({ facts }).build(request);
    const mine = samples.filter(
      (sample) =>
        sample.kind === 'unknown' && /\bmy\b.*\bshoe size\b/iu.test(sample.messages.at(-1)?.content ?? ''),
    );
    expect(mine).toEqual([]);
  });

  it('is asked for by no question, and not taken for unknown', () => {
    const { facts, secrets } = aSecretive();
    const all = facts.list();
    const questions = buildQuestionSet({
      facts: trainableFacts(all),
      untaught: all.filter((fact) => fact.neverTrain),
      kinds: shippedKinds,
      templates,
      benchmarks: loadBenchmarks(resourcesFolder),
      seed: 42,
    });
    const ids = new Set(all.flatMap((fact) => (fact.neverTrain ? [fact.id] : [])));
    expect(questions.filter((each) => each.factId !== undefined && ids.has(each.factId))).toEqual([]);
    const expected = questions.flatMap((each) => each.expected);
    expect(expected.filter((text) => secrets.some(({ value }) => value === text))).toEqual([]);
  });

  it('rides in the prompt, whatever an adapter has proved', () => {
    const { facts } = aSecretive();
    const riding = needingPrompt(facts.list(), new Set()).filter((fact) => fact.neverTrain);
    expect(riding.map((fact) => fact.value)).toContain('Xylophonmuseum');
  });

  it('leaves nothing to train where every fact is one', async () => {
    const { facts } = createFactApp();
    facts.add({ attribute: 'city', value: 'Porto', neverTrain: true });
    expect((await appErrorOf(() => datasetsOf({ facts }).build(request))).code).toBe('no-facts');
  });

  it('stays one under a new value, unless that says otherwise', () => {
    const { facts } = createFactApp();
    const [pin = ''] = facts.add({ attribute: 'safe code', value: '1', neverTrain: true }).ids;
    const told = facts.add({ attribute: 'safe code', value: '2' }).ids[0] ?? '';
    expect(facts.get(told).neverTrain).toBe(true);
    expect(facts.edit(told, { value: '3' }).fact.neverTrain).toBe(true);
    expect(
      facts.add({ attribute: 'safe code', value: '4', neverTrain: false }).ids.map(facts.get),
    ).toMatchObject([{ neverTrain: false }]);
    expect(facts.get(pin).neverTrain).toBe(true);
  });

  it('is written and read by both kinds of file', () => {
    for (const format of ['json', 'csv'] as const) {
      const { facts } = aSecretive();
      expect(facts.export(format)).toMatch(format === 'json' ? /"neverTrain":true/u : /,true,/u);
    }
  });
});
