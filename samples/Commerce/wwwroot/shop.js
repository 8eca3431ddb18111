// The live page: one stream of events from the shop, drawn as it comes.

import { drawBars, drawColumns, showTips } from './charts.js';

const at = id => document.getElementById(id);
const whole = new Intl.NumberFormat('en-GB');
const exact = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });
const compact = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP', notation: 'compact', maximumFractionDigits: 1 });
const dayName = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const dayShort = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const moment = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

// With the sign for minus, as the feed has it: a hyphen is too short, and lines break after it.
const pounds = { format: value => exact.format(value).replace('-', '−') };
const roughly = { format: value => compact.format(value).replace('-', '−') };

const MostItems = 60;
let latest = null;
let isPaused = false;
let before = null;

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
  const { totals } = view;
  at('value').textContent = pounds.format(totals.value);
  at('last').textContent = totals.lines ? `up to ${moment.format(new Date(totals.last))}, shop time` : 'no sales yet';
  at('invoices').textContent = whole.format(totals.invoices);
  at('lines').textContent = `${whole.format(totals.lines)} lines, ${whole.format(totals.units)} pieces`;
  at('cancelled').textContent = pounds.format(totals.cancelledValue);
  const gross = totals.value - totals.cancelledValue;
  at('share').textContent = gross > 0 ? `${(-totals.cancelledValue / gross * 100).toFixed(1)} % of what was sold` : ' ';
  at('customers').textContent = whole.format(view.customers);
  at('perCustomer').textContent = view.customers ? `from ${whole.format(view.countriesInAll)} ${view.countriesInAll === 1 ? 'country' : 'countries'}` : ' ';
  showEvents(view.events);
  showConsumers(view.consumers);
  draw();
}

function showEvents(events) {
  const now = performance.now();
  at('events').textContent = whole.format(events);
  if (before) at('rate').textContent = `${whole.format(Math.round((events - before.events) / Math.max(0.2, (now - before.now) / 1000)))} a second`;
  before = { events, now };
}

function draw() {
  if (!latest) return;
  const days = latest.days.map(day => ({ key: day.key, label: dayName.format(new Date(day.key)), value: day.value }));
  drawColumns(at('days'), days, {
    short: value => roughly.format(value),
    long: value => pounds.format(value),
    tick: (key, before) => (key.slice(0, 4) === before?.slice(0, 4) ? dayShort : dayName).format(new Date(key)),
    ticks: Math.max(2, Math.floor(at('days').clientWidth / 90)),
    least: 21,
    describe: describe('Sales by day', days),
  });
  at('daysNote').textContent = days.length ? `${whole.format(days.length)} ${days.length === 1 ? 'day' : 'days'}` : '';
  const sold = new Map(latest.hours.map(hour => [Number(hour.key), hour.value]));
  const hours = Array.from({ length: 24 }, (_, hour) => ({
    key: String(hour), label: `${String(hour).padStart(2, '0')}:00`, value: sold.get(hour) ?? 0,
  }));
  drawColumns(at('hours'), hours, {
    short: value => roughly.format(value),
    long: value => pounds.format(value),
    tick: key => key,
    ticks: Math.min(12, Math.floor(at('hours').clientWidth / 30)),
    describe: describe('Sales by hour of the day', hours),
  });
  drawBars(at('countries'), latest.countries.map(item => ({ label: item.key, value: item.value })), value => pounds.format(value));
  drawBars(at('products'), latest.products.map(item => ({ label: `${tidy(item.name)} · ${item.key}`, value: item.value })), value => pounds.format(value));
}

function describe(what, values) {
  if (!values.length) return `${what}: nothing yet`;
  const best = values.reduce((most, item) => item.value > most.value ? item : most);
  return `${what}: ${values.length} values, the highest ${pounds.format(best.value)} for ${best.label}`;
}

