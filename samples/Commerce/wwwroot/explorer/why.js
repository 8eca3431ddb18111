// The panel that explains a value: its rule, event, command, user and version, and the earlier values.

import { getAsWritten } from './api.js';
import { button, empty, failure, h, loading, replace, table } from './dom.js';
import { count, number, time } from './format.js';
import { change, show } from './json.js';
import { link, linkHere, note } from './route.js';

const Few = 10, Many = 1000, Failures = 10;

/** The maximum time of one search on the server, in seconds. */
const MaxSeconds = 300;

const Stands = {
  behind: 'The stored value may be out of date: the read model has not reached the latest events yet.',
  differs: 'The stored value differs from the value that results from the events. The projection’s code may have changed without a new version: rebuild it.',
};

/** A figure that opens the panel when it is pressed. */
export const figure = (text, model, key, member, name) =>
  h('button', { type: 'button', class: 'figure', title: 'Why?', 'aria-label': name, onclick: () => toWhy(model, key, member) }, text);

/** Opens the panel for a member of a document or, without a model, of the aggregate or decider whose stream the key is. */
export function toWhy(model, key, member) {
  location.hash = linkHere({ why: `${model ?? ''}/${key}`, member });
}

/**
 * Returns the changes of a document, an aggregate or a decider's state, or of a member, newest first, and the searched range. Continues
 * an incomplete answer, and merges both.
 */
export async function search(model, key, query, signal, before) {
  const found = await getAsWritten(address(model, key, { ...query, ...continuationOf(before) }), signal);
  if (!before?.continuation) return found;
  const own = found.changes.filter(one => one.position >= found.searchedFrom); // Otherwise it is the last change that is already known.
  return {
    ...found,
    changes: [...own, ...before.changes].slice(0, query.most),
    failures: [...before.failures, ...found.failures].slice(0, Failures),
  };
}

/** Continues from the end of the last search or, without a continuation, from the start with the maximum time. */
const continuationOf = before => !before ? {} : before.continuation ? { goOn: before.continuation } : { seconds: MaxSeconds };

/** Shows how far an incomplete answer reaches, with a button to continue. */
export const unfinished = (found, goOn, id, says) => !found.isComplete && h('p', { class: 'remark', id },
  `The search is incomplete: it has reached position ${number(found.position)} of ${number(found.until)}. ${says} `,
  button('Go on', goOn, { class: 'quiet' }));

function address(model, key, query) {
  const named = model ? { readModel: model, key } : { stream: key };
  return `/millrace/why?${new URLSearchParams(Object.entries({ ...named, ...query }).filter(([, value]) => value !== null))}`;
}

let panel = null;
let shown = null;
let asked = new AbortController();

/** Shows the panel if the address selects one; otherwise closes it. */
export function showWhy(path, member) {
  const wanted = path ? `${path} ${member ?? ''}` : null;
  if (wanted === shown) return;
  shown = wanted;
  if (!path) return panel?.close();
  const slash = path.indexOf('/');
  open();
  fill(path.slice(0, slash) || null, path.slice(slash + 1), member, Few);
}

function open() {
  if (panel) return;
  panel = h('dialog', { id: 'why', class: 'panel', 'aria-labelledby': 'whyTitle' },
    h('div', { class: 'cardHead' }, h('h2', { id: 'whyTitle', tabindex: -1, autofocus: true }, 'Why?'), button('Close', () => panel.close(), { class: 'quiet', id: 'closeWhy' })),
    h('p', { id: 'whySaid', class: 'hidden', role: 'status' }), h('div', { id: 'whyBody' }));
  panel.addEventListener('close', () => {
    asked.abort();
    panel.remove();
    [panel, shown] = [null, null];
    note({ why: null, member: null });
  });
  panel.addEventListener('click', event => event.target === panel && panel.close()); // A click outside.
  document.body.append(panel);
  panel.showModal();
}

async function fill(model, key, member, most, before) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const body = panel.querySelector('#whyBody');
  if (before) body.querySelector('#whyRest button').replaceWith(h('span', { 'aria-busy': 'true' }, 'Going on …'));
  else body.replaceChildren(loading('the events of this value'));
  try {
    const found = await search(model, key, { member: member ?? null, most }, signal, before);
    replace(body, explain(found, () => fill(model, key, member, Many), () => fill(model, key, member, most, found)));
    panel.querySelector('#whySaid').textContent = (body.querySelector('.answer, .blank') ?? body.querySelector('.subject')).textContent;
    if (before) panel.querySelector('#whyTitle').focus(); // The pressed button was removed.
  } catch (error) {
    if (!signal.aborted) body.replaceChildren(failure(error, error.status === 404 ? null : () => fill(model, key, member, most)));
  }
}

