// The fulfilment of an order: each attempt with its steps, status, reason and history.

import { card, h, table } from './dom.js';
import { count, number, time, words } from './format.js';

const Signs = { open: '·', begun: '…', waiting: '⏳', done: '✓', failed: '✕', undoing: '↶', undone: '↶', stuck: '!' };

/** A card for each attempt, the latest first; nothing for an order that was not checked out. */
export const fulfilment = tries => tries.map((one, index) => {
  const title = tries.length === 1 ? 'Fulfilment' : `Fulfilment, try ${number(tries.length - index)}`;
  return card(title, { id: `fulfilment${index}`, class: 'fulfilment', head: h('span', { class: `badge ${one.state}` }, words(one.state)) },
    one.reason && h('p', { class: 'remark' }, one.reason),
    h('ol', { class: 'steps', 'aria-label': 'Steps in order' }, one.steps.map(step)),
    one.due && new Date(one.due) > new Date() && h('p', { class: 'muted' }, 'Continues automatically ', time(one.due), ', unless an event comes first.'),
    h('details', { open: one.state === 'held' || one.state === 'compensated' },
      h('summary', null, `What happened: ${count(one.history.length, 'entry', 'entries')}`),
      table([['', 'number'], ['When', 'spare'], ['What', 'keep'], ['Step'], ['Why']], one.history.map(entry => [
        number(entry.version), time(entry.at), entry.what, entry.step ?? '', [entry.reason, entry.by && ` (${entry.by})`],
      ]), `What happened to ${title.toLowerCase()}`)));
});

const step = ({ name, stand }) => h('li', { class: stand },
  h('span', { class: 'sign', 'aria-hidden': 'true' }, Signs[stand]), words(name.replaceAll('-', ' ')), h('span', { class: 'hidden' }, `: ${stand}`));
