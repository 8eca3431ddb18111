// The page: selects and draws the view of the address.

import { showTips } from './charts.js';
import { at, failure, loading } from './explorer/dom.js';
import { showAudit, showEntry } from './explorer/audit.js';
import { showCustomer } from './explorer/customer.js';
import { showCustomers } from './explorer/customers.js';
import { showDeadLetter } from './explorer/deadLetter.js';
import { showDeadLetters } from './explorer/deadLetters.js';
import { showOrder } from './explorer/order.js';
import { showOrders } from './explorer/orders.js';
import { showProjection } from './explorer/projection.js';
import { showProjections } from './explorer/projections.js';
import { here, link } from './explorer/route.js';
import { startSession } from './explorer/session.js';
import { showStock } from './explorer/stock.js';
import { showWhy } from './explorer/why.js';
import { startLive } from './live.js';

const views = {
  orders: { all: showOrders, one: showOrder, name: 'Orders', of: id => `Order ${id}` },
  customers: { all: showCustomers, one: showCustomer, name: 'Customers', of: () => 'Customer' },
  stock: { all: showStock, one: showStock, name: 'Stock', of: () => 'Stock' },
  'dead-letters': { all: showDeadLetters, one: showDeadLetter, name: 'Dead letters', of: id => `Dead letter ${id}` },
  projections: { all: showProjections, one: showProjection, name: 'Projections', of: id => `Projection ${id}` },
  audit: { all: showAudit, one: showEntry, name: 'Audit', of: id => `Audit entry ${id}` },
};

let leaving = new AbortController();
let drawn = null;

/** Draws the view of the address. The panel that explains a value lies above every view. */
async function go() {
  const { parts: [name = '', id], query } = here();
  const view = views[name];
  showWhy(query.get('why'), query.get('member'));
  for (const ofPanel of ['why', 'member']) query.delete(ofPanel);
  const wanted = `${name}/${id ?? ''}?${query}`;
  if (wanted === drawn) return;
  const isFirst = drawn === null;
  drawn = wanted;
  leaving.abort();
  leaving = new AbortController();
  mark(view ? name : '', view ? `${id ? view.of(id) : view.name} · The mill shop` : 'The mill shop, live');
  at('concealed').hidden = true;
  at('live').hidden = Boolean(view);
  at('view').hidden = !view;
  if (!isFirst) at('main').focus({ preventScroll: true });
  if (view) await draw(id ? view.one : view.all, id, query, leaving.signal);
}

async function draw(show, id, query, signal) {
  const root = at('view');
  root.replaceChildren(loading('the view'));
  try {
    await show(root, { id, query, signal });
  } catch (error) {
    if (!signal.aborted) root.replaceChildren(failure(error, () => draw(show, id, query, signal)));
  }
}

function mark(name, title) {
  document.title = title;
  for (const anchor of at('views').querySelectorAll('a')) {
    if (anchor.dataset.view === name) anchor.setAttribute('aria-current', 'page');
    else anchor.removeAttribute('aria-current');
  }
}

at('find').addEventListener('submit', event => {
  event.preventDefault();
  const number = at('number').value.trim();
  if (number) location.hash = link(['orders', number]);
});
at('skip').addEventListener('click', event => {
  event.preventDefault(); // The fragment belongs to the view.
  at('main').focus();
});
addEventListener('hashchange', go);
showTips(at('tip'));
startLive();
startSession();
go();
