// The dead letters: in groups with the same error, and one by one.

import { get, operator, post } from './api.js';
import { Batch } from './batches.js';
import { brokerSummaryOf, brokersOf } from './brokers.js';
import { announce, button, card, empty, failure, focusOn, h, replace, table } from './dom.js';
import { decide } from './decide.js';
import { ago, count, number, time, words } from './format.js';
import { follow } from './projections.js';
import { link } from './route.js';
import { update } from './update.js';

const PageSize = 50, MaxGroups = 100;
const States = ['retryAt', 'parked', 'waiting', 'released', 'skipped', 'discarded', 'corrected'];
const Open = States.slice(0, 4);

/** Shared by all views, so that a running operation stays visible after a change of the view. */
const outcome = h('div', { class: 'outcome', id: 'outcome' });

/** Returns true while an operation on many dead letters is running, and focuses its stop button. */
function isBusy() {
  const stop = outcome.querySelector('#stopBatch');
  stop?.focus();
  return Boolean(stop);
}

export async function showDeadLetters(root, { query, signal }) {
  const chosen = { consumer: query.get('consumer'), cause: query.get('cause'), state: query.get('state') ?? '' };
  const after = Number(query.get('after')) || 0;
  const me = await operator();
  const [groups, brokers, letters] = [h('div'), h('div'), h('div')];
  if (!outcome.querySelector('#stopBatch')) outcome.replaceChildren();
  const draw = async () => {
    const [failed, transports, page] = await Promise.all([
      get('/millrace/dead-letters/groups', signal),
      get('/millrace/transports', signal).catch(error => { // A node of an earlier version has no such endpoint.
        if (error.name === 'AbortError') throw error;
        return null;
      }),
      get(`/millrace/dead-letters?${listed(chosen, after)}`, signal),
    ]);
    update(groups, groupsOf(failed, me, transports));
    brokers.hidden = !transports?.length;
    update(brokers, brokersOf(transports));
    update(letters, lettersOf(page, chosen, after));
  };
  await draw();
  replace(root,
    card('What failed', { id: 'groupsTitle', head: h('p', { class: 'muted' }, me.mayDecide ? `You decide as “${me.name}”.` : 'You have read access, and can simulate.') },
      groups, outcome),
    brokers,
    letters,
    me.mayDecide && trial());
  follow(draw, signal);
}

/** Returns the query for open dead letters, or for the state in the address. */
function listed({ consumer, cause, state }, after) {
  const query = wanted({ consumer, cause, after: after || null, limit: PageSize });
  for (const one of state === '' ? Open : state === 'all' ? [] : [state]) query.append('state', one);
  return query;
}

const wanted = query => new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== ''));

const groupsOf = (groups, me, transports) => groups.length ? [
  groups.map(group => groupOf(group, me)),
  groups.length === MaxGroups && h('p', { class: 'muted' }, `These are the ${MaxGroups} largest groups; there may be more.`),
] : empty(brokerSummaryOf(transports) ?? 'There are no dead letters: every consumer has handled all its events.');

function groupOf(group, me) {
  const query = wanted({ consumer: group.consumer, cause: group.cause });
  return h('article', { class: 'group', 'data-key': `${group.consumer} ${group.cause}` },
    h('h3', null, group.sample.errorType.split('.').at(-1), ' in ', h('code', null, group.consumer)),
    h('p', null, group.letters > 1 && h('span', { class: 'muted' }, 'For example: '), group.sample.message),
    h('p', { class: 'muted' },
      `${count(group.letters, 'dead letter')}, first `, time(group.firstFailedAt), ', last ', time(group.lastFailedAt), '. ',
      h('a', { href: link(['dead-letters'], { consumer: group.consumer, cause: group.cause }) }, 'Show them')),
    h('div', { class: 'actions' },
      button('Simulate all', () => simulate(group, query), { class: 'quiet' }),
      me.mayDecide && button('Edit and retry all …', () => patchAll(group, query), { class: 'quiet' }),
      me.mayDecide && button('Retry all …', () => replay(group, query, 'retry')),
      me.mayDecide && button('Skip all …', () => replay(group, query, 'skip'), { class: 'danger' })));
}

