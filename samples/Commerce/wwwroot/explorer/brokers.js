// The brokers, and the messages that wait there for a retry. These are not in the log, so they are not among the dead letters.

import { card, h, table } from './dom.js';
import { count, number, time, words } from './format.js';

/** Returns a text about brokers when no dead letter is open; null when nothing waits. `transports` is null when the node did not report them. */
export function brokerSummaryOf(transports) {
  if (!transports) return 'No event is held up. The messages at the brokers are unknown.';
  const waiting = transports.flatMap(one => one.retries).reduce((sum, queue) => sum + queue.waiting, 0);
  const wait = waiting === 1 ? 'waits' : 'wait';
  if (waiting) return `No event is held up, but ${count(waiting, 'message')} ${wait} at a broker for a retry: see below.`;
  const isAway = transports.some(one => one.state === 'unavailable');
  return isAway ? 'No event is held up. A broker is unavailable, so its messages are unknown: see below.' : null;
}

/** The card of the brokers; nothing without brokers. */
export const brokersOf = transports => !transports?.length ? []
  : [card('Brokers', { id: 'brokersTitle', head: h('p', { class: 'muted' }, 'As this node sees them.') }, transports.map(brokerOf))];

function brokerOf({ name, system, state, since, problem, retries }) {
  return h('article', { class: 'group', 'data-key': name },
    h('h3', null, h('code', null, name), ' ', h('span', { class: `state ${state}` }, words(state))),
    h('p', { class: 'muted' }, system !== name && `${system}, `, since ? ['since ', time(since), '.'] : 'not needed yet.'),
    problem && h('p', null, problem),
    retries.length > 0 && table(
      [['Receiver'], ['To be tried again', 'number'], ['New messages']], retries.map(queueOf), `Retries at ${name}`));
}

const queueOf = ({ receiver, waiting, stall }) => ({
  key: receiver,
  cells: [
    h('code', null, receiver),
    number(waiting),
    stall ? [h('span', { class: 'state stalled' }, 'stalled'), `: ${stall}`] : h('span', { class: 'state live' }, 'taken'),
  ],
});
