import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export type Point = { readonly x: number; readonly y: number };

export type CurveProps = {
  readonly label: string;
  readonly points: readonly Point[];
  /** Steps of the whole run: the axis does not move while it runs. */
  readonly steps: number | null;
  readonly range: readonly [low: number, high: number] | null;
  readonly target: number | null;
  readonly isPercent: boolean;
  /** A curve of probes shows each of them. */
  readonly hasMarks: boolean;
  readonly hasAxis: boolean;
};

const height = 120;
const axisHeight = 28;
const labelWidth = 48;

/** One live curve over the whole run. */
export default function Curve(props: CurveProps) {
  const { label, points, steps, hasAxis } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return undefined;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(latest, parent), dataOf(latest.current), parent);
    };
    draw();
    const resized = new ResizeObserver(() => {
      plot.current?.setSize({ width: parent.clientWidth, height: heightOf(hasAxis) });
    });
    resized.observe(parent);
    // Colours are read once: another theme draws anew.
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    return () => {
      resized.disconnect();
      themed.disconnect();
      dark.removeEventListener('change', draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [hasAxis]);

  useEffect(() => {
    plot.current?.setData(dataOf(latest.current));
  }, [points, steps]);

  return <div ref={place} className="curve" role="img" aria-label={label} />;
}

const heightOf = (hasAxis: boolean): number => height + (hasAxis ? axisHeight : 0);

function dataOf({ points }: CurveProps): uPlot.AlignedData {
  return [points.map(({ x }) => x), points.map(({ y }) => y)];
}

function optionsOf(latest: { readonly current: CurveProps }, parent: HTMLElement): uPlot.Options {
  const { isPercent, hasMarks, hasAxis, target } = latest.current;
  const style = getComputedStyle(parent);
  const [stroke, grid, words] = [style.color, style.borderColor, style.outlineColor];
  const font = `12px ${style.fontFamily}`;
  return {
    width: parent.clientWidth,
    height: heightOf(hasAxis),
    // The same room at both sides, so that both curves have one x axis.
    padding: [8, 20, 4, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: () => [0, Math.max(1, latest.current.steps ?? 0, lastStep(latest.current))] },
      y: { range: (_plot, low, high) => yRange(latest.current.range, low, high) },
    },
    axes: [
      {
        show: hasAxis,
        stroke: words,
        font,
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        size: axisHeight,
      },
      {
        ...{
          stroke: words,
          font,
          grid: { stroke: grid, width: 1 },
          ticks: { show: false },
          size: labelWidth,
        },
        values: (_plot, splits) =>
          splits.map((value) =>
            isPercent ? `${Math.round(value * 100)} %` : value.toFixed(value < 1 ? 2 : 1),
          ),
        space: 36,
      },
    ],
    series: [{}, { stroke, width: 2, points: { show: hasMarks, size: 6, fill: stroke }, spanGaps: true }],
    hooks: { draw: [(plot) => drawTarget(plot, target, words)] },
  };
}

const lastStep = ({ points }: CurveProps): number => points.at(-1)?.x ?? 0;

/** A range that never collapses to nothing. */
function yRange(fixed: CurveProps['range'], low: number | null, high: number | null): [number, number] {
  if (fixed !== null) return [fixed[0], fixed[1]];
  return [0, Math.max(0.1, (high ?? low ?? 1) * 1.05)];
}

function drawTarget(plot: uPlot, target: number | null, colour: string): void {
  if (target === null) return;
  const y = plot.valToPos(target, 'y', true);
  const { left, width } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour;
  plot.ctx.lineWidth = devicePixelRatio;
  plot.ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(left, y);
  plot.ctx.lineTo(left + width, y);
  plot.ctx.stroke();
  plot.ctx.restore();
}