/** Runs an operation and shows its result or its error. Announces only the result. */
export async function act(outcome, what, meanwhile = h('p', { class: 'muted', 'aria-busy': 'true' }, 'One moment …')) {
  outcome.replaceChildren(meanwhile);
  try {
    const found = await what();
    const isFocused = outcome.contains(document.activeElement);
    replace(outcome, found);
    if (isFocused) focusOn(outcome); // The stop button was removed.
    announce(outcome.innerText);
    return true;
  } catch (error) {
    outcome.replaceChildren(failure(error));
    return false;
  }
}

const Simulate = '/millrace/dead-letters/simulate', Replay = '/millrace/dead-letters/replay';

function simulate(group, query) {
  if (isBusy()) return null;
  const batch = new Batch(group.letters, 'tried');
  return act(outcome, async () => {
    const found = await tried(batch, query, '{}');
    return [h('p', null, h('b', null, found.says), ' Nothing was written.'), found.errors.map(text => h('p', { class: 'muted' }, text))];
  }, batch.element);
}

/** Simulates a retry of all matching dead letters, and returns a summary. */
async function tried(batch, query, body) {
  let passes = 0, unknown = 0;
  const errors = new Map();
  const { done, wasStopped } = await batch.run(Simulate, query, body, page => {
    [passes, unknown] = [passes + page.passes, unknown + page.unknown];
    for (const { id, error } of page.letters) if (error) errors.set(error, [...errors.get(error) ?? [], id]);
    return page.letters.length;
  });
  const open = unknown > 0 ? ` ${count(unknown, 'dead letter')} could not be tried.` : '';
  const rest = wasStopped ? ' It was stopped, and the others were not tried.' : '';
  return {
    says: done === 0 ? 'There is nothing to try.' : `${number(passes)} of ${number(done)} would pass.${open}${rest}`,
    errors: [...errors].slice(0, 5).map(([error, [first, ...others]]) =>
      `Dead letter ${first}${others.length ? ` and ${count(others.length, 'other')}` : ''}: ${error}`),
  };
}

async function replay(group, query, decision) {
  if (isBusy()) return;
  const decided = await decide({
    title: `${decision === 'retry' ? 'Retry' : 'Skip'} ${count(group.letters, 'dead letter')}?`,
    says: [decision === 'retry' ? 'Each is retried; the events that it blocks continue when it passes.'
      : 'Their events are skipped permanently, also in a rebuild. The events that they block continue.'],
    action: decision === 'retry' ? 'Retry all' : 'Skip all',
    reason: decision === 'retry' ? 'welcome' : 'needed',
    danger: decision === 'skip',
  });
  if (decided) await carryOut(group, query, `"decision":"${decision}"`, decided.reason);
}

async function patchAll(group, query) {
  if (isBusy()) return;
  const decided = await decide({
    title: `Edit and retry ${count(group.letters, 'dead letter')}?`,
    says: ['The patch is merged into each payload (RFC 7396). The events in the log do not change.'],
    action: 'Edit and retry all',
    reason: 'needed',
    edit: {
      label: 'Merge patch',
      text: group.consumer.startsWith('parcels@') ? '{\n  "address": { "country": "Greece" }\n}' : '{\n}',
      trial: async (patch, under) => {
        const batch = new Batch(group.letters, 'tried');
        under(batch.element);
        const found = await tried(batch, query, `{"patch":${patch}}`);
        return `${found.says} Nothing was written. ${found.errors.join(' ')}`;
      },
    },
  });
  if (decided) await carryOut(group, query, `"patch":${decided.text}`, decided.reason);
}

