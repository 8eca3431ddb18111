// One order: its figures, its lines, and its timeline.

import { get } from './api.js';
import { card, empty, h, replace, table } from './dom.js';
import { count, money, number, personal, shopTime, words } from './format.js';
import { fulfilment } from './fulfilment.js';
import { badge } from './orders.js';
import { pageAt } from './pages.js';
import { Timeline } from './timeline.js';
import { figure } from './why.js';

export async function showOrder(root, { id, query, signal }) {
  let order;
  try {
    order = await get(`/api/orders/${encodeURIComponent(id)}`, signal);
  } catch (error) {
    if (error.status === 404) return root.replaceChildren(card('No such order', { id: 'orderTitle' }, empty(`There is no order ${id}.`)));
    if (error.status === 400) return root.replaceChildren(card('No such order', { id: 'orderTitle' }, empty('This is not an order number.')));
    throw error;
  }
  const tries = order.isTakenOver ? [] : (await get(`/api/orders/${order.id}/fulfilment`, signal).catch(unlessDenied))?.tries ?? [];
  const asked = Number(query.get('v')) || null;
  const page = await pageAt(`order-${order.id}`, asked, signal).catch(unlessDenied);
  if (!page) return replace(root, summary(order), fulfilment(tries), items(order));
  if (!page.events.length) return replace(root, summary(order), fulfilment(tries), items(order), card('Timeline', { id: 'lineTitle' }, empty('The events of this order were removed from the log.')));
  const line = new Timeline(order, page, signal);
  replace(root, summary(order), fulfilment(tries), items(order), line.element);
  await line.begin(asked ?? page.last, query.get('of') ?? 'orders');
}

/** A customer does not see the process and the events of an order. */
function unlessDenied(error) {
  if (error.name !== 'access-denied') throw error;
  return null;
}

function summary(order) {
  const why = (text, member) => figure(text, 'orders', order.id, member);
  const facts = [
    ['Status', why(badge(order.status), 'status')],
    ['Total', why(money(order.total, order.currency), 'total')],
    order.discount ? ['Discount', why(money(order.discount, order.currency), 'discount')] : null,
    ['Customer', order.buyer ? why(personal(order.buyer), 'buyer') : 'nobody named'],
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
