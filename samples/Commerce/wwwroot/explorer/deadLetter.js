// One dead letter: its event, its error, the events that it blocks, and the possible decisions.

import { ask, getAsWritten, operator } from './api.js';
import { button, card, h, table } from './dom.js';
import { decide } from './decide.js';
import { count, number, time, words } from './format.js';
import { laidOut, raw } from './json.js';
import { act } from './deadLetters.js';
import { follow } from './projections.js';
import { link } from './route.js';
import { update } from './update.js';
import { toWhy } from './why.js';

const OutcomeTimeout = 30_000, Pause = 300, Pace = 2_000;
const Open = ['retryAt', 'parked', 'waiting', 'released'];

const pathOf = id => `/millrace/dead-letters/${encodeURIComponent(id)}`;

export async function showDeadLetter(root, { id, signal }) {
  const [letter, me] = await Promise.all([getAsWritten(pathOf(id), signal), operator()]);
  const view = new DeadLetterView(letter, me, signal);
  root.replaceChildren(h('p', { class: 'crumbs' }, h('a', { href: link(['dead-letters']) }, '← Dead letters')), view.element);
  follow(() => view.refresh(), signal, Pace);
}

class DeadLetterView {
  #me; #signal; #isGone = false;
  #badge = h('div'); #head = h('div'); #actions = h('div', { class: 'actions' }); #outcome = h('div', { class: 'outcome', id: 'outcome' });
  #event = h('div'); #line = h('div');

