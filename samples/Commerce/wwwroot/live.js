// The live view: draws the stream of events from the shop.

import { drawBars, drawColumns } from './charts.js';
import { announce, at, h } from './explorer/dom.js';
import { count, decimal, money, number, personal, shopTime, words } from './explorer/format.js';
import { link } from './explorer/route.js';
import { update } from './explorer/update.js';
import { figure, toWhy } from './explorer/why.js';

const dayName = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const dayShort = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const pounds = value => money(value);
const roughly = value => money(value, 'GBP', 'compact');

const MaxItems = 60;
let latest = null;
let isPaused = false;
let before = null;
let looks = 0;

function follow() {
  const source = new EventSource('/api/live');
  source.addEventListener('open', () => say('live', 'Live'));
  source.addEventListener('error', () => say('lost', 'Connection lost, trying again …'));
  source.addEventListener('dashboard', event => show(JSON.parse(event.data)));
  source.addEventListener('feed', event => add(JSON.parse(event.data)));
}

function say(state, text) {
  at('link').dataset.state = state;
  if (at('linkText').textContent !== text) at('linkText').textContent = text;
}

function show(view) {
  latest = view;
  looks += 1;
  const quiet = at('feed').querySelector('.empty');
  if (quiet && looks > 1) quiet.textContent = 'Nothing has happened yet.'; // Existing events follow the first update immediately.
  const { totals } = view;
  put('value', pounds(totals.value), ['sales-totals', 'all', 'value']);
  showLast(totals);
  put('invoices', number(totals.invoices), ['sales-totals', 'all', 'invoices']);
  at('lines').textContent = `${number(totals.lines)} lines, ${number(totals.units)} pieces`;
  put('cancelled', pounds(totals.cancelledValue), ['sales-totals', 'all', 'cancelledValue']);
  const gross = totals.value - totals.cancelledValue;
  at('share').textContent = gross > 0 ? `${decimal(-totals.cancelledValue / gross * 100)} % of what was sold` : ' ';
  at('customers').textContent = number(view.customers);
  at('perCustomer').textContent = view.customers ? `from ${number(view.countriesInAll)} ${view.countriesInAll === 1 ? 'country' : 'countries'}` : ' ';
  showEvents(view.events);
  showConsumers(view.consumers);
  draw();
}

/** Updates a figure that opens the panel when it is pressed. The element stays, so that it keeps the focus. */
function put(id, text, [model, key, member]) {
  const there = at(id).firstElementChild;
  if (there?.classList.contains('figure')) {
    if (there.textContent !== text) there.textContent = text;
  } else {
    at(id).replaceChildren(figure(text, model, key, member));
  }
}

/** Draws only changes, because a new element would close its tooltip. */
function showLast(totals) {
  if (!totals.lines) at('last').textContent = 'no sales yet';
  else if (at('last').querySelector('time')?.dateTime !== totals.last) at('last').replaceChildren('up to ', shopTime(totals.last), ', shop time');
}

function showEvents(events) {
  const now = performance.now();
  at('events').textContent = number(events);
  if (before) at('rate').textContent = `${number(Math.round((events - before.events) / Math.max(0.2, (now - before.now) / 1000)))} a second`;
  before = { events, now };
}

function draw() {
  if (!latest) return;
  const days = latest.days.map(day => ({ key: day.key, label: dayName.format(new Date(day.key)), value: day.value }));
  drawColumns(at('days'), days, {
    short: roughly,
    long: pounds,
    tick: (key, before) => (key.slice(0, 4) === before?.slice(0, 4) ? dayShort : dayName).format(new Date(key)),
    ticks: Math.max(2, Math.floor(at('days').clientWidth / 90)),
    least: 21,
    describe: describe('Sales by day', days),
    choose: key => toWhy('sales', `day/${key}`, 'value'),
    say: announce,
  });
  at('daysNote').textContent = days.length ? `${number(days.length)} ${days.length === 1 ? 'day' : 'days'}` : '';
  const sold = new Map(latest.hours.map(hour => [Number(hour.key), hour.value]));
  const hours = Array.from({ length: 24 }, (_, hour) => ({
    key: String(hour), label: `${String(hour).padStart(2, '0')}:00`, value: sold.get(hour) ?? 0,
  }));
  drawColumns(at('hours'), hours, {
    short: roughly,
    long: pounds,
    tick: key => key,
    ticks: Math.min(12, Math.floor(at('hours').clientWidth / 30)),
    describe: describe('Sales by hour of the day', hours),
    choose: key => toWhy('sales', `hour/${key.padStart(2, '0')}`, 'value'),
    say: announce,
  });
  drawBars(at('countries'), latest.countries.map(item => bar(item.key, item, 'country')), pounds);
  drawBars(at('products'), latest.products.map(item => bar(`${tidy(item.name)} · ${item.key}`, item, 'product')), pounds);
  drawBars(at('buyers'), latest.buyers.map(item => bar(personal(item.name ? `${item.label} · ${item.name}` : item.label), item, 'customer')), pounds);
}

const bar = (label, item, by) => ({ key: item.key, label, value: item.value, choose: () => toWhy('sales', `${by}/${item.key}`, 'value') });

function describe(what, values) {
  if (!values.length) return `${what}: nothing yet`;
  const best = values.reduce((most, item) => item.value > most.value ? item : most);
  return `${what}: ${values.length} values, the highest ${pounds(best.value)} for ${best.label}`;
}

/** Converts HANGING HEART HOLDER to Hanging heart holder. */
function tidy(name) {
  return name === name.toUpperCase() ? name.charAt(0) + name.slice(1).toLowerCase() : name;
}

function showConsumers(consumers) {
  const most = Math.max(0, ...consumers.map(consumer => consumer.lagEvents));
  at('lagNote').textContent = most ? `${count(most, 'event')} behind at most` : 'all up to date';
  update(at('consumers'), consumers.map(consumer => h('tr', { 'data-key': consumer.name },
    h('td', null, consumer.name.replace(/@\d+$/, '')),
    h('td', null, h('span', { class: `state ${consumer.state}` }, words(consumer.state))),
    h('td', { class: 'number' }, number(consumer.lagEvents)),
    h('td', { class: 'number' }, decimal(consumer.lagSeconds)))));
}

function add(items) {
  if (isPaused) return;
  const list = at('feed');
  const isFirst = list.querySelector('.empty') !== null;
  if (isFirst) list.replaceChildren();
  for (const item of items) {
    const row = h('li', { class: isFirst ? item.kind : `${item.kind} fresh` },
      item.order ? h('a', { href: link(['orders', item.order]) }, personal(item.text)) : h('span', null, personal(item.text)),
      h('span', { class: 'amount' }, item.value ?? ''),
      shopTime(item.occurredAt));
    list.prepend(row);
  }
  while (list.children.length > MaxItems) list.lastElementChild.remove();
}

/** Follows the shop while the page is open. */
export function startLive() {
  at('pause').addEventListener('click', () => {
    isPaused = !isPaused;
    at('pause').setAttribute('aria-pressed', String(isPaused));
    at('pause').textContent = isPaused ? 'Go on' : 'Pause';
  });
  new ResizeObserver(draw).observe(at('days'));
  follow();
}
