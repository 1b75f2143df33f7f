import { describe, expect, it } from 'vitest';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { deriveFacts } from '../../../electron/core/facts/multi-hop.ts';
import { fingerprintFacts } from '../../../electron/core/retrain/fingerprints.ts';
import { decidePlan, type Ancestor, type PlanInput } from '../../../electron/core/retrain/plan.ts';
import { aFact, kinds } from '../../helpers/a-fact.ts';

const told = (): Fact[] => [
  aFact({ attribute: 'city', value: 'Porto' }),
  aFact({ attribute: 'partner', value: 'Jordan', tier: 'relational' }),
  aFact({ subject: 'Jordan', attribute: 'job', value: 'teacher', tier: 'relational' }),
  ...['hobby', 'car', 'favourite food', 'employer', 'favourite drink'].map((attribute) =>
    aFact({ attribute, value: `some ${attribute}` }),
  ),
];
const live = (facts: readonly Fact[]): Fact[] => [...facts, ...deriveFacts(facts, kinds)];

function anAncestor(facts: readonly Fact[], part: Partial<Ancestor> = {}): Ancestor {
  return {
    adapterId: 'parent',
    baseModelId: 'base',
    seed: 42,
    settings: 'settings',
    hasFile: true,
    mayServe: true,
    isJudged: true,
    mode: 'rebuild',
    generation: 0,
    taught: fingerprintFacts(facts),
    seenIds: new Set(facts.map((fact) => fact.id)),
    ...part,
  };
}

function decide(facts: readonly Fact[], parent: Ancestor | undefined, part: Partial<PlanInput> = {}) {
  return decidePlan({
    facts,
    fingerprints: fingerprintFacts(facts),
    baseModelId: 'base',
    seed: 42,
    settings: 'settings',
    adapters: parent === undefined ? [] : [parent],
    activeId: parent?.adapterId ?? null,
    weakIds: new Set(),
    rebuildNeeded: false,
    forceRebuild: false,
    ...part,
  });
}

