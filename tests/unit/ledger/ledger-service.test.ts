import { beforeEach, describe, expect, it } from 'vitest';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { createAdapterService } from '../../../electron/core/adapters/adapter-service.ts';
import { gradeOf } from '../../../electron/core/retrain/graduate.ts';
import {
  createLedgerService,
  type FactStanding,
  type LedgerService,
} from '../../../electron/core/ledger/ledger-service.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';
import { chooseBridged, estimateTokens } from '../../../electron/core/ledger/bridge.ts';
import { aFact } from '../../helpers/a-fact.ts';

let db: ReturnType<typeof openMemoryDatabase>;
let ledger: LedgerService;
let now: number;
const active = { id: 'adapter-1', factIds: ['a', 'b', 'c'] };

beforeEach(() => {
  db = openMemoryDatabase(profileMigrations);
  now = 1000;
  ledger = createLedgerService({ db, clock: { now: () => now }, gradeOf });
  const adapters = createAdapterService({
    db,
    assertBase: (id) => Promise.resolve(aBase({ id })),
    releaseAdapter: () => Promise.resolve(),
  });
  adapters.insertCandidate(anAdapter({ id: 'adapter-1', factIds: active.factIds }));
  adapters.insertCandidate(anAdapter({ id: 'adapter-2', factIds: ['a'] }));
});

describe('recording outcomes', () => {
  it('keeps them for the adapter that answered', () => {
    ledger.record('adapter-1', [{ factId: 'a', right: 4, asked: 5, mixedUp: 0 }]);
    expect(ledger.entries('adapter-1')).toEqual([
      { factId: 'a', right: 4, asked: 5, mixedUp: 0, testedAt: 1000 },
    ]);
    expect(ledger.entries('adapter-2')).toEqual([]);
  });

  it('replaces an earlier outcome and its time', () => {
    ledger.record('adapter-1', [{ factId: 'a', right: 1, asked: 5, mixedUp: 0 }]);
    now = 2000;
    ledger.record('adapter-1', [{ factId: 'a', right: 5, asked: 5, mixedUp: 0 }]);
    expect(ledger.entries('adapter-1')).toEqual([
      { factId: 'a', right: 5, asked: 5, mixedUp: 0, testedAt: 2000 },
    ]);
    expect(db.prepare('SELECT tested_at FROM ledger').pluck().all()).toEqual([2000]);
  });

  it.each([
    [6, 5],
    [-1, 5],
    [0.5, 1],
    [Number.NaN, 1],
  ])('refuses %d right of %d and keeps nothing of that call', (right, asked) => {
    expect(() =>
      ledger.record('adapter-1', [
        { factId: 'a', right: 1, asked: 1, mixedUp: 0 },
        { factId: 'b', right, asked, mixedUp: 0 },
      ]),
    ).toThrow('makes no sense');
    expect(ledger.entries('adapter-1')).toEqual([]);
  });

  it('refuses an adapter that is not there', () => {
    expect(() => ledger.record('nobody', [{ factId: 'a', right: 1, asked: 1, mixedUp: 0 }])).toThrow(
      'FOREIGN KEY',
    );
  });
});

