// The events of an order, its state after each event, and the changes of each event.

import { announce, button, card, empty, failure, h, loading, replace, table } from './dom.js';
import { count, number, shopTime, time } from './format.js';
import { change, differences, flatten, raw, show } from './json.js';
import { PageSize, pageAt } from './pages.js';
import { note } from './route.js';
import { figure, search, unfinished } from './why.js';

/** The sources of an order's state. */
const Sources = [
  { name: 'orders', label: 'the read model “orders”', of: order => ['orders', order.id] },
  { name: 'parcels', label: 'the read model “parcels”', of: order => ['parcels', order.id] },
  { name: 'order', label: 'the aggregate', of: order => [null, `order-${order.id}`] },
];

/** A page of the events of a stream, a slider over its versions, and the state at the chosen one. */
export class Timeline {
  #order; #page; #signal; #version = 0; #source = Sources[0]; #states = []; #found = null;

  constructor(order, page, signal) {
    [this.#order, this.#signal] = [order, signal];
    this.slider = h('input', {
      type: 'range', id: 'version', step: 1, 'aria-describedby': 'versionText', oninput: () => this.#choose(this.slider.valueAsNumber, true),
    });
    this.source = h('select', { id: 'source', onchange: () => this.#load(this.source.value) },
      Sources.filter(one => one.name !== 'parcels' || !order.isTakenOver).map(one => h('option', { value: one.name }, one.label)));
    this.list = h('ol', { class: 'happened', 'aria-label': 'What happened, oldest first' });
    this.back = button('‹ Before', () => this.#choose(this.#version - 1), { class: 'quiet', id: 'before' });
    this.on = button('After ›', () => this.#choose(this.#version + 1), { class: 'quiet', id: 'after' });
    this.older = button('« Older', () => this.#choose(this.#page.from - 1), { class: 'quiet', id: 'older' });
    this.newer = button('Newer »', () => this.#choose(this.#page.to + 1), { class: 'quiet', id: 'newer' });
    this.range = h('span', { id: 'range' });
    this.pages = h('nav', { class: 'pages', 'aria-label': 'Pages of the timeline', hidden: page.last - page.first < PageSize }, this.older, this.range, this.newer);
    this.says = h('output', { id: 'versionText', for: 'version', 'aria-live': 'off' });
    this.only = h('input', { type: 'checkbox', id: 'onlyChanged', onchange: () => this.#showState() });
    this.heads = h('div', { class: 'heads' },
      h('label', { class: 'inline' }, this.only, 'only what changed'), h('label', { class: 'inline' }, 'by ', this.source));
    this.state = h('div', { id: 'state' });
    this.event = h('div', { id: 'event' });
    this.element = h('div', { class: 'timeline' },
      card('Time line', { id: 'lineTitle', class: 'line', head: h('p', { class: 'muted' }, count(page.last - page.first + 1, 'event')) },
        h('label', { for: 'version', class: 'hidden' }, 'Version of the order'),
        this.pages,
        h('div', { class: 'slider' }, this.back, this.slider, this.on), this.says, this.list),
      card('What happened', { id: 'eventTitle', class: 'event' }, this.event),
      card('State at this version', { id: 'stateTitle', class: 'stood', head: this.heads }, this.state));
    this.#turnTo(page);
  }

  async begin(version, source) {
    this.source.value = [...this.source.options].some(option => option.value === source) ? source : 'orders';
    this.#version = Math.min(Math.max(this.#page.from, version), this.#page.to);
    this.#show();
    await this.#load(this.source.value);
  }

  /** Shows the events of a page. */
  #turnTo(page) {
    this.#page = page;
    [this.slider.min, this.slider.max] = [page.from, page.to];
    this.range.textContent = `${number(page.from)} to ${number(page.to)} of ${number(page.last)}`;
    // The pressed button keeps the focus, so it is not disabled.
    this.older.setAttribute('aria-disabled', String(page.from === page.first));
    this.newer.setAttribute('aria-disabled', String(page.to === page.last));
    replace(this.list, page.events.map(event => h('li', null,
      h('button', { type: 'button', onclick: () => this.#choose(event.version) },
        h('span', { class: `mark ${kindOf(event.type)}`, 'aria-hidden': 'true' }),
        h('span', { class: 'type' }, event.type),
        h('span', { class: 'muted' }, happenedAt(event))))));
  }

  /**
   * Reads all states of the page, including the state before it, so that the slider needs no further request. Continues an incomplete
   * answer.
   */
  async #load(name, before) {
    this.#source = Sources.find(one => one.name === name);
    note({ of: name === 'orders' ? null : name });
    const page = this.#page;
    this.state.setAttribute('aria-busy', 'true');
    try {
      const query = { most: PageSize + 1, until: page.events.at(-1).position };
      const found = await search(...this.#source.of(this.#order), query, this.#signal, before);
      if (page !== this.#page || name !== this.#source.name) return; // The user has moved to another page.
      this.#found = found;
      this.#states = [...found.changes].reverse();
      this.#showState();
      if (before) announce(found.isComplete ? 'The search is complete.' : 'The search takes longer.');
    } catch (error) {
      if (this.#signal.aborted) return;
      this.state.replaceChildren(failure(error, () => this.#load(name)));
    } finally {
      if (page === this.#page) this.state.removeAttribute('aria-busy');
    }
  }

  /** Screen readers announce the value of the slider. */
  async #choose(version, isAnnounced = false) {
    const { from, to, first, last } = this.#page;
    if (version < first || version > last || version === this.#version) return;
    if (version < from || version > to) return this.#turn(version);
    this.#version = version;
    note({ v: version });
    this.#show();
    this.#showState();
    if (!isAnnounced) announce(`Version ${version}: ${this.#at(version).type}`);
  }

  /** Shows a version of another page. */
  async #turn(version) {
    const before = this.#page;
    this.list.setAttribute('aria-busy', 'true');
    try {
      const page = await pageAt(before.stream, version, this.#signal);
      if (before !== this.#page) return;
      this.#turnTo(page);
      [this.#states, this.#found] = [[], null];
      await this.#choose(Math.min(version, page.to));
      await this.#load(this.#source.name);
    } catch (error) {
      if (!this.#signal.aborted) this.event.replaceChildren(failure(error, () => this.#turn(version)));
    } finally {
      this.list.removeAttribute('aria-busy');
    }
  }

  #at(version) {
    return this.#page.events[version - this.#page.from];
  }

  #show() {
    const event = this.#at(this.#version);
    const { from, first, last } = this.#page;
    this.slider.value = this.#version;
    this.slider.setAttribute('aria-valuetext', `version ${event.version}: ${event.type}`);
    this.says.replaceChildren(h('b', null, `Version ${number(event.version)}`), ` of ${number(last)}: ${event.type}`);
    // The pressed button keeps the focus, so it is not disabled at the last version.
    this.back.setAttribute('aria-disabled', String(this.#version === first));
    this.on.setAttribute('aria-disabled', String(this.#version === last));
    const now = this.#version - from;
    [...this.list.children].forEach((row, index) => {
      row.className = index < now ? 'past' : index === now ? 'now' : 'later';
      if (row.className === 'now') row.firstChild.setAttribute('aria-current', 'step');
      else row.firstChild.removeAttribute('aria-current');
    });
    scrollWithin(this.list, this.list.children[now]);
    this.event.replaceChildren(describe(event));
  }

  #showState() {
    const version = this.#version;
    const known = this.#states.filter(state => state.stream === this.#page.stream && state.version <= version);
    const latest = known.at(-1);
    const found = this.#found;
    if (found && !found.isComplete && this.#at(version).position > found.position) {
      return this.state.replaceChildren(unfinished(found, () => this.#load(this.#source.name, found), 'stateRest', 'This version is not among them.'));
    }
    if (!latest && this.state.hasAttribute('aria-busy')) return this.state.replaceChildren(loading('the state'));
    if (!latest) return this.state.replaceChildren(empty(`${capital(this.#source.label)} has no state at this version yet.`));
    const isNow = latest.version === version;
    const changed = new Map(isNow ? differences(latest.before, latest.after).map(one => [one.path, one]) : []);
    const gone = [...changed.values()].filter(one => one.after === undefined);
    const rows = [...flatten(latest.after)].filter(([path]) => path !== '').map(([path, value]) => this.#row(path, value, changed.get(path)));
    this.state.classList.toggle('onlyChanged', this.only.checked && isNow);
    replace(this.state,
      h('p', { class: 'muted' }, isNow ? `${count(changed.size, 'member')} changed.` : 'This event changed no member.'),
      latest.after === undefined && empty('The document was removed.'),
      rows.length + gone.length > 0 && table([['Member'], ['Value']], [...gone.map(one => this.#row(one.path, undefined, one)), ...rows], 'State at this version'));
  }

  #row(path, value, changed) {
    const [model, key] = this.#source.of(this.#order);
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

/** Scrolls only the list. */
function scrollWithin(list, row) {
  const [top, bottom] = [row.offsetTop, row.offsetTop + row.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}
