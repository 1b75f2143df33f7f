import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ArmResult, Rate } from '../../../electron/contract/entities/evaluation.ts';
import {
  checkTargets,
  describeTargets,
  readTargets,
  type Target,
} from '../../../electron/hosts/cli/demo-targets.ts';

const shipped = readTargets(
  readFileSync(join(import.meta.dirname, '..', '..', 'model', 'targets.json'), 'utf8'),
);

function aRate(rate: number | null, n = 100): Rate {
  return { right: Math.round((rate ?? 0) * n), n: rate === null ? 0 : n, rate, low: 0, high: 1 };
}

function anArm(
  arm: 'base' | 'tuned',
  groups: Record<string, number | null>,
  routing: Partial<Record<keyof ArmResult['routing'], number>> = {},
): ArmResult {
  const { handedOver = 1, wronglyKept = 0, wronglyHandedOver = 0 } = routing;
  return {
    arm,
    adapterId: null,
    answers: [],
    kinds: {},
    groups: Object.fromEntries(Object.entries(groups).map(([name, rate]) => [name, aRate(rate)])),
    routing: {
      handedOver: aRate(handedOver),
      wronglyKept: aRate(wronglyKept),
      wronglyHandedOver: aRate(wronglyHandedOver),
    },
  };
}

const recall: Target = { id: 'test', name: 'recall', arm: 'tuned', group: 'test', target: 0.95, floor: 0.85 };
const standing = (target: Target, tuned: ArmResult, base: ArmResult | null = null) =>
  checkTargets([target], { base, tuned })[0]?.standing;

describe('a target', () => {
  it.each([
    [0.95, 'reached'],
    [0.94, 'above floor'],
    [0.85, 'above floor'],
    [0.84, 'below floor'],
    [null, 'not measured'],
  ] as const)('of 0.95 with a floor of 0.85 is, at %s, %s', (rate, expected) => {
    expect(standing(recall, anArm('tuned', { test: rate }))).toBe(expected);
  });

  it.each([
    [0.05, 'reached'],
    [0.06, 'above floor'],
    [0.16, 'below floor'],
  ] as const)('not to be passed is, at %s, %s', (rate, expected) => {
    const target = { ...recall, target: 0.05, floor: 0.15, atMost: true };
    expect(standing(target, anArm('tuned', { test: rate }))).toBe(expected);
  });

  it('of a group that was not asked is not measured', () => {
    expect(standing(recall, anArm('tuned', {}))).toBe('not measured');
  });

  it('of the base is not measured where the base was not asked, and never taken from the adapter', () => {
    const target: Target = { ...recall, arm: 'base', atMost: true };
    expect(standing(target, anArm('tuned', { test: 0.1 }))).toBe('not measured');
    expect(standing(target, anArm('tuned', { test: 1 }), anArm('base', { test: 0.1 }))).toBe('reached');
  });

  it('of routing is read from the routing of the adapter', () => {
    const { arm: _arm, group: _group, ...rest } = recall;
    const figures = checkTargets([{ ...rest, routing: 'handedOver' }], {
      base: anArm('base', {}, { handedOver: 0 }),
      tuned: anArm('tuned', {}, { handedOver: 0.97 }),
    });
    expect(figures.map(({ value, standing: where }) => [value, where])).toEqual([[0.97, 'reached']]);
  });

  it('of a loss is the rate of the base less that of the adapter; a gain is no loss', () => {
    const target: Target = {
      ...{ id: 'loss', name: 'lost', difference: 'ability', target: 0.03, floor: 0.13, atMost: true },
    };
    const at = (rate: number) =>
      standing(target, anArm('tuned', { ability: rate }), anArm('base', { ability: 0.5 }));
    expect([0.6, 0.47, 0.4, 0.3].map(at)).toEqual(['reached', 'reached', 'above floor', 'below floor']);
    expect(standing(target, anArm('tuned', { ability: 0.5 }))).toBe('not measured');
  });
});

describe('the shipped targets', () => {
  it('have their floor on the easier side, at most 0.10 away', () => {
    const off = shipped.filter(({ target, floor, atMost }) => {
      const slack = atMost === true ? floor - target : target - floor;
      return slack < 0 || slack > 0.1 + 1e-9;
    });
    expect(off).toEqual([]);
  });

  it('are each measured once every arm was asked', () => {
    const groups = Object.fromEntries(
      shipped
        .flatMap(({ group, difference }) => [group, difference])
        .flatMap((name) => (name ? [[name, 0.5]] : [])),
    ) as Record<string, number>;
    const figures = checkTargets(shipped, { base: anArm('base', groups), tuned: anArm('tuned', groups) });
    expect(figures.filter((figure) => figure.standing === 'not measured')).toEqual([]);
  });

  it('are refused when their file has another shape', () => {
    expect(() => readTargets('{"schema":1,"targets":[]}')).toThrow();
    expect(() => readTargets('{"schema":2,"targets":[{}]}')).toThrow();
  });
});

describe('the table of the demo', () => {
  it('puts before, after and the target beside each other', () => {
    const arms = { base: anArm('base', { test: 0 }), tuned: anArm('tuned', { test: 0.98 }) };
    const [head, row] = describeTargets(checkTargets([recall], arms), arms);
    expect(head).toMatch(/base alone\s+with the adapter\s+target/);
    expect(row).toMatch(/^recall\s+0\.00 \(.*n = 100\)\s+0\.98 \(.*n = 100\)\s+>= 0\.95\s+reached$/);
  });

  it('leaves the place of the base empty where it was not asked', () => {
    const arms = { base: null, tuned: anArm('tuned', { test: 0.5 }) };
    expect(describeTargets(checkTargets([recall], arms), arms)[1]).toMatch(/^recall\s+0\.50 .*below floor$/);
  });
});