  constructor(letter, me, signal) {
    [this.#me, this.#signal] = [me, signal];
    this.element = h('div', { class: 'stack' },
      card(`Dead letter ${letter.id}`, { id: 'deadLetterTitle', head: this.#badge }, this.#head, this.#actions, this.#outcome),
      card('The event', { id: 'payloadTitle' }, this.#event),
      card('The blocked key', { id: 'lineTitle' }, this.#line));
    this.show(letter);
  }

  show(letter) {
    this.letter = letter;
    update(this.#badge, h('span', { class: `badge ${letter.state}` }, words(letter.state)));
    update(this.#head,
      h('p', { class: 'message' }, letter.message ?? 'Not handled yet: an earlier event of the same key is a dead letter.'), this.#facts());
    update(this.#actions, this.#choices());
    update(this.#event,
      letter.editedPayload !== undefined && [
        h('h3', null, 'Edited payload'),
        h('pre', { id: 'edit-payload', tabindex: 0, 'aria-label': 'Edited payload' }, laidOut(letter.editedPayload)),
        h('h3', null, 'Payload in the log')],
      h('pre', { id: 'payload', tabindex: 0, 'aria-label': 'Payload' },
        letter.payload === undefined ? 'The payload was removed from the log.' : laidOut(letter.payload)),
      letter.stack && raw('Stack trace', letter.stack, { id: 'stack' }));
    update(this.#line, this.#waiting());
  }

  /** Refreshes the view: other users may decide, and further events may be blocked. */
  async refresh() {
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
      ['Position', h('span', null, 'version ', number(letter.version), ' of ', order ? h('a', { href: order }, letter.stream) : letter.stream)],
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
      mayDecide && !isWaiting && button('Skip …', () => this.#ask('skip'), { class: 'danger', id: 'skipDeadLetter' }),
      mayDecide && !isWaiting && button('Discard …', () => this.#ask('discard'), { class: 'danger', id: 'discard' }),
      !mayDecide && h('p', { class: 'muted' }, 'You have read access, and can simulate. This shop was started without decisions.'),
    ];
  }

  #waiting() {
    const { letter } = this;
    return [
      letter.behind && h('p', null, 'It waits behind ', h('a', { href: link(['dead-letters', letter.behind]) }, `dead letter ${number(letter.behind)}`), '.'),
      letter.waitingCount === 0 ? h('p', { class: 'blank' }, 'No other event is blocked.')
        : table([['Id'], ['Event'], ['Position', 'number']], letter.waiting.map(one => ({
          key: `letter ${one.id}`,
          cells: [h('a', { href: link(['dead-letters', one.id]) }, number(one.id)), one.type, number(one.position)],
        })), 'Blocked events'),
      letter.waitingCount > letter.waiting.length
        && h('p', { class: 'muted' }, `${count(letter.waitingCount, 'event')} in all; the first ${number(letter.waiting.length)} are shown.`),
    ];
  }

  /** Simulates a retry on a copy. */
  #simulate() {
    return act(this.#outcome, async () => h('p', null, h('b', null, await this.#try('{}')), ' Nothing was written.'));
  }

  /** Simulates with the exact text that would be stored. */
  async #try(body) {
    try {
      const one = await ask(`${pathOf(this.letter.id)}/simulate`, { method: 'POST', raw: body });
      return { passes: 'It would pass.', fails: `It would fail again: ${one.error}` }[one.outcome] ?? `It was not tried: ${one.error}`;
    } catch (error) {
      if (error.status !== 404) throw error;
      return 'It is no longer a dead letter.';
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
    const { letter } = this, line = letter.waitingCount > 0 ? ` It blocks ${count(letter.waitingCount, 'event')}.` : '';
    return {
      retry: { title: `Retry dead letter ${letter.id}?`, says: [`Its consumer handles the event again.${line}`], action: 'Retry', reason: 'welcome' },
      edit: {
        title: `Edit and retry dead letter ${letter.id}?`,
        says: ['The event is handled with this payload instead, now and in a rebuild. The log keeps the original. The new payload is stored with your name and reason.'],
        action: 'Edit and retry',
        reason: 'needed',
        edit: {
          label: 'Payload',
          text: laidOut(letter.editedPayload ?? letter.payload),
          trial: text => this.#try(bodyOf([withPayload(text)])),
        },
      },
      skip: { title: `Skip dead letter ${letter.id}?`, says: [`The event is skipped permanently, also in a rebuild. The events that it blocks continue.${line}`], action: 'Skip', reason: 'needed', danger: true },
      discard: { title: `Discard dead letter ${letter.id}?`, says: [`The event and all events that it blocks now are discarded.${line}`], action: 'Discard', reason: 'needed', danger: true },
    }[decision];
  }

  async #carryOut(decision, body) {
    await ask(`${pathOf(this.letter.id)}/${decision}`, { method: 'POST', raw: body });
    return h('p', null, h('b', null, await this.#outcomeOf(decision)));
  }

  /** Waits until the consumer has applied the decision, and returns the outcome. */
  async #outcomeOf(decision) {
    for (const limit = Date.now() + OutcomeTimeout; Date.now() < limit;) {
      await new Promise(resolve => setTimeout(resolve, Pause));
      let now;
      try {
        now = await getAsWritten(pathOf(this.letter.id), this.#signal);
      } catch (error) {
        if (error.status !== 404) throw error;
        this.#leave();
        return decision === 'retry' ? 'It passed, and is no longer a dead letter.' : 'It is settled.';
      }
      if (now.state === 'released') continue;
      this.show(now);
      return {
        waiting: 'It was edited, and is handled after the events before it.',
        corrected: 'It passed with the edited payload.',
        skipped: 'It was skipped.',
        discarded: 'It was discarded, with the events that it blocked.',
      }[now.state] ?? `It failed again: ${now.message}`;
    }
    return 'The decision is stored; the node that runs the consumer has not applied it yet.';
  }

  /** Shows that the dead letter has passed and no longer exists. */
  #leave() {
    this.#isGone = true;
    update(this.#badge, h('span', { class: 'badge corrected' }, 'passed'));
    update(this.#actions);
  }
}

// The exact text is sent, because JavaScript would round large numbers.
const withPayload = text => `"payload":${text}`;
const bodyOf = members => `{${members.filter(Boolean).join(',')}}`;
