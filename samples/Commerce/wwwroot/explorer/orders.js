// The orders, newest first, by page and status.

import { get } from './api.js';
import { card, empty, h, person, table } from './dom.js';
import { count, money, number, shopTime, words } from './format.js';
import { link } from './route.js';

const PageSize = 25;
const Statuses = ['draft', 'submitted', 'paymentFailed', 'paid', 'processing', 'shipped', 'delivered', 'cancelled', 'failed'];

export async function showOrders(root, { query, signal }) {
  const status = query.get('status') ?? '', page = Math.max(1, Number(query.get('page')) || 1);
  const wanted = new URLSearchParams({ page, pageSize: PageSize, ...(status ? { status } : {}) });
  const found = await get(`/api/orders?${wanted}`, signal);
  const pages = Math.max(1, Math.ceil(found.total / PageSize));
  root.replaceChildren(card('Orders', { id: 'ordersTitle', head: filter(status) },
    found.items.length ? list(found.items) : empty(status ? `No order is ${words(status)}.` : 'There are no orders yet.'),
    h('p', { class: 'pages' },
      h('span', { class: 'muted' }, `${count(found.total, 'order')}, page ${number(page)} of ${number(pages)}`),
      page > 1 && h('a', { href: link(['orders'], { status, page: page - 1 }), rel: 'prev' }, '← Newer'),
      page < pages && h('a', { href: link(['orders'], { status, page: page + 1 }), rel: 'next' }, 'Older →'))));
}

function filter(status) {
  const choice = h('select', { id: 'status', onchange: () => { location.hash = link(['orders'], { status: choice.value }); } },
    h('option', { value: '' }, 'all'), Statuses.map(name => h('option', { value: name, selected: name === status }, words(name))));
  return h('label', { class: 'inline' }, 'Status ', choice);
}

const list = orders => table(
  [['Number', 'keep'], ['Customer', 'sparer'], ['Country', 'spare'], ['Status'], ['Lines', 'number spare'], ['Total', 'number'], ['Begun', 'spare']],
  orders.map(order => [
    h('a', { href: link(['orders', order.number]) }, order.number),
    order.buyer ? person(order.buyer) : h('i', null, 'nobody named'),
    order.country,
    badge(order.status),
    number(order.items.length),
    money(order.total, order.currency),
    shopTime(order.created),
  ]),
  'Orders, newest first');

/** A status as a coloured badge. */
export const badge = status => h('span', { class: `badge ${status}` }, words(status));
