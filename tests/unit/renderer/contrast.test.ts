import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../renderer/styles/tokens.css', import.meta.url), 'utf8');
const themes = ['light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** Every colour of tokens.css: `--name: light-dark(#..., #...)`. */
const colours = new Map(
  [...css.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
);

function colour(name: string, theme: Theme): string {
  const found = colours.get(name);
  if (found === undefined) throw new Error(`tokens.css has no colour --${name}`);
  return found[theme];
}

function channels(hex: string): readonly [number, number, number] {
  const linear = (from: number) => {
    const share = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return [linear(1), linear(3), linear(5)];
}

/** Contrast as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red, green, blue] = channels(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

const grounds = ['canvas', 'surface', 'sunken'];
const chips = ['pending', 'prompt', 'learned', 'weak', 'retired', 'conflict', 'danger'];

describe.each(themes)('colours of the %s theme', (theme) => {
  const worst = (name: string, on: readonly string[]) =>
    Math.min(...on.map((ground) => contrast(colour(name, theme), colour(ground, theme))));

  it.each(['text', 'muted', 'accent'])('%s can be read on every ground', (name) => {
    expect(worst(name, grounds)).toBeGreaterThanOrEqual(4.5);
  });

  it('a border of a control can be seen on every ground', () => {
    expect(worst('control', grounds)).toBeGreaterThanOrEqual(3);
  });

  it.each(chips)('%s can be read on its soft ground', (name) => {
    expect(worst(name, [`${name}-soft`])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['danger', 'weak', 'pending'])('%s can be read as text on the page', (name) => {
    expect(worst(name, ['canvas', 'surface'])).toBeGreaterThanOrEqual(4.5);
  });

  it('words on filled buttons can be read', () => {
    expect(worst('on-accent', ['accent'])).toBeGreaterThanOrEqual(4.5);
    expect(worst('on-danger', ['danger'])).toBeGreaterThanOrEqual(4.5);
  });

  it('accent words can be read on the soft accent', () => {
    expect(worst('accent', ['accent-soft'])).toBeGreaterThanOrEqual(4.5);
    expect(worst('text', ['accent-soft'])).toBeGreaterThanOrEqual(4.5);
    expect(worst('muted', ['accent-soft'])).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['arm-base', 'arm-prompt', 'arm-tuned', 'arm-both'])('%s can be read on every ground', (name) => {
    expect(worst(name, grounds)).toBeGreaterThanOrEqual(4.5);
  });

  it('figures in heat cells can be read', () => {
    expect(worst('text', ['heat-0', 'heat-1', 'heat-2'])).toBeGreaterThanOrEqual(4.5);
    expect(worst('on-accent', ['heat-3', 'heat-4'])).toBeGreaterThanOrEqual(4.5);
  });
});

describe('the sums themselves', () => {
  it('give the ratios that are known', () => {
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it('read every colour of the file', () => {
    expect(colours.size).toBe([...css.matchAll(/light-dark\(/g)].length);
    expect(colours.size).toBe(34);
  });
});

describe('colours of the four arms', () => {
  /** Viénot, Brettel and Mollon 1999 for the first two, Brettel's plane for the third; on linear channels. */
  const blindness = {
    protanopia: [
      [0.11238, 0.88762, 0],
      [0.11238, 0.88762, 0],
      [0.00401, -0.00401, 1],
    ],
    deuteranopia: [
      [0.29275, 0.70725, 0],
      [0.29275, 0.70725, 0],
      [-0.02234, 0.02234, 1],
    ],
    tritanopia: [
      [1.01595, 0.1351, -0.15105],
      [-0.01542, 0.8685, 0.14692],
      [0.10023, 0.8167, 0.08307],
    ],
  } as const;

  function lab(rgb: readonly number[]): readonly number[] {
    const [red = 0, green = 0, blue = 0] = rgb;
    const x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047;
    const y = 0.2126729 * red + 0.7151522 * green + 0.072175 * blue;
    const z = (0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883;
    const [fx = 0, fy = 0, fz = 0] = [x, y, z].map((t) =>
      t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116,
    );
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
  }

  const arms = ['arm-base', 'arm-prompt', 'arm-tuned', 'arm-both'];
  const pairs = arms.flatMap((one, index) => arms.slice(index + 1).map((other) => [one, other] as const));

  it.each(themes)('stay apart for colour-blind readers in the %s theme', (theme) => {
    const distances = Object.values(blindness).flatMap((matrix) =>
      pairs.map(([one, other]) => {
        const seen = (name: string) => {
          const rgb = channels(colour(name, theme));
          return lab(
            matrix.map((row) =>
              Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])),
            ),
          );
        };
        const [a, b] = [seen(one), seen(other)];
        return Math.hypot(...a.map((value, index) => value - (b[index] ?? 0)));
      }),
    );
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(29);
  });
});
