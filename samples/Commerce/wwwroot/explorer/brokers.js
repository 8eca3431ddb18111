// The brokers that messages go and come over, and what waits at them to be tried again: that is in no log, and so among no letters.

import { card, h, table } from './dom.js';
import { count, number, time, words } from './format.js';

/** What is to be said of brokers where no letter is open; null where nothing waits at any. They are null where the node did not tell. */
export function besideLetters(transports) {
  if (!transports) return 'No event is held up. What may wait at a broker could not be asked.';
  const waiting = transports.flatMap(one => one.retries).reduce((sum, queue) => sum + queue.waiting, 0);
  const wait = waiting === 1 ? 'waits' : 'wait';
  if (waiting) return `No event is held up, but ${count(waiting, 'message')} ${wait} at a broker to be tried again: see below.`;
  const isAway = transports.some(one => one.state === 'unavailable');
  return isAway ? 'No event is held up. What may wait at a broker that is away is not known: see below.' : null;
}

/** How the brokers are; nothing where there is none. */
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
