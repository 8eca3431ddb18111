// One order: what happened to it, how it stood after each event, and what each of them changed.

import { get } from './api.js';
import { announce, button, card, empty, failure, h, replace, table } from './dom.js';
import { count, money, number, shopTime, time, words } from './format.js';
import { change, differences, flatten, raw, show } from './json.js';
import { badge } from './orders.js';
import { note } from './route.js';
import { figure, history } from './why.js';

const MostEvents = 1000;

/** What an order's state can be told by. */
const Tellers = [
  { name: 'orders', label: 'the read model “orders”', of: order => ['orders', order.id] },
  { name: 'parcels', label: 'the read model “parcels”', of: order => ['parcels', order.id] },
  { name: 'order', label: 'the aggregate', of: order => [null, `order-${order.id}`] },
];

export async function showOrder(root, { id, query, signal }) {
  let order;
  try {
    order = await get(`/api/orders/${encodeURIComponent(id)}`, signal);
  } catch (error) {
    if (error.status === 404) return root.replaceChildren(card('No such order', { id: 'orderTitle' }, empty(`There is no order ${id}.`)));
    if (error.status === 400) return root.replaceChildren(card('No such order', { id: 'orderTitle' }, empty('That is not the number of an order.')));
    throw error;
  }
  const stream = `order-${order.id}`;
  const { events, version } = await get(`/millrace/streams/${stream}?limit=${MostEvents}`, signal);
  if (!events.length) return replace(root, summary(order), items(order), card('Time line', { id: 'lineTitle' }, empty('Its events were removed from the log.')));
  const line = new TimeLine(order, events, version, signal);
  replace(root, summary(order), items(order), line.element);
  await line.begin(Number(query.get('v')) || events.length, query.get('of') ?? 'orders');
}

function summary(order) {
  const why = (text, member) => figure(text, 'orders', order.id, member);
  const facts = [
    ['Status', why(badge(order.status), 'status')],
    ['Total', why(money(order.total, order.currency), 'total')],
    order.discount ? ['Discount', why(money(order.discount, order.currency), 'discount')] : null,
    ['Customer', order.buyer ? why(order.buyer, 'buyer') : 'nobody named'],
    ['Country', why(order.country, 'country')],
    ['Begun', shopTime(order.created)],
    order.trackingCode ? ['Tracking', why(order.trackingCode, 'trackingCode')] : null,
    order.reason ? ['Reason', why(order.reason, 'reason')] : null,
    order.isTakenOver ? ['Kind', `${words(order.kind)}, from older books`] : null,
  ];
  return card(`Order ${order.number}`, { id: 'orderTitle', class: 'summary' },
    h('dl', { class: 'facts' }, facts.filter(Boolean).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))));
}

function items(order) {
  if (!order.items.length) return null;
  return card(count(order.items.length, 'line'), { id: 'linesTitle', class: 'lines' }, table(
    [['Code'], ['Article'], ['Pieces', 'number'], ['Price', 'number spare'], ['Value', 'number']],
    order.items.map((item, index) => [
      item.sku,
      item.productName,
      h('span', null, number(item.quantity), item.returned ? ` (${number(item.returned)} back)` : ''),
      money(item.unitPrice, order.currency),
      figure(money(item.subtotal, order.currency), 'orders', order.id, `items[${index}].subtotal`),
    ]),
    'Lines of the order'));
}

/** The events of a stream, a slider over its versions, and the state at the chosen one. */
class TimeLine {
  #order; #events; #signal; #version = 0; #teller = Tellers[0]; #states = [];

