import type { StepPoint } from '../../contract/entities/run-detail.ts';

/** More than a chart can show. */
export const mostPoints = 2_000;

/** At most `most` points of a curve: the first, the last, and the lowest and highest loss of each stretch between. */
export function thinPoints(points: readonly StepPoint[], most: number = mostPoints): StepPoint[] {
  const [first] = points;
  const last = points.at(-1);
  if (points.length <= most || first === undefined || last === undefined) return [...points];
  const inner = points.slice(1, -1);
  const stretches = Math.floor((most - 2) / 2);
  const kept: StepPoint[] = [first];
  for (let index = 0; index < stretches; index += 1) {
    const from = Math.floor((index * inner.length) / stretches);
    const to = Math.floor(((index + 1) * inner.length) / stretches);
    const stretch = inner.slice(from, to);
    const low = extreme(stretch, (left, right) => left < right);
    const high = extreme(stretch, (left, right) => left > right);
    const pair = low === high ? [low] : [low, high];
    kept.push(...pair.filter((each) => each !== undefined).sort((left, right) => left.step - right.step));
  }
  return [...kept, last];
}

function extreme(
  points: readonly StepPoint[],
  isBetter: (left: number, right: number) => boolean,
): StepPoint | undefined {
  let best: StepPoint | undefined;
  for (const each of points) if (best === undefined || isBetter(each.loss, best.loss)) best = each;
  return best;
}
