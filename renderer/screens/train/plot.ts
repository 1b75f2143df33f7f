/** What the curves draw: points thinned to what a screen can show, and the sentence that stands for each. */
import type { ProbePoint, StepPoint } from '../../../electron/contract/entities/run-detail.ts';
import type { Point } from '../../components/curve.tsx';
import { text } from '../../text/en.ts';

/** More points than this are thinned. */
export const pointLimit = 2000;

/** At most about `limit` points: of each stretch its lowest and its highest, in their order. */
export function thin(points: readonly Point[], limit = pointLimit): readonly Point[] {
  if (points.length <= limit) return points;
  const stretches = Math.floor(limit / 2);
  const thinned: Point[] = [];
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * points.length) / stretches);
    const to = Math.floor(((stretch + 1) * points.length) / stretches);
    let low: Point | undefined;
    let high: Point | undefined;
    for (const point of points.slice(from, to)) {
      if (low === undefined || point.y < low.y) low = point;
      if (high === undefined || point.y > high.y) high = point;
    }
    if (low === undefined || high === undefined) continue;
    if (low === high) thinned.push(low);
    else thinned.push(...(low.x < high.x ? [low, high] : [high, low]));
  }
  return thinned;
}

/** Share of right answers at each probe. */
export function recallPoints(probes: readonly ProbePoint[]): readonly Point[] {
  return probes
    .filter(({ asked }) => asked > 0)
    .map(({ step, right, asked }) => ({ x: step, y: right / asked }));
}

/** Loss at each step, thinned; what is no number is left out. */
export function lossPoints(points: readonly StepPoint[]): readonly Point[] {
  return thin(
    points.filter(({ loss }) => Number.isFinite(loss)).map(({ step, loss }) => ({ x: step, y: loss })),
  );
}

/** The recall curve in a sentence. */
export function recallSentence(probes: readonly ProbePoint[]): string {
  const last = probes.at(-1);
  const first = probes[0];
  if (last === undefined || first === undefined) return text.train.noProbes;
  return text.train.recallSentence(
    last.right,
    last.asked,
    last.step,
    first.asked > 0 ? first.right / first.asked : 0,
  );
}

/** The loss curve in a sentence. */
export function lossSentence(points: readonly StepPoint[]): string {
  const last = points.at(-1);
  const first = points[0];
  if (last === undefined || first === undefined) return text.train.noPoints;
  return text.train.lossSentence(first.loss, last.loss, last.step);
}