  constructor(order, events, version, signal) {
    [this.#order, this.#events, this.#signal] = [order, events, signal];
    const last = events.length;
    this.slider = h('input', {
      type: 'range', id: 'version', min: 1, max: last, step: 1, 'aria-describedby': 'versionText', oninput: () => this.#choose(this.slider.valueAsNumber),
    });
    this.teller = h('select', { id: 'teller', onchange: () => this.#tell(this.teller.value) },
      Tellers.filter(one => one.name !== 'parcels' || !order.isTakenOver).map(one => h('option', { value: one.name }, one.label)));
    this.list = h('ol', { class: 'happened', 'aria-label': 'What happened, oldest first' }, events.map((event, index) => h('li', null,
      h('button', { type: 'button', onclick: () => this.#choose(index + 1) },
        h('span', { class: `mark ${kindOf(event.type)}`, 'aria-hidden': 'true' }),
        h('span', { class: 'type' }, event.type),
        h('span', { class: 'muted' }, happenedAt(event))))));
    this.back = button('‹ Before', () => this.#choose(this.#version - 1), { class: 'quiet', id: 'before' });
    this.on = button('After ›', () => this.#choose(this.#version + 1), { class: 'quiet', id: 'after' });
    this.says = h('output', { id: 'versionText', for: 'version' });
    this.only = h('input', { type: 'checkbox', id: 'onlyChanged', onchange: () => this.#showState() });
    this.heads = h('div', { class: 'heads' },
      h('label', { class: 'inline' }, this.only, 'only what changed'), h('label', { class: 'inline' }, 'by ', this.teller));
    this.state = h('div', { id: 'state' });
    this.event = h('div', { id: 'event' });
    this.element = h('div', { class: 'timeline' },
      card('Time line', { id: 'lineTitle', class: 'line', head: h('p', { class: 'muted' }, version > events.at(-1).version ? `the first ${number(last)} of ${count(version, 'event')}` : count(last, 'event')) },
        h('label', { for: 'version', class: 'hidden' }, 'Version of the order'),
        h('div', { class: 'slider' }, this.back, this.slider, this.on), this.says, this.list),
      card('What happened', { id: 'eventTitle', class: 'event' }, this.event),
      card('How it stood then', { id: 'stateTitle', class: 'stood', head: this.heads }, this.state));
  }

  async begin(version, teller) {
    this.teller.value = [...this.teller.options].some(option => option.value === teller) ? teller : 'orders';
    this.#version = Math.min(Math.max(1, version), this.#events.length);
    this.#show();
    await this.#tell(this.teller.value);
  }

  /** Asks for all states at once, so that the slider moves without asking. */
  async #tell(name) {
    this.#teller = Tellers.find(one => one.name === name);
    note({ of: name === 'orders' ? null : name });
    this.state.setAttribute('aria-busy', 'true');
    try {
      this.#states = await history(...this.#teller.of(this.#order), this.#signal);
      this.#showState();
    } catch (error) {
      if (this.#signal.aborted) return;
      this.state.replaceChildren(failure(error, () => this.#tell(name)));
    } finally {
      this.state.removeAttribute('aria-busy');
    }
  }

  #choose(version) {
    if (version < 1 || version > this.#events.length || version === this.#version) return;
    this.#version = version;
    note({ v: version });
    this.#show();
    this.#showState();
    announce(`Version ${version}: ${this.#events[version - 1].type}`);
  }

  #show() {
    const event = this.#events[this.#version - 1];
    this.slider.value = this.#version;
    this.slider.setAttribute('aria-valuetext', `version ${event.version}: ${event.type}`);
    this.says.replaceChildren(h('b', null, `Version ${number(event.version)}`), ` of ${number(this.#events.at(-1).version)}: ${event.type}`);
    // A button that has just been pressed keeps the focus, so it is not disabled at the end of its way.
    this.back.setAttribute('aria-disabled', String(this.#version === 1));
    this.on.setAttribute('aria-disabled', String(this.#version === this.#events.length));
    [...this.list.children].forEach((row, index) => {
      row.className = index + 1 < this.#version ? 'past' : index + 1 === this.#version ? 'now' : 'later';
      if (row.className === 'now') row.firstChild.setAttribute('aria-current', 'step');
      else row.firstChild.removeAttribute('aria-current');
    });
    scrollWithin(this.list, this.list.children[this.#version - 1]);
    this.event.replaceChildren(describe(event));
  }

  #showState() {
    const { version } = this.#events[this.#version - 1];
    const stream = this.#events[0].stream;
    const known = this.#states.filter(state => state.stream === stream && state.version <= version);
    const latest = known.at(-1);
    if (!latest) return this.state.replaceChildren(empty(`${capital(this.#teller.label)} knew nothing of it yet.`));
    const isNow = latest.version === version;
    const changed = new Map(isNow ? differences(latest.before, latest.after).map(one => [one.path, one]) : []);
    const gone = [...changed.values()].filter(one => one.after === undefined);
    const rows = [...flatten(latest.after)].filter(([path]) => path !== '').map(([path, value]) => this.#row(path, value, changed.get(path)));
    this.state.classList.toggle('onlyChanged', this.only.checked && isNow);
    replace(this.state,
      h('p', { class: 'muted' }, isNow ? `${count(changed.size, 'member')} changed.` : 'This event changed nothing here.'),
      latest.after === undefined && empty('It was removed.'),
      rows.length + gone.length > 0 && table([['Member'], ['Value']], [...gone.map(one => this.#row(one.path, undefined, one)), ...rows], 'State at this version'));
  }

  #row(path, value, changed) {
    const [model, key] = this.#teller.of(this.#order);
    const said = changed ? change(changed.before, changed.after) : show(value);
    return h('tr', { class: changed ? 'changed' : null },
      h('th', { scope: 'row' }, path),
      h('td', null, value === undefined ? said : figure(said, model, key, path, `${path}: why?`)));
  }
}

function describe(event) {
  const metadata = event.metadata ?? {};
  const facts = [
    ['Event', event.type + (event.schemaVersion > 1 ? `, shape ${event.schemaVersion}` : '')],
    ['Happened', happenedAt(event)],
    ['Recorded', time(event.timestamp)],
    ['Position', number(event.position)],
    ['Command', metadata.command],
    ['User', metadata.user],
    ['Build', metadata.application],
    ['By', event.source],
    ['Tags', event.tags?.join(', ')],
  ];
  return h('div', null,
    h('dl', { class: 'facts tight' }, facts.filter(([, value]) => value).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value)))),
    raw('The event as it is stored', event, { id: 'raw' }));
}

const happenedAt = event => event.data?.occurredAt ? shopTime(event.data.occurredAt) : time(event.timestamp);
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);

function kindOf(type) {
  if (type === 'sale.recorded') return 'sale';
  return /cancelled|failed|returned|removed/.test(type) ? 'back' : 'order';
}

/** Scrolls the list, and never the page. */
function scrollWithin(list, row) {
  const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}