/** Sends a decision for all matching dead letters. The exact text is sent, so that no number is rounded. */
function carryOut(group, query, what, reason) {
  const members = [what, reason !== undefined && `"reason":${JSON.stringify(reason)}`, '"stopAtErrorShare":0.5'];
  const batch = new Batch(group.letters, 'decided about');
  return act(outcome, async () => {
    const sum = { released: 0, passed: 0, missed: 0, isStopped: false };
    const { wasStopped } = await batch.run(Replay, query, `{${members.filter(Boolean).join(',')}}`, page => {
      for (const name of ['released', 'passed', 'missed']) sum[name] += page[name];
      sum.isStopped = page.isStopped;
      return page.released + page.missed;
    });
    const text = what === '"decision":"skip"' ? `${count(sum.released, 'dead letter')} skipped` : `${number(sum.passed)} of ${number(sum.released)} passed`;
    const end = sum.isStopped ? '; stopped, because too many failed again' : wasStopped ? '; stopped, and the others did not change' : '';
    const missed = sum.missed > 0 ? ` ${count(sum.missed, 'dead letter')} had changed in the meantime, and ${sum.missed === 1 ? 'was' : 'were'} not changed.` : '';
    return h('p', null, h('b', null, `${text}${end}.${missed}`));
  }, batch.element);
}

function lettersOf(letters, chosen, after) {
  const isGroup = chosen.consumer || chosen.cause;
  const head = h('div', { class: 'heads' }, isGroup && h('a', { href: link(['dead-letters']) }, 'All groups'), filter(chosen));
  const title = isGroup ? 'Dead letters of this group' : 'Dead letters';
  if (!letters.length) return card(title, { id: 'deadLettersTitle', head }, empty(chosen.state === '' ? 'No dead letter is open.' : 'No dead letter matches.'));
  return card(title, { id: 'deadLettersTitle', head },
    table(
      [['Id'], ['Event'], ['Stream', 'spare'], ['Consumer', 'spare'], ['State'], ['Failed', 'spare']],
      letters.map(letter => ({
        key: `letter ${letter.id}`,
        cells: [
          h('a', { href: link(['dead-letters', letter.id]) }, number(letter.id)),
          letter.type,
          h('span', { class: 'clip', title: letter.stream }, letter.stream),
          letter.consumer,
          h('span', { class: `badge ${letter.state}` }, words(letter.state)),
          letter.lastFailedAt ? h('span', { title: letter.lastFailedAt }, ago(letter.lastFailedAt)) : '–',
        ],
      })),
      'Dead letters'),
    h('p', { class: 'pages' },
      after > 0 && h('a', { href: link(['dead-letters'], chosen) }, '← First page'),
      letters.length === PageSize && h('a', { rel: 'next', href: link(['dead-letters'], { ...chosen, after: letters.at(-1).id }) }, 'Next →')));
}

function filter(chosen) {
  const choose = event => { location.hash = link(['dead-letters'], { ...chosen, state: event.target.value }); };
  const choice = h('select', { id: 'state', onchange: choose },
    [['', 'open'], ['all', 'all'], ...States.map(name => [name, words(name)])].map(([value, text]) =>
      h('option', { value, selected: value === chosen.state }, text)));
  return h('label', { class: 'inline' }, 'State ', choice);
}

/** A demonstration: an order with a misspelled country, sent through the shop's API. */
function trial() {
  const outcome = h('div', { class: 'outcome' });
  return card('Try it', { id: 'trialTitle' },
    h('p', null, 'Countries are free text here, but the carrier has a fixed list. An order to “Atlantis” is accepted, and then the projection ',
      h('code', null, 'parcels'), ' cannot announce its parcel: that event, and the later ones of the same order, become dead letters. All other orders continue.'),
    h('div', { class: 'actions' }, button('Place an order to Atlantis', () => act(outcome, orderToAtlantis), { id: 'cause' })),
    outcome);
}

async function orderToAtlantis() {
  const name = `atlas-${Math.random().toString(36).slice(2, 8)}`;
  const customer = await post('/api/customers', { username: name, email: `${name}@example.com` });
  const { items } = await get('/api/products?available=true&pageSize=100');
  const product = items.find((found) => found.status === 'active'); // An order for a retired product would be refused.
  const order = await post('/api/orders', {
    customer: customer.customerId,
    address: { street: '1 Pillar Road', city: 'Poseidonis', state: 'Sea', postalCode: '0001', country: 'Atlantis' },
    items: product ? [{ product: product.id, quantity: 1 }] : [],
  });
  if (product) await post(`/api/orders/${order.orderId}/submit`);
  return h('p', null, 'Order ', h('a', { href: link(['orders', order.number]) }, order.number), ' was accepted. The dead letter of its parcel appears here in a moment.');
}