/** HANGING HEART HOLDER reads better as Hanging heart holder. */
function tidy(name) {
  return name === name.toUpperCase() ? name.charAt(0) + name.slice(1).toLowerCase() : name;
}

function showConsumers(consumers) {
  const most = Math.max(0, ...consumers.map(consumer => consumer.lagEvents));
  at('lagNote').textContent = most ? `${whole.format(most)} events behind at most` : 'all up to date';
  at('consumers').replaceChildren(...consumers.map(consumer => {
    const row = document.createElement('tr');
    row.innerHTML = '<td></td><td><span class="state"></span></td><td class="number"></td><td class="number"></td>';
    const [name, state, events, seconds] = row.children;
    name.textContent = consumer.name.replace(/@\d+$/, '');
    state.firstChild.textContent = consumer.state.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    state.firstChild.classList.add(consumer.state);
    events.textContent = whole.format(consumer.lagEvents);
    seconds.textContent = consumer.lagSeconds.toFixed(1);
    return row;
  }));
}

function add(items) {
  if (isPaused) return;
  const list = at('feed');
  const isFirst = list.querySelector('.empty') !== null;
  if (isFirst) list.replaceChildren();
  for (const item of items) {
    const row = document.createElement('li');
    row.className = isFirst ? item.kind : `${item.kind} fresh`;
    row.innerHTML = '<span></span><span class="amount"></span><time></time>';
    const [text, amount, time] = row.children;
    text.textContent = item.text;
    amount.textContent = item.value ?? '';
    time.textContent = moment.format(new Date(item.occurredAt));
    time.dateTime = item.occurredAt;
    list.prepend(row);
  }
  while (list.children.length > MostItems) list.lastElementChild.remove();
}

async function find(event) {
  event.preventDefault();
  const number = at('number').value.trim();
  if (!number) return;
  at('order').hidden = false;
  at('orderTitle').textContent = `Order ${number}`;
  const answer = await fetch(`/api/orders/${encodeURIComponent(number)}`);
  if (answer.ok) showOrder(await answer.json());
  else at('orderBody').textContent = answer.status === 404 ? 'There is no such order.' : 'That is not the number of an order.';
}

function showOrder(order) {
  const facts = [
    ['Status', order.status], ['Kind', order.kind], ['Customer', order.buyer ?? 'nobody named'], ['Country', order.country],
    ['Created', moment.format(new Date(order.created))], ['Total', pounds.format(order.total)],
  ];
  const list = document.createElement('p');
  list.className = 'facts';
  for (const [name, value] of facts) {
    const fact = list.appendChild(document.createElement('b'));
    fact.style.fontWeight = 500;
    fact.appendChild(document.createElement('span')).textContent = name;
    fact.append(value);
  }
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  scroll.tabIndex = 0;
  scroll.innerHTML = '<table><thead><tr><th scope="col">Code</th><th scope="col">Article</th><th scope="col" class="number">Pieces</th>'
    + '<th scope="col" class="number spare">Price</th><th scope="col" class="number">Value</th></tr></thead><tbody></tbody></table>';
  for (const item of order.items) {
    const row = scroll.querySelector('tbody').insertRow();
    [item.sku, item.productName, whole.format(item.quantity), pounds.format(item.unitPrice), pounds.format(item.subtotal)].forEach((text, index) => {
      const cell = row.insertCell();
      cell.textContent = text;
      if (index > 1) cell.className = index === 3 ? 'number spare' : 'number';
    });
  }
  at('orderBody').replaceChildren(list, scroll);
}

at('find').addEventListener('submit', find);
at('closeOrder').addEventListener('click', () => { at('order').hidden = true; });
at('pause').addEventListener('click', () => {
  isPaused = !isPaused;
  at('pause').setAttribute('aria-pressed', String(isPaused));
  at('pause').textContent = isPaused ? 'Go on' : 'Pause';
});
new ResizeObserver(draw).observe(at('days'));
showTips(at('tip'));
follow();
