import type { ArmName, Rate } from '../../../electron/contract/entities/evaluation.ts';
import type { EvaluationReport } from '../../../electron/contract/entities/report.ts';
import { text } from '../../text/en.ts';

export type ArmsProps = { readonly arms: EvaluationReport['arms'] };

const shownAlways: readonly ArmName[] = ['base', 'prompt', 'tuned', 'both'];
const shownIfAsked: readonly ArmName[] = ['served', 'standalone'];

/** Every way of asking with its share of right answers and the range it likely lies in. */
export function Arms({ arms }: ArmsProps) {
  const found = new Map(arms.map(({ arm, recall }) => [arm, recall]));
  const names = [...shownAlways, ...shownIfAsked.filter((arm) => found.has(arm))];
  return (
    <ul className="arms">
      {names.map((arm) => (
        <Arm key={arm} arm={arm} recall={found.get(arm) ?? null} />
      ))}
    </ul>
  );
}

function Arm({ arm, recall }: { readonly arm: ArmName; readonly recall: Rate | null }) {
  const words = text.report;
  const name = words.armNames[arm];
  return (
    <li className={`arm arm-${arm}`}>
      <span className="arm-name" title={words.armMeanings[arm]}>
        {name}
      </span>
      {recall === null || recall.n === 0 ? (
        <span className="muted arm-none">{words.notAsked}</span>
      ) : (
        <>
          <span className="arm-count">{words.rightOf(recall)}</span>
          <span className="arm-share">{words.share(recall)}</span>
          <Interval name={name} arm={arm} recall={recall} />
        </>
      )}
    </li>
  );
}

const markers: Readonly<Record<ArmName, 'circle' | 'square' | 'diamond'>> = {
  ...{ base: 'square', prompt: 'diamond', tuned: 'circle', both: 'circle' },
  ...{ served: 'diamond', standalone: 'square' },
};

const [width, height] = [240, 20];
const inset = 8;

/** The likely range as a line, the share as its marker, on a scale from 0 to 100 %. */
function Interval({
  name,
  arm,
  recall,
}: {
  readonly name: string;
  readonly arm: ArmName;
  readonly recall: Rate;
}) {
  const at = (share: number) => inset + share * (width - 2 * inset);
  const [x, y] = [at(recall.right / recall.n), height / 2];
  const marker = markers[arm];
  return (
    <svg
      className="interval"
      preserveAspectRatio="xMinYMid"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={text.report.interval(name, recall)}
    >
      <line className="interval-scale" x1={at(0)} x2={at(1)} y1={y} y2={y} />
      <line className="interval-scale" x1={at(1)} x2={at(1)} y1={2} y2={height - 2} />
      <line className="interval-scale" x1={at(0)} x2={at(0)} y1={2} y2={height - 2} />
      <line className="interval-range" x1={at(recall.low)} x2={at(recall.high)} y1={y} y2={y} />
      {marker === 'circle' && <circle className="interval-mark" cx={x} cy={y} r={5} />}
      {marker === 'square' && <rect className="interval-mark" x={x - 4.5} y={y - 4.5} width={9} height={9} />}
      {marker === 'diamond' && (
        <path className="interval-mark" d={`M${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}L${x - 6} ${y}Z`} />
      )}
    </svg>
  );
}