describe('what is proved', () => {
  it('is nothing without an active adapter', () => {
    ledger.record('adapter-1', [{ factId: 'a', right: 5, asked: 5, mixedUp: 0 }]);
    expect(ledger.provedIds(null)).toEqual(new Set());
  });

  it('is what the active adapter learnt and answered rightly, and no other adapter', () => {
    ledger.record('adapter-1', [
      { factId: 'a', right: 5, asked: 5, mixedUp: 0 },
      { factId: 'b', right: 3, asked: 5, mixedUp: 0 },
      { factId: 'c', right: 0, asked: 0, mixedUp: 0 },
      { factId: 'never-learnt', right: 5, asked: 5, mixedUp: 0 },
    ]);
    ledger.record('adapter-2', [{ factId: 'b', right: 5, asked: 5, mixedUp: 0 }]);
    expect(ledger.provedIds(active)).toEqual(new Set(['a']));
  });

  it('takes five questions, and no answer with another value', () => {
    ledger.record('adapter-1', [
      { factId: 'a', right: 4, asked: 4, mixedUp: 0 },
      { factId: 'b', right: 9, asked: 10, mixedUp: 1 },
      { factId: 'c', right: 4, asked: 5, mixedUp: 0 },
    ]);
    expect(ledger.provedIds(active)).toEqual(new Set(['c']));
    const facts = ['a', 'b', 'c'].map((id) => aFact({ id, attribute: `thing ${id}`, value: id }));
    const { factIds } = chooseBridged({
      ...{ facts, provedIds: ledger.provedIds(active), question: 'Who am I?' },
      ...{ budgetTokens: 1000, countTokens: estimateTokens },
    });
    expect(factIds).toEqual(['a', 'b']);
  });

  it('ends when the fact is corrected, for every adapter', () => {
    ledger.record('adapter-1', [{ factId: 'a', right: 5, asked: 5, mixedUp: 0 }]);
    ledger.record('adapter-2', [{ factId: 'a', right: 5, asked: 5, mixedUp: 0 }]);
    ledger.forgetVerdicts(['a']);
    expect(ledger.provedIds(active)).toEqual(new Set());
    expect(ledger.entries('adapter-2')).toEqual([]);
  });
});

/** "pending waiting": the state with its flags. */
function statesOf(standings: ReadonlyMap<string, FactStanding>): Record<string, string> {
  return Object.fromEntries(
    [...standings].map(([id, { state, flags }]) => [id, [state, ...flags].join(' ')]),
  );
}

describe('an answer that its owner calls wrong', () => {
  beforeEach(() => ledger.record('adapter-1', [{ factId: 'a', right: 10, asked: 10, mixedUp: 0 }]));

  it('puts its fact back into the prompt at once, until that is taken back', () => {
    const fact = aFact({ id: 'a', attribute: 'cat', value: 'Luna' });
    expect([...ledger.provedIds(active)]).toEqual(['a']);
    expect(ledger.tellWrong('a', 'adapter-1', true)).toBe(true);
    expect([...ledger.provedIds(active)]).toEqual([]);
    expect(statesOf(ledger.states([fact], active))).toEqual({ a: 'weak' });
    const bridged = chooseBridged({
      ...{ facts: [fact], provedIds: ledger.provedIds(active), question: 'What is my cat called?' },
      ...{ budgetTokens: 200, countTokens: estimateTokens },
    });
    expect(bridged.statements).toEqual([fact.statement]);
    ledger.tellWrong('a', 'adapter-1', false);
    expect([...ledger.provedIds(active)]).toEqual(['a']);
  });

  it('is outlived by no test of that version, and is no matter of another one', () => {
    ledger.tellWrong('a', 'adapter-1', true);
    ledger.record('adapter-1', [{ factId: 'a', right: 10, asked: 10, mixedUp: 0 }]);
    expect([...ledger.provedIds(active)]).toEqual([]);
    expect(ledger.tellWrong('a', 'adapter-2', true)).toBe(false);
    const gone = ledger.forgetVerdicts(['a']);
    ledger.restoreVerdicts(gone);
    expect([...ledger.provedIds(active)]).toEqual([]);
  });
});

describe('the states of facts', () => {
  const facts = ['a', 'b', 'c', 'd'].map((id) => aFact({ id, attribute: `thing ${id}`, value: id }));

  it('are pending without an active adapter, but for those that wait or are over', () => {
    const old = aFact({ id: 'old', attribute: 'city', value: 'Oslo', current: false });
    expect(statesOf(ledger.states([...facts, old], null, ['d']))).toEqual({
      a: 'pending',
      b: 'pending',
      c: 'pending',
      d: 'pending waiting',
      old: 'retired',
    });
  });

  it('follow the ledger of the active adapter', () => {
    ledger.record('adapter-1', [
      { factId: 'a', right: 5, asked: 5, mixedUp: 0 },
      { factId: 'b', right: 1, asked: 5, mixedUp: 0 },
    ]);
    expect(statesOf(ledger.states(facts, active))).toEqual({
      a: 'in-weights',
      b: 'weak',
      c: 'in-prompt',
      d: 'pending',
    });
  });
});