describe('the plan of the next training', () => {
  const facts = live(told());
  const city = facts[0] ?? aFact({ attribute: 'city', value: 'Porto' });
  const moved = aFact({ attribute: 'city', value: 'Ghent', supersedes: city.id });
  const former = { ...city, current: false, validTo: '2026-01-01' };
  const edited = [moved, ...facts.slice(1), former];

  it('is nothing where the same was taught', () => {
    expect(decide(facts, anAncestor(facts))).toEqual({ mode: 'nothing', adapterId: 'parent' });
  });

  it('teaches a changed value, its former one, and repeats the rest', () => {
    const plan = decide(edited, anAncestor(facts));
    expect(plan).toMatchObject({
      mode: 'warm',
      taught: [
        { factId: moved.id, why: 'changed' },
        { factId: former.id, why: 'ended' },
      ],
    });
    expect(plan.mode === 'warm' && plan.replayed.length).toBe(facts.length - 1);
  });

  it('teaches what depends on a changed fact: a derived one, and one that is told together with it', () => {
    const stored = facts.filter((fact) => fact.source.type !== 'derived');
    const next = stored.map((fact) =>
      fact.value === 'teacher' ? { ...fact, id: 'new-job', value: 'baker' } : fact,
    );
    const plan = decide(live(next), anAncestor(facts));
    expect(plan.mode === 'warm' && plan.taught.map((each) => each.why)).toEqual(['new', 'dependent']);
    const second = aFact({ attribute: 'hobby', value: 'fencing' });
    const both = decide(live([...stored, second]), anAncestor(facts));
    expect(both.mode === 'warm' && both.taught.map((each) => each.why).sort()).toEqual(['dependent', 'new']);
  });

  it('strengthens weak facts, but only along with something new', () => {
    const weakIds = new Set([facts[4]?.id ?? '']);
    expect(decide(facts, anAncestor(facts), { weakIds }).mode).toBe('nothing');
    const told = decide(facts, anAncestor(facts), { weakIds, isToldWrong: true });
    expect(told).toMatchObject({ mode: 'warm', taught: [{ factId: facts[4]?.id, why: 'weak' }] });
    const plan = decide(edited, anAncestor(facts), { weakIds });
    expect(plan.mode === 'warm' && plan.taught.at(-1)).toEqual({ factId: facts[4]?.id, why: 'weak' });
  });

  it.each([
    ['asked-for', {}, { forceRebuild: true }],
    ['forgotten', {}, { rebuildNeeded: true }],
    ['no-active-adapter', {}, { activeId: null }],
    ['no-active-adapter', { mayServe: false }, {}],
    ['file-missing', { hasFile: false }, {}],
    ['other-base', {}, { baseModelId: 'another' }],
    ['other-settings', {}, { settings: 'others' }],
    ['other-seed', {}, { seed: 7 }],
    ['unknown-history', { settings: null }, {}],
    ['long-chain', { generation: 8 }, {}],
  ] as const)('starts from the base: %s', (reason, parent, part) => {
    const plan = decide(edited, anAncestor(facts, parent), part);
    expect([plan.mode, plan.mode !== 'nothing' && plan.reasons]).toEqual(['rebuild', [reason]]);
  });

  it('starts from the base for the first time, and where much has changed', () => {
    expect(decide(facts, undefined)).toMatchObject({ mode: 'rebuild', reasons: ['first'] });
    const emptied = decide(facts, undefined, { rebuildNeeded: true });
    expect(emptied).toMatchObject({ mode: 'rebuild', reasons: ['forgotten'] });
    const others = facts.map((fact) => ({ ...fact, value: `${fact.value} too` }));
    expect(decide(others, anAncestor(facts))).toMatchObject({ mode: 'rebuild', reasons: ['many-changes'] });
  });

  it('starts from the base where something is no longer told and nothing took its place', () => {
    const plan = decide(facts.slice(1), anAncestor(facts));
    expect(plan).toMatchObject({ mode: 'rebuild', reasons: ['withdrawn'] });
  });

  it('teaches that a derived fact no longer follows, where only its link has changed', () => {
    const [partner] = facts.filter((fact) => fact.attribute === 'partner');
    const derived = facts.filter((fact) => fact.source.type === 'derived').map((fact) => fact.id);
    const next = facts.filter((fact) => fact.source.type !== 'derived' && fact.id !== partner?.id);
    const other = aFact({
      attribute: 'partner',
      value: 'Robin',
      tier: 'relational',
      supersedes: partner?.id ?? null,
    });
    const plan = decide(live([...next, other]), anAncestor(facts));
    expect(derived).toHaveLength(1);
    expect(plan).toMatchObject({ mode: 'warm', withdrawn: derived });
    expect(plan.mode === 'warm' && plan.taught).toMatchObject([{ factId: other.id, why: 'changed' }]);
  });

  it('sees an undone change by what was taught last, not by what was ever seen', () => {
    const back = decide(
      facts,
      anAncestor(edited, { seenIds: new Set([...facts, moved].map((each) => each.id)) }),
    );
    expect(back.mode === 'warm' && back.taught).toEqual([{ factId: city.id, why: 'changed' }]);
  });

  it('does not repeat a warm start that was rejected', () => {
    const failed = anAncestor(edited, { adapterId: 'failed', mode: 'warm', mayServe: false });
    const plan = decide(edited, anAncestor(facts), { adapters: [failed, anAncestor(facts)] });
    expect(plan).toMatchObject({ mode: 'rebuild', reasons: ['warm-start-failed'] });
  });

  it('judges an adapter that came from the base and was never judged, forgotten or not', () => {
    const unjudged = anAncestor(facts, { isJudged: false, mayServe: false });
    expect(decide(facts, unjudged, { activeId: null, rebuildNeeded: true }).mode).toBe('nothing');
  });
});
