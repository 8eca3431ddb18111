// Numbers, money and times in the reader's own manner.

const whole = new Intl.NumberFormat();
const fraction = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const utc = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
const utcShort = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const currencies = new Map();

/** With the sign for minus: a hyphen is too short, and lines break after it. */
const signed = text => text.replace('-', '−');

export const number = value => signed(whole.format(value));
export const decimal = value => signed(fraction.format(value));

/** A number as exact as it is: with every digit that was written, those behind the point as well. */
export function exact(value) {
  if (typeof value === 'number') return signed(plain.format(value));
  const digits = /^-?\d+(?:\.(\d+))?$/.exec(value.text);
  if (!digits || digits[1]?.length > 20) return signed(value.text); // In powers of ten, it is shown as it stands.
  const places = digits[1]?.length ?? 0;
  return signed(new Intl.NumberFormat(undefined, { minimumFractionDigits: places, maximumFractionDigits: places }).format(value.text));
}

/** So many of something: "1 event", "12 events". */
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

export function money(value, currency = 'GBP', notation = 'standard') {
  const key = `${currency} ${notation}`;
  if (!currencies.has(key)) {
    const options = { style: 'currency', currency, notation, ...(notation === 'compact' ? { maximumFractionDigits: 1 } : {}) };
    currencies.set(key, new Intl.NumberFormat(undefined, options));
  }
  return signed(currencies.get(key).format(value));
}

/** A moment of the world: in the reader's zone, with UTC in the tooltip. */
export function time(iso) {
  const moment = new Date(iso);
  const element = document.createElement('time');
  element.dateTime = iso;
  element.textContent = local.format(moment);
  element.title = `${utc.format(moment)} UTC`;
  return element;
}

const ShopTime = 'The shop’s own clock, in UTC. It runs faster than the world’s while customers are simulated, and shows a year of older books as it was then.';

/** A moment of the shop. */
export function shopTime(iso) {
  const element = document.createElement('time');
  element.dateTime = iso;
  element.textContent = utcShort.format(new Date(iso));
  element.title = ShopTime;
  return element;
}

/** How long: "3 s", "2 min". */
export function duration(seconds) {
  if (seconds < 1) return 'less than a second';
  if (seconds < 90) return `${decimal(Math.round(seconds))} s`;
  if (seconds < 5400) return `${decimal(Math.round(seconds / 60))} min`;
  return `${decimal(Math.round(seconds / 3600))} h`;
}

/** How long ago: "2 minutes ago". */
export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  const [unit, length] = [['day', 86400], ['hour', 3600], ['minute', 60]].find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return relative.format(Math.round(seconds / length), unit);
}

/** catchingUp → catching up; order.item-added stays. */
export const words = name => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
