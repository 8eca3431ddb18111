// What could not be handled: in groups that failed alike, and letter by letter.

import { get, operator, post } from './api.js';
import { Batch } from './batches.js';
import { besideLetters, brokersOf } from './brokers.js';
import { announce, button, card, empty, failure, focusOn, h, replace, table } from './dom.js';
import { decide } from './decide.js';
import { ago, count, number, time, words } from './format.js';
import { follow } from './projections.js';
import { link } from './route.js';
import { update } from './update.js';

const PageSize = 50, MostGroups = 100;
const States = ['retryAt', 'parked', 'waiting', 'released', 'skipped', 'discarded', 'corrected'];
const Open = States.slice(0, 4);

/** Stays over views: what is under way with many letters goes on, and is found again. */
const outcome = h('div', { class: 'outcome', id: 'outcome' });

/** Whether something is under way with many letters; if so, it is pointed at, because a second would overtake it. */
function isBusy() {
  const stop = outcome.querySelector('#stopBatch');
  stop?.focus();
  return Boolean(stop);
}

export async function showLetters(root, { query, signal }) {
  const chosen = { consumer: query.get('consumer'), cause: query.get('cause'), state: query.get('state') ?? '' };
  const after = Number(query.get('after')) || 0;
  const me = await operator();
  const [groups, brokers, letters] = [h('div'), h('div'), h('div')];
  if (!outcome.querySelector('#stopBatch')) outcome.replaceChildren();
  const draw = async () => {
    const [failed, transports, page] = await Promise.all([
      get('/millrace/dead-letters/groups', signal),
      get('/millrace/transports', signal).catch(error => { // A node of an earlier build has none: letters are told all the same.
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
    card('What failed', { id: 'groupsTitle', head: h('p', { class: 'muted' }, me.mayDecide ? `You decide as “${me.name}”.` : 'You may look, and try on copies.') },
      groups, outcome),
    brokers,
    letters,
    me.mayDecide && trial());
  follow(draw, signal);
}

/** Those that are still open, unless the address asks for others. */
function listed({ consumer, cause, state }, after) {
  const query = wanted({ consumer, cause, after: after || null, limit: PageSize });
  for (const one of state === '' ? Open : state === 'all' ? [] : [state]) query.append('state', one);
  return query;
}

const wanted = query => new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== ''));

const groupsOf = (groups, me, transports) => groups.length ? [
  groups.map(group => groupOf(group, me)),
  groups.length === MostGroups && h('p', { class: 'muted' }, `These are the ${MostGroups} largest groups; there may be more.`),
] : empty(besideLetters(transports) ?? 'Nothing is held up: every consumer handled every event it asked for.');

function groupOf(group, me) {
  const query = wanted({ consumer: group.consumer, cause: group.cause });
  return h('article', { class: 'group', 'data-key': `${group.consumer} ${group.cause}` },
    h('h3', null, group.sample.errorType.split('.').at(-1), ' in ', h('code', null, group.consumer)),
    h('p', null, group.letters > 1 && h('span', { class: 'muted' }, 'For example: '), group.sample.message),
    h('p', { class: 'muted' },
      `${count(group.letters, 'letter')}, first `, time(group.firstFailedAt), ', last ', time(group.lastFailedAt), '. ',
      h('a', { href: link(['dead-letters'], { consumer: group.consumer, cause: group.cause }) }, 'Show them')),
    h('div', { class: 'actions' },
      button('Simulate all', () => simulate(group, query), { class: 'quiet' }),
      me.mayDecide && button('Edit and retry all …', () => patchAll(group, query), { class: 'quiet' }),
      me.mayDecide && button('Retry all …', () => replay(group, query, 'retry')),
      me.mayDecide && button('Skip all …', () => replay(group, query, 'skip'), { class: 'danger' })));
}

/** Does something that takes a moment, and says what came of it, or why not: once, and not what is shown meanwhile. */
export async function act(outcome, what, meanwhile = h('p', { class: 'muted', 'aria-busy': 'true' }, 'One moment …')) {
  outcome.replaceChildren(meanwhile);
  try {
    const found = await what();
    const isFocused = outcome.contains(document.activeElement);
    replace(outcome, found);
    if (isFocused) focusOn(outcome); // What could stop it is gone.
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

/** Tries all that match, and says what would become of them. */
async function tried(batch, query, body) {
  let passes = 0, unknown = 0;
  const errors = new Map();
  const { done, wasStopped } = await batch.run(Simulate, query, body, page => {
    [passes, unknown] = [passes + page.passes, unknown + page.unknown];
    for (const { id, error } of page.letters) if (error) errors.set(error, [...errors.get(error) ?? [], id]);
    return page.letters.length;
  });
  const open = unknown > 0 ? ` ${count(unknown, 'letter')} could not be tried.` : '';
  const rest = wasStopped ? ' It was stopped, and the others were not tried.' : '';
  return {
    says: done === 0 ? 'There is none to try.' : `${number(passes)} of ${number(done)} would pass.${open}${rest}`,
    errors: [...errors].slice(0, 5).map(([error, [first, ...others]]) =>
      `Letter ${first}${others.length ? ` and ${count(others.length, 'other')}` : ''}: ${error}`),
  };
}

async function replay(group, query, decision) {
  if (isBusy()) return;
  const decided = await decide({
    title: `${decision === 'retry' ? 'Retry' : 'Skip'} ${count(group.letters, 'letter')}?`,
    says: [decision === 'retry' ? 'Each is tried again; what waits behind it goes on when it passes.'
      : 'Their events are passed over for good, also in a rebuild. What waits behind them goes on.'],
    action: decision === 'retry' ? 'Retry all' : 'Skip all',
    reason: decision === 'retry' ? 'welcome' : 'needed',
    danger: decision === 'skip',
  });
  if (decided) await carryOut(group, query, `"decision":"${decision}"`, decided.reason);
}

async function patchAll(group, query) {
  if (isBusy()) return;
  const decided = await decide({
    title: `Edit and retry ${count(group.letters, 'letter')}?`,
    says: ['What you write is merged into the payload of each, as RFC 7396 has it. The events in the log stay as they are.'],
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

/** Decides about all that match. What was written is sent as it stands, so that no number is rounded. */
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
    const text = what === '"decision":"skip"' ? `${count(sum.released, 'letter')} skipped` : `${number(sum.passed)} of ${number(sum.released)} passed`;
    const end = sum.isStopped ? '; stopped, because too many failed again' : wasStopped ? '; stopped, and the others are as they were' : '';
    const missed = sum.missed > 0 ? ` ${count(sum.missed, 'letter')} had changed meanwhile, and ${sum.missed === 1 ? 'was' : 'were'} left alone.` : '';
    return h('p', null, h('b', null, `${text}${end}.${missed}`));
  }, batch.element);
}

function lettersOf(letters, chosen, after) {
  const isGroup = chosen.consumer || chosen.cause;
  const head = h('div', { class: 'heads' }, isGroup && h('a', { href: link(['dead-letters']) }, 'Of all groups'), filter(chosen));
  const title = isGroup ? 'Letters of this group' : 'Letters';
  if (!letters.length) return card(title, { id: 'lettersTitle', head }, empty(chosen.state === '' ? 'None is open.' : 'There is none like that.'));
  return card(title, { id: 'lettersTitle', head },
    table(
      [['Letter'], ['Event'], ['Stream', 'spare'], ['Consumer', 'spare'], ['State'], ['Failed', 'spare']],
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

/** A way to see how it goes: an order as a hasty customer writes it, sent through the shop's own API. */
function trial() {
  const outcome = h('div', { class: 'outcome' });
  return card('Try it', { id: 'trialTitle' },
    h('p', null, 'Countries are free text here, and the carrier’s are a list. An order to “Atlantis” is accepted, and then the projection ',
      h('code', null, 'parcels'), ' cannot announce its parcel: that event, and the later ones of the same order, become dead letters. All other orders go on.'),
    h('div', { class: 'actions' }, button('Place an order to Atlantis', () => act(outcome, orderToAtlantis), { id: 'cause' })),
    outcome);
}

async function orderToAtlantis() {
  const name = `atlas-${Math.random().toString(36).slice(2, 8)}`;
  const customer = await post('/api/customers', { username: name, email: `${name}@example.com` });
  const { items } = await get('/api/products?available=true&pageSize=100');
  const product = items.find((found) => found.status === 'active'); // One that is not sold any more would be refused.
  const order = await post('/api/orders', {
    customer: customer.customerId,
    address: { street: '1 Pillar Road', city: 'Poseidonis', state: 'Sea', postalCode: '0001', country: 'Atlantis' },
    items: product ? [{ product: product.id, quantity: 1 }] : [],
  });
  if (product) await post(`/api/orders/${order.orderId}/submit`);
  return h('p', null, 'Order ', h('a', { href: link(['orders', order.number]) }, order.number), ' was accepted. What became of its parcel shows here in a moment.');
}
