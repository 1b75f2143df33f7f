import { describe, expect, it } from 'vitest';
import {
  hasSeen,
  judge,
  mayServe,
  olderThan,
  toActivated,
} from '../../../electron/core/adapters/adapter-lifecycle.ts';
import { anAdapter } from '../../helpers/models.ts';
import { appErrorOf } from '../../helpers/errors.ts';

const rejected = judge(anAdapter(), { approved: false, reasons: ['recall .50 < .80', 'unknown .10 < .60'] });

describe('the verdict on an adapter', () => {
  it('turns a candidate into an approved one that may serve', () => {
    const judged = judge(anAdapter(), { approved: true, reasons: [] });
    expect(judged).toMatchObject({ state: 'approved', verdict: { approved: true, reasons: [] } });
    expect(mayServe(judged)).toBe(true);
  });

  it('turns a candidate into a rejected one that keeps its reasons and may not serve', () => {
    expect(rejected.state).toBe('rejected');
    expect(rejected.verdict?.reasons).toEqual(['recall .50 < .80', 'unknown .10 < .60']);
    expect(mayServe(rejected)).toBe(false);
  });

  it('lets the later of two verdicts count', () => {
    expect(judge(rejected, { approved: true, reasons: [] }).state).toBe('approved');
  });

  it('refuses a rejection without a reason', () => {
    expect(() => judge(anAdapter(), { approved: false, reasons: [] })).toThrow('names no reason');
  });
});

describe('activating', () => {
  it('leaves an approved adapter as it is, even where a reason is given', () => {
    const approved = judge(anAdapter(), { approved: true, reasons: [] });
    expect(toActivated(approved)).toBe(approved);
    expect(toActivated(approved, 'just because')).toBe(approved);
  });

  it('refuses an adapter without evaluation and says how to use it all the same', async () => {
    const error = await appErrorOf(() => toActivated(anAdapter({ id: 'abc123' })));
    expect(error.code).toBe('invalid-input');
    expect(error.message).toContain('was not evaluated');
    expect(error.hint).toContain('adapters activate abc123 --override');
  });

  it('names the reasons when it refuses a rejected adapter', async () => {
    const error = await appErrorOf(() => toActivated(rejected));
    expect(error.message).toContain('recall .50 < .80; unknown .10 < .60');
  });

  it.each(['', '   ', '\n'])('refuses the empty reason %j', async (reason) => {
    expect((await appErrorOf(() => toActivated(rejected, reason))).message).toContain('empty');
  });

  it('keeps the trimmed reason of an override, which holds from then on', () => {
    const overridden = toActivated(rejected, '  I read the answers ');
    expect(overridden).toMatchObject({ state: 'rejected', override: 'I read the answers' });
    expect(mayServe(overridden)).toBe(true);
    expect(toActivated(overridden)).toBe(overridden);
  });
});

describe('the order of versions', () => {
  const list = ['c', 'b', 'a'].map((id) => anAdapter({ id }));

  it('gives the versions before one, newest first', () => {
    expect(olderThan(list, 'c').map((each) => each.id)).toEqual(['b', 'a']);
    expect(olderThan(list, 'a')).toEqual([]);
  });

  it('gives all versions where the active one is not listed', () => {
    expect(olderThan(list, 'gone')).toHaveLength(3);
  });

  it('knows whether an adapter saw one of several facts', () => {
    const adapter = anAdapter({ factIds: ['x', 'y'] });
    expect(hasSeen(adapter, new Set(['z', 'y']))).toBe(true);
    expect(hasSeen(adapter, new Set(['z']))).toBe(false);
  });
});
