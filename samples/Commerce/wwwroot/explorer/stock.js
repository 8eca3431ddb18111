// The available quantity of products. The shop sends changes of followed products over a WebSocket.

import { get } from './api.js';
import { announce, button, card, empty, h } from './dom.js';
import { count, number, shopTime } from './format.js';
import { link } from './route.js';

const PageSize = 20;
const TryAgainMs = 2000;

export async function showStock(root, { query, signal }) {
  const page = Math.max(1, Number(query.get('page')) || 1);
  const found = await get(`/api/products?${new URLSearchParams({ page, pageSize: PageSize })}`, signal);
  const pages = Math.max(1, Math.ceil(found.total / PageSize));
  const products = new Map(found.items.map(item => [item.id, newRow(item)]));
  const state = h('span', { class: 'muted', id: 'stockLink', role: 'status' }, 'Connecting …');
  root.replaceChildren(card('Stock, live', { id: 'stockTitle', head: state },
    products.size ? list(products) : empty('There are no products yet.'),
    h('p', { class: 'pages' },
      h('span', { class: 'muted' }, `${count(found.total, 'product')}, page ${number(page)} of ${number(pages)}`),
      page > 1 && h('a', { href: link(['stock'], { page: page - 1 }), rel: 'prev' }, '← Before'),
      page < pages && h('a', { href: link(['stock'], { page: page + 1 }), rel: 'next' }, 'More →'))));
  follow(products, state, signal);
}

function newRow(item) {
  const row = { id: item.id, name: item.name, byWarehouse: new Map(), isFollowed: true };
  row.available = h('b', null, '–');
  row.time = h('td', { class: 'muted spare' });
  row.choice = button('Stop', null, { class: 'quiet', 'aria-label': `Stop following ${item.name}` });
  row.element = h('tr', { 'data-key': item.id },
    h('th', { scope: 'row' }, item.name), h('td', { class: 'number' }, row.available), row.time, h('td', { class: 'number' }, row.choice));
  return row;
}

const list = products => h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Stock of products' },
  h('table', { id: 'stock' },
    h('caption', { class: 'hidden' }, 'Available quantity of each product'),
    h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Product'), h('th', { scope: 'col', class: 'number' }, 'Available'),
      h('th', { scope: 'col', class: 'spare' }, 'Changed'), h('th', { scope: 'col' }, h('span', { class: 'hidden' }, 'Following')))),
    h('tbody', null, [...products.values()].map(row => row.element))));

/** Keeps a connection while the view is shown. The first message is the state, so no change is missed between connections. */
function follow(products, state, signal) {
  if (signal.aborted || !products.size) return;
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live/stock`);
  const ask = (action, ids) => {
    if (ids.length && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ action, product_ids: ids }));
  };
  socket.onopen = () => {
    state.textContent = 'Live';
    ask('subscribe', [...products.values()].filter(row => row.isFollowed).map(row => row.id));
  };
  socket.onmessage = event => take(products, JSON.parse(event.data));
  socket.onclose = event => {
    if (signal.aborted) return;
    state.textContent = event.reason || 'Connection lost, trying again …';
    setTimeout(() => follow(products, state, signal), TryAgainMs);
  };
  signal.addEventListener('abort', () => socket.close(1000));
  for (const row of products.values()) row.choice.onclick = () => choose(row, ask);
}

function choose(row, ask) {
  row.isFollowed = !row.isFollowed;
  row.choice.textContent = row.isFollowed ? 'Stop' : 'Follow';
  row.choice.setAttribute('aria-label', `${row.isFollowed ? 'Stop following' : 'Follow'} ${row.name}`);
  row.element.classList.toggle('still', !row.isFollowed);
  announce(`${row.name} is ${row.isFollowed ? 'followed' : 'no longer followed'}`);
  ask(row.isFollowed ? 'subscribe' : 'unsubscribe', [row.id]);
}

function take(products, message) {
  if (message.subscribed) products.get(message.subscribed)?.byWarehouse.clear();
  for (const change of message.state ?? (message.product ? [message] : [])) products.get(change.product)?.byWarehouse.set(change.warehouse, change);
  const row = products.get(message.subscribed ?? message.product);
  if (row) show(row, !message.subscribed);
}

function show(row, isNews) {
  const changes = [...row.byWarehouse.values()];
  row.available.textContent = number(changes.reduce((sum, change) => sum + change.available, 0));
  const last = changes.map(change => change.time).sort().at(-1);
  row.time.replaceChildren(...(last ? [shopTime(last)] : []));
  if (!isNews) return;
  row.element.classList.remove('fresh');
  void row.element.offsetWidth; // Restarts the animation.
  row.element.classList.add('fresh');
}
