// The customers, newest first, by page.

import { get } from './api.js';
import { card, empty, h, person, table } from './dom.js';
import { count, number, personal, shopTime } from './format.js';
import { link } from './route.js';

const PageSize = 25;

export async function showCustomers(root, { query, signal }) {
  const page = Math.max(1, Number(query.get('page')) || 1);
  const found = await get(`/api/customers?${new URLSearchParams({ page, pageSize: PageSize })}`, signal);
  const pages = Math.max(1, Math.ceil(found.total / PageSize));
  root.replaceChildren(card('Customers', { id: 'customersTitle' },
    found.items.length ? list(found.items) : empty('There are no customers yet.'),
    h('p', { class: 'pages' },
      h('span', { class: 'muted' }, `${count(found.total, 'customer')}, page ${number(page)} of ${number(pages)}`),
      page > 1 && h('a', { href: link(['customers'], { page: page - 1 }), rel: 'prev' }, '← Newer'),
      page < pages && h('a', { href: link(['customers'], { page: page + 1 }), rel: 'next' }, 'Older →'))));
}

const list = customers => table(
  [['Name', 'keep'], ['E-mail', 'spare'], ['Countries', 'spare'], ['Since'], ['State', 'sparer']],
  customers.map(customer => ({
    key: customer.id,
    cells: [
      h('a', { href: link(['customers', customer.id]) }, person(customer.username)),
      customer.email ? person(customer.email) : h('i', null, 'none'),
      customer.countries.map(personal).join(', '),
      shopTime(customer.created),
      customer.isClosed ? 'left the shop' : 'customer',
    ],
  })),
  'Customers, newest first');
