// One customer: what the shop knows, the erasure of it, and the certificate.

import { ask, get, post, Refusal } from './api.js';
import { announce, button, card, failure, h, person, table } from './dom.js';
import { decide } from './decide.js';
import { count, isErased, number, personal, shopTime, time, words } from './format.js';
import { link } from './route.js';

export async function showCustomer(root, { id, signal }) {
  const path = `/api/customers/${encodeURIComponent(id)}`;
  const [customer, erasure, session] = await Promise.all(
    [get(path, signal), erasureOf(path, signal), get('/api/session', signal)]);
  draw(root, path, customer, erasure, session.isReadOnly || erasure === undefined);
}

/** The erasure; null if there is none, and undefined without the right to see erasures. */
async function erasureOf(path, signal) {
  try {
    return await get(`${path}/erasure`, signal);
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return undefined;
    throw error;
  }
}

function draw(root, path, customer, erasure, isReadOnly = false) {
  const outcome = h('div', { class: 'outcome', id: 'outcome', role: 'status' }, erasure?.refusal && `The erasure was refused: ${erasure.refusal}`);
  const isDone = Boolean(erasure?.certificate);
  root.replaceChildren(
    h('p', { class: 'crumbs' }, h('a', { href: link(['customers']) }, 'Customers')),
    card(isErased(customer.username) ? 'Erased customer' : customer.username, { id: 'customerTitle' },
      h('dl', { class: 'facts' },
        fact('Name', person(customer.username)),
        fact('E-mail', customer.email ? person(customer.email) : h('i', null, 'none')),
        fact('Countries', customer.countries.length ? customer.countries.map(personal).join(', ') : h('i', null, 'none')),
        fact('Customer since', shopTime(customer.created)),
        fact('State', customer.isClosed ? 'left the shop' : 'customer')),
      h('div', { class: 'actions' },
        !isDone && !isReadOnly && button('Erase this customer', () => erase(root, path, customer, outcome), { class: 'danger', id: 'erase' })),
      outcome),
    ...(isDone ? [certificate(path, erasure.certificate)] : []));
}

const fact = (name, ...value) => h('div', null, h('dt', null, name), h('dd', null, ...value));

async function erase(root, path, customer, outcome) {
  const decided = await decide({
    title: `Erase ${personal(customer.username)}`,
    says: [
      'The keys of the name, the e-mail address and the postal addresses are destroyed, and all copies are removed. Nobody can read them afterwards, and nobody can undo it.',
      'Orders, payments and figures stay in the books.',
    ],
    action: 'Erase',
    reason: 'needed',
    danger: true,
  });
  if (!decided) return;
  outcome.textContent = 'Erasing, and reading every place again …';
  try {
    const erasure = await post(`${path}/erasure`, { reason: decided.reason });
    announce(erasure.refusal ? 'The erasure was refused.' : 'The customer was erased.');
    draw(root, path, await ask(path), erasure);
  } catch (error) {
    outcome.replaceChildren(failure(error));
  }
}

/** The certificate, as a page for people. The file for programs is signed. */
function certificate(path, document) {
  const { request, steps, verified, copiesRemoved, outOfReach, destroyedKeys, result } = document;
  return card('Certificate of erasure', { id: 'certificate', head: h('a', { href: `${path}/erasure/certificate`, download: `${request.id}.json`, id: 'download' }, 'Download the signed file') },
    h('p', { class: 'message' }, result === 'complete'
      ? 'No place of the store contains a readable value of this customer.'
      : `The erasure is not proven completely: ${words(result)}. ${document.valueSearch}`),
    h('dl', { class: 'facts' },
      fact('Data subject', h('code', null, request.subject)),
      fact('Reason', request.reason),
      fact('Requested by', request.by),
      fact('Issued', time(document.issuedAt)),
      fact('Destroyed keys', count(destroyedKeys.length, 'key')),
      fact('End of the log', number(document.logPosition))),
    h('h3', null, 'Steps'),
    table([['Step', 'keep'], ['Time'], ['User', 'spare']], steps.map(step => [words(step.step), time(step.at), step.by ?? '']), 'Steps of the erasure'),
    copiesRemoved.length > 0 && h('h3', null, 'Copies that were removed'),
    copiesRemoved.length > 0 && places(copiesRemoved, ['Changed', 'number'], place => number(place.changed)),
    h('h3', null, 'Places that were read again'),
    places(verified, ['Found'], place => place.findings.length ? place.findings.join(' · ') : 'nothing'),
    h('h3', null, 'Out of reach'),
    h('ul', { class: 'plain' }, outOfReach.map(text => h('li', null, text))));
}

const places = (all, column, last) => table(
  [['Place', 'keep'], ['Rows', 'number'], ['Values', 'number spare'], column],
  all.map(place => [h('span', { title: place.method }, place.place), number(place.rows), number(place.matches), last(place)]),
  column[0]);
