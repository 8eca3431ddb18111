// One dead letter: its event, its error, what waits behind it, and what can be done about it.

import { ask, getAsWritten, operator } from './api.js';
import { button, card, h, table } from './dom.js';
import { decide } from './decide.js';
import { count, number, time, words } from './format.js';
import { laidOut, raw } from './json.js';
import { act } from './letters.js';
import { follow } from './projections.js';
import { link } from './route.js';
import { update } from './update.js';
import { toWhy } from './why.js';

const Patience = 30_000, Pause = 300, Pace = 2_000;
const Open = ['retryAt', 'parked', 'waiting', 'released'];

const pathOf = id => `/millrace/dead-letters/${encodeURIComponent(id)}`;

export async function showLetter(root, { id, signal }) {
  const [letter, me] = await Promise.all([getAsWritten(pathOf(id), signal), operator()]);
  const view = new LetterView(letter, me, signal);
  root.replaceChildren(h('p', { class: 'crumbs' }, h('a', { href: link(['dead-letters']) }, '← Dead letters')), view.element);
  follow(() => view.look(), signal, Pace);
}

class LetterView {
  #me; #signal; #isGone = false;
  #badge = h('div'); #head = h('div'); #actions = h('div', { class: 'actions' }); #outcome = h('div', { class: 'outcome', id: 'outcome' });
  #event = h('div'); #line = h('div');

