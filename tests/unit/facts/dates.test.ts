import { describe, expect, it } from 'vitest';
import { compareDates, dayOf, hasEnded, holdsOn, isRealDate } from '../../../electron/core/facts/dates.ts';

describe('dates', () => {
  it.each(['2024', '2024-02', '2024-02-29', '2000-02-29', '1999-12-31', '0099-01-31'])('knows %s', (text) => {
    expect(isRealDate(text)).toBe(true);
  });
  it.each([
    '2023-02-29',
    '2023-02-30',
    '1900-02-29',
    '2023-13',
    '2023-00',
    '2023-04-31',
    '2023-1-1',
    '23',
    '2023-01-01T00:00',
    '',
    ' 2023',
    '2023-01-00',
  ])('refuses "%s"', (text) => {
    expect(isRealDate(text)).toBe(false);
  });
  it('compares at the coarser precision', () => {
    expect(compareDates('2019', '2019-05')).toBe(0);
    expect(compareDates('2019-04-30', '2019-05')).toBe(-1);
    expect(compareDates('2020', '2019-12-31')).toBe(1);
  });
  it('ends a fact on its last day, whatever the precision', () => {
    expect(hasEnded({ validTo: '2026-06-15' }, '2026-06-15')).toBe(true);
    expect(hasEnded({ validTo: '2026-06-16' }, '2026-06-15')).toBe(false);
    expect(hasEnded({ validTo: '2025' }, '2026-06-15')).toBe(true);
    expect(hasEnded({ validTo: null }, '2026-06-15')).toBe(false);
  });
  it('holds from its first day on', () => {
    expect(holdsOn({ validFrom: '2026-06-16', validTo: null }, '2026-06-15')).toBe(false);
    expect(holdsOn({ validFrom: '2026-06', validTo: '2030' }, '2026-06-15')).toBe(true);
  });
  it('takes the day of the local time zone', () => {
    expect(dayOf(new Date(2026, 0, 5, 23, 59).getTime())).toBe('2026-01-05');
  });
});
