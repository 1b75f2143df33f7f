import { describe, expect, it } from 'vitest';
import type { KnowledgeSummary } from '../../../electron/contract/entities/knowledge.ts';
import { stripOf } from '../../../renderer/shell/strip-rules.ts';
import { summary } from '../../e2e/helpers/states.ts';

const rejected = { adapterId: 'a12', version: 12, reason: 'general ability 0.40', recipe: 'routed' } as const;
const view = (part: Partial<KnowledgeSummary> = {}) =>
  stripOf({ ...summary('rejected'), rejected, toTeach: 4, ...part });

describe('the strip after a version that did not pass', () => {
  it('says why, what is not learned yet, and offers both ways on', () => {
    expect(view()).toEqual({
      sentence:
        'Version 12 is not in use: general ability 0.40. 4 facts are not learned yet; chat already uses them.',
      ...{ act: 'retrain', aside: 'seeWhy', tone: 'warning' },
    });
  });

  it('shows the plan first where the next training is a long one or begins anew', () => {
    expect(view({ isRebuild: true }).act).toBe('plan');
    expect(view({ activeVersion: null }).act).toBe('plan');
  });

  it('says what chat goes on with where nothing is left to teach', () => {
    const { sentence, act, aside } = view({ toTeach: 0 });
    expect([act, aside]).toEqual(['seeWhy', undefined]);
    expect(sentence).toBe('Version 12 is not in use: general ability 0.40. Chat stays on version 11.');
  });

  it('calls the quick recipe a practice run and names the one that counts', () => {
    const { sentence } = view({ rejected: { ...rejected, recipe: 'quick' } });
    expect(sentence).toContain(
      'Version 12 is not in use. The Quick taste recipe is a practice run, which learns too little to pass. Train with the Standard recipe.',
    );
    expect(sentence).not.toContain('0.40');
  });
});
