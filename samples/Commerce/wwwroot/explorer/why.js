// Why a figure is what it is: the panel that says which rule, event, command, user and build gave a value, and the values before.

import { getAsWritten } from './api.js';
import { button, empty, failure, h, loading, replace, table } from './dom.js';
import { count, number, time } from './format.js';
import { change, show } from './json.js';
import { link, linkHere, note } from './route.js';

const Few = 10, Many = 1000, Failures = 10;

/** The most seconds that the server searches at once. */
const Longest = 300;

const Stands = {
  behind: 'What is stored is as it was a moment ago: the read model has not come to the latest events yet.',
  differs: 'What is stored differs from what the events give. The projection’s code may have changed without a new version: build it again.',
};

/** A figure that explains itself when it is pressed. */
export const figure = (text, model, key, member, name) =>
  h('button', { type: 'button', class: 'figure', title: 'Why?', 'aria-label': name, onclick: () => toWhy(model, key, member) }, text);

/** Opens the panel for a member of a document or, without a model, of the aggregate or decider whose stream the key is. */
export function toWhy(model, key, member) {
  location.hash = linkHere({ why: `${model ?? ''}/${key}`, member });
}

/**
 * Why a document, an aggregate or a decider's state, or a member of it, is what it is: the changes, newest first, and how far they were
 * searched for. With an answer that came before its end, the search goes on from there, and both are told as one.
 */
export async function search(model, key, query, signal, before) {
  const found = await getAsWritten(address(model, key, { ...query, ...wayOn(before) }), signal);
  if (!before?.continuation) return found;
  const own = found.changes.filter(one => one.position >= found.searchedFrom); // Else it is the last one that is known already.
  return {
    ...found,
    changes: [...own, ...before.changes].slice(0, query.most),
    failures: [...before.failures, ...found.failures].slice(0, Failures),
  };
}

/** From where a search stopped, or, where that cannot be carried along, from the beginning with as much time as there is. */
const wayOn = before => !before ? {} : before.continuation ? { goOn: before.continuation } : { seconds: Longest };

/** Says of an answer that came before its end how far it goes, with a way on. */
export const unfinished = (found, goOn, id, says) => !found.isComplete && h('p', { class: 'remark', id },
  `It takes long: only the events up to position ${number(found.position)} of ${number(found.until)} were looked at so far. ${says} `,
  button('Go on', goOn, { class: 'quiet' }));

function address(model, key, query) {
  const named = model ? { readModel: model, key } : { stream: key };
  return `/millrace/why?${new URLSearchParams(Object.entries({ ...named, ...query }).filter(([, value]) => value !== null))}`;
}

let panel = null;
let shown = null;
let asked = new AbortController();

/** Shows the panel that the address asks for; closes it when it asks for none. */
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
  panel.addEventListener('click', event => event.target === panel && panel.close()); // Beside it.
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
    if (before) panel.querySelector('#whyTitle').focus(); // The button that was pressed is gone.
  } catch (error) {
    if (!signal.aborted) body.replaceChildren(failure(error, error.status === 404 ? null : () => fill(model, key, member, most)));
  }
}

function explain(found, more, goOn) {
  const [answer, ...earlier] = found.changes;
  const subject = h('p', { class: 'subject' },
    h('code', null, found.member ?? 'all of it'), ' of ',
    h('code', null, found.stream ?? `${found.name}/${found.key}`));
  const rest = unfinished(found, goOn, 'whyRest', 'What is said is as of there.');
  if (!answer) return [subject, rest, empty(`No event gave it a value${found.isComplete ? '' : ' so far'}.`), ...remarks(found)].filter(Boolean);
  const isWhole = found.member === undefined;
  return [
    subject,
    rest,
    !isWhole && h('p', { class: 'answer' }, found.isComplete ? 'It is ' : 'So far it is ', h('b', null, show(found.value)), '.'),
    h('dl', { class: 'facts tight', id: 'whyAnswer' }, facts(answer, isWhole).map(([name, value]) =>
      h('div', null, h('dt', null, name), h('dd', null, value)))),
    toTimeLine(answer),
    ...remarks(found),
    causes(found),
    h('h3', null, 'Values before'),
    earlier.length ? table([['When'], ['What'], ['Value']], earlier.map(one => [whenOf(one), what(one), said(one, isWhole)]), 'Values before, the latest first')
      : empty('None: this was the first.'),
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
    ['User', change.user ?? 'nobody signed in'],
    ['Build', change.applicationVersion],
    ['Program', change.source],
    ['Read as', change.readAs.join(', ')],
    ['Corrected', change.isCorrected && 'with a payload that an operator edited; the log holds another'],
  ].filter(([, value]) => value);
}

const said = (one, isWhole) => isWhole ? (one.before === undefined ? 'it began' : one.after === undefined ? 'it was removed' : 'it changed') : change(one.before, one.after);

const whenOf = one => time(one.timestamp);

const what = one => h('span', null, orderOf(one) ? h('a', { href: orderOf(one) }, one.type) : one.type, one.command && h('span', { class: 'muted' }, ` by ${one.command}`));

/** The time line of the order that an event belongs to. */
const orderOf = ({ stream, version }) => stream.startsWith('order-') ? link(['orders', stream.slice(6)], { v: version }) : null;

const toTimeLine = answer => orderOf(answer) && h('p', null, h('a', { id: 'toTimeLine', href: orderOf(answer) }, 'See it in the order’s time line →'));

function causes(found) {
  if (!found.causes.length) return null;
  return h('div', null, h('h3', null, 'What led to it'), h('ol', { class: 'causes' }, found.causes.map(one => h('li', null, what(one), ' ', whenOf(one)))));
}

/** What a reader must know beside the answer. */
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