  constructor(letter, me, signal) {
    [this.#me, this.#signal] = [me, signal];
    this.element = h('div', { class: 'stack' },
      card(`Dead letter ${letter.id}`, { id: 'letterTitle', head: this.#badge }, this.#head, this.#actions, this.#outcome),
      card('The event', { id: 'payloadTitle' }, this.#event),
      card('The line behind it', { id: 'lineTitle' }, this.#line));
    this.show(letter);
  }

  show(letter) {
    this.letter = letter;
    update(this.#badge, h('span', { class: `badge ${letter.state}` }, words(letter.state)));
    update(this.#head,
      h('p', { class: 'message' }, letter.message ?? 'It has not been tried: an earlier event of its key has not passed.'), this.#facts());
    update(this.#actions, this.#choices());
    update(this.#event,
      letter.editedPayload !== undefined && [
        h('h3', null, 'As it was edited'),
        h('pre', { id: 'edit-payload', tabindex: 0, 'aria-label': 'Edited payload' }, laidOut(letter.editedPayload)),
        h('h3', null, 'As the log holds it')],
      h('pre', { id: 'payload', tabindex: 0, 'aria-label': 'Payload' },
        letter.payload === undefined ? 'It was removed from the log.' : laidOut(letter.payload)),
      letter.stack && raw('Where it was thrown', letter.stack, { id: 'stack' }));
    update(this.#line, this.#waiting());
  }

  /** Others may decide meanwhile, and further events come to wait. */
  async look() {
    if (this.#isGone || !Open.includes(this.letter.state)) return;
    try {
      this.show(await getAsWritten(pathOf(this.letter.id), this.#signal));
    } catch (error) {
      if (error.status !== 404) throw error;
      this.#leave();
    }
  }

  #facts() {
    const { letter } = this;
    const order = letter.stream.startsWith('order-') ? link(['orders', letter.stream.slice(6)], { v: letter.version }) : null;
    const facts = [
      ['Consumer', h('code', null, letter.consumer)],
      ['Key', h('button', { type: 'button', class: 'figure', title: 'Why?', onclick: () => toWhy(letter.consumer.split('@')[0], letter.key) }, letter.key)],
      ['Event', h('code', null, letter.type)],
      ['Place', h('span', null, 'version ', number(letter.version), ' of ', order ? h('a', { href: order }, letter.stream) : letter.stream)],
      ['Tried', count(letter.attempts, 'time')],
      ['Error', letter.errorType && h('span', null, h('code', null, letter.errorType), letter.class ? `, ${letter.class}` : '')],
      ['First failed', letter.firstFailedAt && time(letter.firstFailedAt)],
      ['Last failed', letter.lastFailedAt && time(letter.lastFailedAt)],
      ['Tried again', letter.retryAt && time(letter.retryAt)],
      ['Decided', letter.decidedAt && h('span', null, `${letter.decision ?? 'edit'} by ${letter.by} `, time(letter.decidedAt))],
      ['Reason', letter.reason],
    ];
    return h('dl', { class: 'facts tight' },
      facts.filter(([, value]) => value).map(([name, value]) => h('div', { 'data-key': name }, h('dt', null, name), h('dd', null, value))));
  }

  #choices() {
    const { letter } = this;
    if (!Open.includes(letter.state)) return null;
    const mayDecide = this.#me.mayDecide, isWaiting = letter.state === 'waiting';
    return [
      !isWaiting && button('Simulate', () => this.#simulate(), { class: 'quiet', id: 'simulate' }),
      mayDecide && !isWaiting && button('Retry …', () => this.#ask('retry'), { id: 'retry' }),
      mayDecide && typeof letter.payload === 'object' && button('Edit and retry …', () => this.#ask('edit'), { id: 'edit' }),
      mayDecide && !isWaiting && button('Skip …', () => this.#ask('skip'), { class: 'danger', id: 'skipLetter' }),
      mayDecide && !isWaiting && button('Discard …', () => this.#ask('discard'), { class: 'danger', id: 'discard' }),
      !mayDecide && h('p', { class: 'muted' }, 'You may look, and try on copies. The shop was started so that nobody decides here.'),
    ];
  }

  #waiting() {
    const { letter } = this;
    return [
      letter.behind && h('p', null, 'It waits behind ', h('a', { href: link(['dead-letters', letter.behind]) }, `letter ${number(letter.behind)}`), '.'),
      letter.waitingCount === 0 ? h('p', { class: 'blank' }, 'Nothing waits behind it.')
        : table([['Letter'], ['Event'], ['Position', 'number']], letter.waiting.map(one => ({
          key: `letter ${one.id}`,
          cells: [h('a', { href: link(['dead-letters', one.id]) }, number(one.id)), one.type, number(one.position)],
        })), 'What waits behind it'),
      letter.waitingCount > letter.waiting.length
        && h('p', { class: 'muted' }, `${count(letter.waitingCount, 'event')} in all; the first ${number(letter.waiting.length)} are shown.`),
    ];
  }

  /** Tries this letter on a copy. */
  #simulate() {
    return act(this.#outcome, async () => h('p', null, h('b', null, await this.#try('{}')), ' Nothing was written.'));
  }

  /** What is tried is what would be stored: the same text in the same member. */
  async #try(body) {
    try {
      const one = await ask(`${pathOf(this.letter.id)}/simulate`, { method: 'POST', raw: body });
      return { passes: 'It would pass.', fails: `It would fail again: ${one.error}` }[one.outcome] ?? `It was not tried: ${one.error}`;
    } catch (error) {
      if (error.status !== 404) throw error;
      return 'It has moved on: there is nothing to try.';
    }
  }

  async #ask(decision) {
    const decided = await decide(this.#question(decision));
    if (!decided) return;
    const members = [
      decided.reason !== undefined && `"reason":${JSON.stringify(decided.reason)}`,
      decision === 'edit' && withPayload(decided.text),
    ];
    await act(this.#outcome, () => this.#carryOut(decision, bodyOf(members)));
  }

  #question(decision) {
    const { letter } = this, line = letter.waitingCount > 0 ? ` ${count(letter.waitingCount, 'event')} ${letter.waitingCount === 1 ? 'waits' : 'wait'} behind it.` : '';
    return {
      retry: { title: `Retry letter ${letter.id}?`, says: [`Its consumer handles the event again.${line}`], action: 'Retry', reason: 'welcome' },
      edit: {
        title: `Edit and retry letter ${letter.id}?`,
        says: ['The event is handled with this payload instead, now and in a rebuild. The log keeps the original, and both are kept with your name and reason.'],
        action: 'Edit and retry',
        reason: 'needed',
        edit: {
          label: 'Payload',
          text: laidOut(letter.editedPayload ?? letter.payload),
          trial: text => this.#try(bodyOf([withPayload(text)])),
        },
      },
      skip: { title: `Skip letter ${letter.id}?`, says: [`The event is passed over for good, also in a rebuild. What waits behind it goes on.${line}`], action: 'Skip', reason: 'needed', danger: true },
      discard: { title: `Discard letter ${letter.id}?`, says: [`The event is given up, and with it all that waits behind it now.${line}`], action: 'Discard', reason: 'needed', danger: true },
    }[decision];
  }

  async #carryOut(decision, body) {
    await ask(`${pathOf(this.letter.id)}/${decision}`, { method: 'POST', raw: body });
    return h('p', null, h('b', null, await this.#outcomeOf(decision)));
  }

  /** Waits until the consumer has acted on the decision, and says what came of it. */
  async #outcomeOf(decision) {
    for (const limit = Date.now() + Patience; Date.now() < limit;) {
      await new Promise(resolve => setTimeout(resolve, Pause));
      let now;
      try {
        now = await getAsWritten(pathOf(this.letter.id), this.#signal);
      } catch (error) {
        if (error.status !== 404) throw error;
        this.#leave();
        return decision === 'retry' ? 'It passed, and is no dead letter any more.' : 'It is settled.';
      }
      if (now.state === 'released') continue;
      this.show(now);
      return {
        waiting: 'It is edited, and is handled so when its turn comes.',
        corrected: 'It passed with the edited payload.',
        skipped: 'It was skipped.',
        discarded: 'It was discarded, with its line.',
      }[now.state] ?? `It failed again: ${now.message}`;
    }
    return 'It is decided; the node that runs the consumer has not acted on it yet.';
  }

  /** It has passed, and is known no more. */
  #leave() {
    this.#isGone = true;
    update(this.#badge, h('span', { class: 'badge corrected' }, 'passed'));
    update(this.#actions);
  }
}

// What was written is sent as it stands, so that no number loses its end on the way through JavaScript's.
const withPayload = text => `"payload":${text}`;
const bodyOf = members => `{${members.filter(Boolean).join(',')}}`;
