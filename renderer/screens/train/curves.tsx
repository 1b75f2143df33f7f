import { lazy, Suspense, useMemo, useState } from 'react';
import type { ProbePoint, StepPoint } from '../../../electron/contract/entities/run-detail.ts';
import { Button } from '../../components/button.tsx';
import { text } from '../../text/en.ts';
import { decimal, number } from '../../text/format.ts';
import { lossPoints, lossSentence, recallPoints, recallSentence } from './plot.ts';

const Curve = lazy(() => import('../../components/curve.tsx'));

export type CurvesProps = {
  readonly points: readonly StepPoint[];
  readonly probes: readonly ProbePoint[];
  readonly steps: number | null;
};

/** Share of held-out questions that a training aims at. */
export const recallTarget = 0.95;

/** Recall over error, one x axis, the whole run in view; or both as a table. */
export function Curves({ points, probes, steps }: CurvesProps) {
  const [isTable, setIsTable] = useState(false);
  const recall = useMemo(() => recallPoints(probes), [probes]);
  const loss = useMemo(() => lossPoints(points), [points]);
  const probe = probes.at(-1);
  const point = points.at(-1);
  const { train } = text;
  return (
    <section className="curves">
      <div className="curve-head">
        <h2>
          {train.recall}{' '}
          <span className="curve-value">
            {probe === undefined ? '' : train.recallNow(probe.right, probe.asked)}
          </span>
        </h2>
        <span className="meta">{train.target(recallTarget)}</span>
        <div className="line-end">
          <Button kind="quiet" onPress={() => setIsTable(!isTable)}>
            {isTable ? train.chart : train.table}
          </Button>
        </div>
      </div>
      {isTable ? (
        <PointTable points={points} probes={probes} />
      ) : (
        <Suspense fallback={<div className="curve-space" />}>
          <div className="curve-place curve-recall">
            {recall.length === 0 && <p className="curve-none">{train.noProbes}</p>}
            <Curve
              label={recallSentence(probes)}
              points={recall}
              steps={steps}
              range={[0, 1]}
              target={recallTarget}
              isPercent
              hasMarks
              hasAxis={false}
            />
          </div>
          <div className="curve-head">
            <h2>
              {train.loss}{' '}
              <span className="curve-value">{point === undefined ? '' : decimal(point.loss)}</span>
            </h2>
            <span className="meta">{train.lossMeaning}</span>
          </div>
          <div className="curve-place curve-loss">
            {loss.length === 0 && <p className="curve-none">{train.noPoints}</p>}
            <Curve
              label={lossSentence(points)}
              points={loss}
              steps={steps}
              range={null}
              target={null}
              isPercent={false}
              hasMarks={false}
              hasAxis
            />
          </div>
        </Suspense>
      )}
    </section>
  );
}

const tableRows = 200;

/** The same numbers as a table: every probe, and at most 200 steps. */
function PointTable({ points, probes }: Omit<CurvesProps, 'steps'>) {
  const { columns } = text.train;
  const every = Math.max(1, Math.ceil(points.length / tableRows));
  const probed = new Map(probes.map((probe) => [probe.step, probe]));
  const shown = points.filter(
    ({ step }, index) => index % every === 0 || index === points.length - 1 || probed.has(step),
  );
  const loose = probes.filter(({ step }) => !points.some((point) => point.step === step));
  const rows = [
    ...shown.map((point) => ({ ...point, probe: probed.get(point.step) })),
    ...loose.map((probe) => ({ step: probe.step, loss: null, tokensPerSecond: null, probe })),
  ].sort((a, b) => a.step - b.step);
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={text.train.charts}>
      <table className="data-table">
        <thead>
          <tr>
            <th className="number">{columns.step}</th>
            <th className="number">{columns.loss}</th>
            <th className="number">{columns.speed}</th>
            <th className="number">{columns.right}</th>
            <th className="number">{columns.asked}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ step, loss, tokensPerSecond, probe }) => (
            <tr key={step}>
              <td className="number">{number(step)}</td>
              <td className="number">{loss === null ? '' : decimal(loss, 3)}</td>
              <td className="number">{tokensPerSecond === null ? '' : number(tokensPerSecond)}</td>
              <td className="number">{probe === undefined ? '' : number(probe.right)}</td>
              <td className="number">{probe === undefined ? '' : number(probe.asked)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
