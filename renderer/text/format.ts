/** Numbers, dates, sizes and plurals as the page says them; all through Intl, always in English. */
const locale = 'en-GB';

const integers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const plurals = new Intl.PluralRules(locale);
const days = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
const shortDays = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const months = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' });
const exactDays = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const clockTimes = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const lists = new Intl.ListFormat(locale, { type: 'conjunction' });

/** "1,420"; what is not known is said, never NaN. */
export function number(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value)
    ? 'unknown'
    : integers.format(value);
}

/** "0.21": a fixed number of places. */
export function decimal(value: number | null | undefined, places = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return 'unknown';
  return value.toFixed(places);
}

/** "1 fact", "4 facts": the number with the form of the word that fits. */
export function count(value: number, one: string, other = `${one}s`): string {
  return `${number(value)} ${plurals.select(value) === 'one' ? one : other}`;
}

/** The form of a word alone: "is" or "are". */
export function plural(value: number, one: string, other: string): string {
  return plurals.select(value) === 'one' ? one : other;
}

/** "96 %"; nothing was asked: "unknown". */
export function percent(part: number, whole: number): string {
  return whole > 0 ? `${number((100 * part) / whole)} %` : 'unknown';
}

/** "6.2 GB", "98 MB". */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return 'unknown';
  if (value >= 1e9) return `${tenths.format(value / 1e9)} GB`;
  if (value >= 1e6) return `${integers.format(value / 1e6)} MB`;
  return value >= 1000 ? `${integers.format(value / 1000)} kB` : `${integers.format(value)} bytes`;
}

/** "21 Nov 2026", of a moment. */
export function day(at: number): string {
  return days.format(at);
}

/** "21 Nov" within the year of `now`, else with its year. */
export function shortDay(at: number, now = Date.now()): string {
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return isThisYear ? shortDays.format(at) : days.format(at);
}

/** "14:05". */
export function clockTime(at: number): string {
  return clockTimes.format(at);
}

/** A date at its own precision: "2021", "Nov 2021", "3 Nov 2021". */
export function partialDate(date: string): string {
  const [year, month, dayOfMonth] = date.split('-');
  if (year === undefined || month === undefined) return date;
  if (dayOfMonth === undefined) return months.format(Date.parse(`${date}-01T00:00:00Z`));
  return exactDays.format(Date.parse(`${date}T00:00:00Z`));
}

/** Today as facts are dated: "2026-11-21" in the reader's time. */
export function today(now = new Date()): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** "about 3 min", "about 40 s", "about 2 h". */
export function about(seconds: number): string {
  return `about ${duration(seconds)}`;
}

/** "40 s", "3 min", "1 h 20 min". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return 'unknown';
  if (seconds < 60) return `${number(Math.max(1, Math.round(seconds)))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${number(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${number(hours)} h` : `${number(hours)} h ${number(minutes % 60)} min`;
}

/** "2-5 min", "40 s - 2 min": what may well be less or more. */
export function timeRange(low: number, high: number): string {
  const [from, to] = [duration(low), duration(high)];
  if (from === to) return to;
  const [fromNumber, fromUnit] = from.split(' ');
  const [, toUnit, toMore] = to.split(' ');
  return fromUnit === toUnit && toMore === undefined && from.split(' ').length === 2
    ? `${fromNumber}-${to}`
    : `${from} - ${to}`;
}

/** "Luna, Rex and Kim". */
export function list(items: readonly string[]): string {
  return lists.format(items);
}
