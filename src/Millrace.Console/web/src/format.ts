// Numbers, times and words for people.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const fraction = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const compactFormat = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const utc = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'narrow' });

export const number = (value: number): string => whole.format(value);
export const decimal = (value: number): string => fraction.format(value);
export const compact = (value: number): string => (Math.abs(value) < 10_000 ? whole.format(value) : compactFormat.format(value));

/** Formats a count: 1 event, 12 events. */
export const count = (value: number, one: string, many = `${one}s`): string => `${number(value)} ${value === 1 ? one : many}`;

export const localTime = (iso: string): string => local.format(new Date(iso));
export const utcTime = (iso: string): string => `${utc.format(new Date(iso))} UTC`;

/** Formats the time of day, with the date if it is not today. */
export function shortTime(iso: string): string {
  const moment = new Date(iso);
  return moment.toDateString() === new Date().toDateString() ? clock.format(moment) : local.format(moment);
}

export function ago(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1_000;
  const units: [Intl.RelativeTimeFormatUnit, number][] = [['day', 86_400], ['hour', 3_600], ['minute', 60]];
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return Math.abs(seconds) < 2 ? 'now' : relative.format(Math.round(seconds / length), unit);
}

export function duration(seconds: number): string {
  if (seconds < 1) return '<1 s';
  if (seconds < 90) return `${whole.format(seconds)} s`;
  if (seconds < 5_400) return `${whole.format(seconds / 60)} min`;
  if (seconds < 172_800) return `${whole.format(seconds / 3_600)} h`;
  return `${whole.format(seconds / 86_400)} d`;
}

export function bytes(value: number): string {
  if (value < 1_024) return `${value} B`;
  if (value < 1_048_576) return `${fraction.format(value / 1_024)} KiB`;
  return `${fraction.format(value / 1_048_576)} MiB`;
}

/** Converts catchingUp to catching up. */
export const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