function explain(found, more, goOn) {
  const [answer, ...earlier] = found.changes;
  const subject = h('p', { class: 'subject' },
    h('code', null, found.member ?? 'all of it'), ' of ',
    h('code', null, found.stream ?? `${found.name}/${found.key}`));
  const rest = unfinished(found, goOn, 'whyRest', 'The answer is valid up to that position.');
  if (!answer) return [subject, rest, empty(`No event has set this value${found.isComplete ? '' : ' so far'}.`), ...remarks(found)].filter(Boolean);
  const isWhole = found.member === undefined;
  return [
    subject,
    rest,
    !isWhole && h('p', { class: 'answer' }, found.isComplete ? 'It is ' : 'So far it is ', h('b', null, show(found.value)), '.'),
    h('dl', { class: 'facts tight', id: 'whyAnswer' }, facts(answer, isWhole).map(([name, value]) =>
      h('div', null, h('dt', null, name), h('dd', null, value)))),
    toTimeline(answer),
    ...remarks(found),
    causes(found),
    h('h3', null, 'Values before'),
    earlier.length ? table([['When'], ['What'], ['Value']], earlier.map(one => [whenOf(one), what(one), said(one, isWhole)]), 'Earlier values, latest first')
      : empty('None: this is the first value.'),
    found.changeCount > found.changes.length
      && button(`Show all ${number(found.changeCount)} changes`, more, { class: 'quiet', id: 'moreWhy' }),
  ];
}

function facts(change, isWhole) {
  return [
    ['Change', said(change, isWhole)],
    ['Rule', change.rules.map(rule => h('code', null, rule))],
    ['Event', h('code', null, change.type)],
    ['Place', `version ${number(change.version)} of ${change.stream}, position ${number(change.position)}`],
    ['Recorded', time(change.timestamp)],
    ['Command', change.command && h('code', null, change.command)],
    ['User', change.user ?? 'not signed in'],
    ['Build', change.applicationVersion],
    ['Program', change.source],
    ['Read as', change.readAs.join(', ')],
    ['Corrected', change.isCorrected && 'with a payload that an operator edited; the log has the original'],
  ].filter(([, value]) => value);
}

const said = (one, isWhole) => isWhole ? (one.before === undefined ? 'created' : one.after === undefined ? 'removed' : 'changed') : change(one.before, one.after);

const whenOf = one => time(one.timestamp);

const what = one => h('span', null, orderOf(one) ? h('a', { href: orderOf(one) }, one.type) : one.type, one.command && h('span', { class: 'muted' }, ` by ${one.command}`));

/** Returns the address of the timeline of an event's order. */
const orderOf = ({ stream, version }) => stream.startsWith('order-') ? link(['orders', stream.slice(6)], { v: version }) : null;

const toTimeline = answer => orderOf(answer) && h('p', null, h('a', { id: 'toTimeline', href: orderOf(answer) }, 'Show it in the order’s timeline →'));

function causes(found) {
  if (!found.causes.length) return null;
  return h('div', null, h('h3', null, 'Causes'), h('ol', { class: 'causes' }, found.causes.map(one => h('li', null, what(one), ' ', whenOf(one)))));
}

/** Remarks about the answer. */
function remarks(found) {
  const open = found.letters.filter(letter => !['skipped', 'discarded', 'corrected'].includes(letter.state));
  return [
    Stands[found.stored.state] && h('p', { class: 'remark' }, Stands[found.stored.state]),
    open.length > 0 && h('p', { class: 'remark' }, `${count(open.length, 'event')} of this key could not be handled and ${open.length === 1 ? 'is' : 'are'} missing: `,
      h('a', { href: link(['dead-letters', open[0].id]) }, `dead letter ${open[0].id}`), '.'),
    found.removals.length > 0 && h('p', { class: 'remark' }, `Events that may belong to it were removed from the log (${found.removals[0].reason}).`),
    found.failureCount > 0 && h('p', { class: 'remark' }, `${count(found.failureCount, 'event')} could not be read: ${found.failures[0]?.message ?? ''}`),
  ].filter(Boolean);
}
