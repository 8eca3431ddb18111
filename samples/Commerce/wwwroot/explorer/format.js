// Formats numbers, money and times for the browser's locale.

const whole = new Intl.NumberFormat();
const fraction = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const utc = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const utcShort = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const currencies = new Map();

/** Uses the minus sign: a hyphen is too short, and lines break after it. */
const signed = text => text.replace('-', '−');

export const number = value => signed(whole.format(value));
export const decimal = value => signed(fraction.format(value));

/** Formats a number with all its stored digits, including trailing zeros. */
export function exact(value) {
  if (typeof value === 'number') return signed(plain.format(value));
  const digits = /^-?\d+(?:\.(\d+))?$/.exec(value.text);
  if (!digits || digits[1]?.length > 20) return signed(value.text); // With an exponent, it is shown unchanged.
  const places = digits[1]?.length ?? 0;
  return signed(new Intl.NumberFormat(undefined, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value.text));
}

/** Formats a count: "1 event", "12 events". */
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

export function money(value, currency = 'GBP', notation = 'standard') {
  const key = `${currency} ${notation}`;
  if (!currencies.has(key)) {
    const options = { style: 'currency', currency, notation, ...(notation === 'compact' ? { maximumFractionDigits: 1 } : {}) };
    currencies.set(key, new Intl.NumberFormat(undefined, options));
  }
  return signed(currencies.get(key).format(value));
}

/** Formats a real time in the browser's time zone, with UTC in the tooltip. */
export function time(iso) {
  const moment = new Date(iso);
  const element = document.createElement('time');
  element.dateTime = iso;
  element.textContent = local.format(moment);
  element.title = `${utc.format(moment)} UTC`;
  return element;
}

const ShopTime = 'The shop’s own clock, in UTC. It runs faster than real time while customers are simulated. Older books keep their original times.';

/** Formats a time of the shop. */
export function shopTime(iso) {
  const element = document.createElement('time');
  element.dateTime = iso;
  element.textContent = utcShort.format(new Date(iso));
  element.title = ShopTime;
  return element;
}

/** Formats a duration: "3 s", "2 min". */
export function duration(seconds) {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `${decimal(Math.round(seconds))} s`;
  if (seconds < 5400) return `${decimal(Math.round(seconds / 60))} min`;
  return `${decimal(Math.round(seconds / 3600))} h`;
}

/** Formats the time since a moment: "2 minutes ago". */
export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  const [unit, length] = [['day', 86400], ['hour', 3600], ['minute', 60]].find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return relative.format(Math.round(seconds / length), unit);
}

const Erased = '[erased]';

/** Returns whether personal data was erased: the server then sends this text. */
export const isErased = text => text === Erased;

/** Shows erased personal data in a text as the word "erased". */
export const personal = text => text.replaceAll(Erased, 'erased');

/** Converts catchingUp to "catching up"; order.item-added stays. */
export const words = name => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
