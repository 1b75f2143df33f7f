/**
 * Dates as ISO text at their own precision (`YYYY`, `YYYY-MM`, `YYYY-MM-DD`).
 * Two dates are compared at the coarser precision of the two: 2019 and 2019-05 are the same.
 */

/** True for an existing date in one of the three forms; 2023-02-30 is none. */
export function isRealDate(text: string): boolean {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/u.exec(text);
  if (match === null) return false;
  const [, year = '', month, day] = match;
  if (month === undefined) return true;
  const monthNumber = Number(month);
  if (monthNumber < 1 || monthNumber > 12) return false;
  if (day === undefined) return true;
  // Day 0 of the following month is the last day of this one; 2000 stands in for the years before 100.
  const fullYear = Number(year) < 100 ? 2000 : Number(year);
  return Number(day) >= 1 && Number(day) <= new Date(Date.UTC(fullYear, monthNumber, 0)).getUTCDate();
}

/** Negative, zero or positive as `first` lies before, within or after `second`. */
export function compareDates(first: string, second: string): number {
  const length = Math.min(first.length, second.length);
  const a = first.slice(0, length);
  const b = second.slice(0, length);
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The day of a moment in the local time zone. */
export function dayOf(timeMs: number): string {
  const date = new Date(timeMs);
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  return `${pad(date.getFullYear(), 4)}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)}`;
}

/** True when something with these dates holds on `today`: begun, and not ended on or before that day. */
export function holdsOn(
  dates: { readonly validFrom: string | null; readonly validTo: string | null },
  today: string,
): boolean {
  const begun = dates.validFrom === null || compareDates(dates.validFrom, today) <= 0;
  return begun && !hasEnded(dates, today);
}

/** True when the end date is today or before it. */
export function hasEnded(dates: { readonly validTo: string | null }, today: string): boolean {
  return dates.validTo !== null && compareDates(dates.validTo, today) <= 0;
}
