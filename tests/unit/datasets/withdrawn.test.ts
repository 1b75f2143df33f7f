import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { createDatasetService } from '../../../electron/core/datasets/dataset-service.ts';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { deriveFacts, isDerivedId } from '../../../electron/core/facts/multi-hop.ts';
import { readSystemText } from '../../../electron/core/models/prompt.ts';
import { unknownAnswer } from '../../../electron/core/variations/answers.ts';
import { loadTemplates } from '../../../electron/core/variations/templates.ts';
import { aFact, kinds, resourcesDir } from '../../helpers/a-fact.ts';

const daughter = aFact({ attribute: 'daughter', value: 'Ivo', tier: 'relational' });
const car = aFact({ subject: 'Ivo', attribute: 'car', value: 'Kia Niro', tier: 'relational' });
const city = aFact({ attribute: 'city', value: 'Porto' });

function aService(live: { facts: readonly Fact[] }) {
  let ids = 0;
  return createDatasetService({
    db: openMemoryDatabase(profileMigrations),
    clock: { now: () => 0 },
    newId: () => `dataset-${(ids += 1)}`,
    kinds,
    systemText: readSystemText(resourcesDir),
    liveFacts: () => live.facts,
    loadTemplates: () => loadTemplates(resourcesDir),
    loadPools: () => loadPools(resourcesDir),
  });
}

describe('a derived fact that no longer follows', () => {
  const told = [daughter, car, city];
  const derived = deriveFacts(told, kinds);
  const live = { facts: [...told, ...derived] };
  const service = aService(live);
  const request = { recipe: 'routed', baseModelId: 'base', seed: 42 } as const;
  const before = service.build(request);
  const gone = derived[0]?.id ?? '';
  const renamed = aFact({ ...daughter, id: 'renamed', value: 'Hania', supersedes: daughter.id });
  live.facts = [renamed, car, city, { ...daughter, current: false, validTo: '2026-06-01' }];

  it('is taught as never told, in the words in which it was asked for before', () => {
    const taught = new Set(
      before.samples
        .filter((each) => each.factIds.includes(gone))
        .map((each) => each.messages.at(-1)?.content),
    );
    const warm = { taught: [renamed.id], weak: [], withdrawn: [gone] };
    const { samples } = service.build({ ...request, warm });
    const withdrawn = samples.filter((each) => taught.has(each.messages.at(-1)?.content));
    expect(withdrawn.map((each) => [each.kind, each.answer])).toEqual(
      Array.from({ length: 8 }, () => ['unknown', unknownAnswer]),
    );
    // No pass leaves them out.
    expect(withdrawn.map((each) => each.epochs)).toEqual(Array.from({ length: 8 }, () => undefined));
    expect(samples.some((each) => each.answer.includes('Kia Niro'))).toBe(true);
    expect(samples.some((each) => /your daughter.*Kia Niro/u.test(each.answer))).toBe(false);
  });

  it('adds nothing where no earlier dataset taught it', async () => {
    const warm = { taught: [renamed.id], weak: [] };
    const without = await service.preview({ ...request, warm });
    const unheard = await service.preview({ ...request, warm: { ...warm, withdrawn: ['nobody'] } });
    expect(unheard.samples).toEqual(without.samples);
  });

  it('is known by its id', () => {
    expect([gone, daughter.id].map(isDerivedId)).toEqual([true, false]);
  });
});
