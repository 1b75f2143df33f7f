/** The demo's targets and floors (tests/model/targets.json) beside what was measured. */
import { z } from 'zod';
import type { ArmResult, Rate } from '../../contract/entities/evaluation.ts';
import { share } from './words.ts';

const target = z.object({
  id: z.string(),
  name: z.string(),
  arm: z.enum(['base', 'tuned']).optional(),
  group: z.string().optional(),
  routing: z.enum(['handedOver', 'wronglyHandedOver']).optional(),
  /** A group whose rate in the tuned arm is taken from that of the base. */
  difference: z.string().optional(),
  target: z.number(),
  floor: z.number(),
  atMost: z.boolean().optional(),
});
export type Target = z.infer<typeof target>;

/** `not measured` where the arm was not asked or the group is empty. */
export type Standing = 'reached' | 'above floor' | 'below floor' | 'not measured';
export type Figure = Target & {
  readonly measured: Rate | null;
  readonly value: number | null;
  readonly standing: Standing;
};
export type Arms = { readonly base: ArmResult | null; readonly tuned: ArmResult };

/** Parses the file of targets. */
export function readTargets(text: string): readonly Target[] {
  return z.object({ schema: z.literal(1), targets: z.array(target).min(1) }).parse(JSON.parse(text)).targets;
}

/** Each target with its measured rate and where it stands. */
export function checkTargets(targets: readonly Target[], arms: Arms): Figure[] {
  return targets.map((each) => {
    const measured = rateOf(each, arms);
    const value = each.difference === undefined ? (measured?.rate ?? null) : lossOf(each.difference, arms);
    return { ...each, measured, value, standing: standingOf(each, value) };
  });
}

/** A table for people: before, after, target. */
export function describeTargets(figures: readonly Figure[], arms: Arms): string[] {
  const rows = figures.map((figure) => {
    const before = figure.group === undefined ? undefined : arms.base?.groups[figure.group];
    const after = figure.arm === 'base' ? undefined : figure.measured;
    const wanted = `${figure.atMost === true ? '<=' : '>='} ${figure.target.toFixed(2)}`;
    const value = figure.difference === undefined ? (after ? share(after) : '') : formatValue(figure.value);
    return [figure.name, before === undefined ? '' : share(before), value, wanted, figure.standing];
  });
  const head = ['', 'base alone', 'with the adapter', 'target', ''];
  const widths = head.map((_title, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function rateOf(each: Target, { base, tuned }: Arms): Rate | null {
  const arm = each.arm === 'base' ? base : tuned;
  if (arm === null) return null;
  if (each.routing !== undefined) return arm.routing[each.routing];
  const group = each.difference ?? each.group;
  return (group === undefined ? undefined : arm.groups[group]) ?? null;
}

function lossOf(group: string, { base, tuned }: Arms): number | null {
  const before = base?.groups[group]?.rate ?? null;
  const after = tuned.groups[group]?.rate ?? null;
  return before === null || after === null ? null : before - after;
}

function standingOf({ target: wanted, floor, atMost }: Target, value: number | null): Standing {
  if (value === null) return 'not measured';
  const reaches = (limit: number): boolean =>
    atMost === true ? value <= limit + 1e-9 : value >= limit - 1e-9;
  return reaches(wanted) ? 'reached' : reaches(floor) ? 'above floor' : 'below floor';
}

function formatValue(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
