import { describe, expect, it } from 'vitest';
import {
  bytes,
  count,
  duration,
  list,
  number,
  partialDate,
  percent,
  shortDay,
  timeRange,
  today,
} from '../../../renderer/text/format.ts';

describe('numbers on the page', () => {
  it('say what is not known, never NaN', () => {
    expect([number(null), number(Number.NaN), bytes(undefined), duration(Number.POSITIVE_INFINITY)]).toEqual(
      Array(4).fill('unknown'),
    );
    expect(percent(0, 0)).toBe('unknown');
  });

  it('carry the form of the word that fits', () => {
    expect([count(1, 'fact'), count(0, 'fact'), count(1420, 'fact')]).toEqual([
      '1 fact',
      '0 facts',
      '1,420 facts',
    ]);
  });

  it('give sizes with one place above a gigabyte', () => {
    expect([bytes(6_240_000_000), bytes(98_362_432), bytes(12)]).toEqual(['6.2 GB', '98 MB', '12 bytes']);
  });

  it('give times a person can plan with', () => {
    expect([duration(0.2), duration(40), duration(200), duration(4800), duration(7200)]).toEqual([
      '1 s',
      '40 s',
      '3 min',
      '1 h 20 min',
      '2 h',
    ]);
    expect([timeRange(120, 300), timeRange(40, 120), timeRange(180, 180), timeRange(3000, 4800)]).toEqual([
      '2-5 min',
      '40 s - 2 min',
      '3 min',
      '50 min - 1 h 20 min',
    ]);
  });

  it('give dates at their own precision, whatever the zone', () => {
    expect([partialDate('2021'), partialDate('2021-11'), partialDate('2021-11-03')]).toEqual([
      '2021',
      'Nov 2021',
      '3 Nov 2021',
    ]);
    expect(shortDay(Date.UTC(2022, 5, 14, 12), Date.UTC(2026, 1, 1))).toBe('14 Jun 2022');
    expect(today(new Date(2026, 0, 5))).toBe('2026-01-05');
  });

  it('join names', () => {
    expect(list(['Luna', 'Rex', 'Kim'])).toBe('Luna, Rex and Kim');
  });
});
