// One dead letter: its event, its error, what waits behind it, and what can be done about it.

import { ask, get, operator, post } from './api.js';
import { announce, button, card, h, table } from './dom.js';
import { decide } from './decide.js';
import { count, number, time, words } from './format.js';
import { patchOf, raw } from './json.js';
import { act } from './letters.js';
import { link } from './route.js';
import { toWhy } from './why.js';

const Patience = 10_000, Pause = 300;
const Open = ['retryAt', 'parked', 'waiting', 'released'];

export async function showLetter(root, { id, signal }) {
  const [letter, me] = await Promise.all([get(`/millrace/dead-letters/${encodeURIComponent(id)}`, signal), operator()]);
  const view = new LetterView(root, letter, me, signal);
  view.show();
}

class LetterView {
  #root; #me; #signal; #outcome = h('div', { class: 'outcome', id: 'outcome', role: 'status' });

  constructor(root, letter, me, signal) {
    [this.#root, this.letter, this.#me, this.#signal] = [root, letter, me, signal];
  }

  show() {
    const { letter } = this;
    this.#root.replaceChildren(
      h('p', { class: 'crumbs' }, h('a', { href: link(['dead-letters']) }, '← Dead letters')),
      card(`Dead letter ${letter.id}`, { id: 'letterTitle', head: h('span', { class: `badge ${letter.state}` }, words(letter.state)) },
        h('p', { class: 'message' }, letter.message ?? 'It has not been tried: an earlier event of its key has not passed.'),
        this.#facts(), this.#actions(), this.#outcome),
      card('The event', { id: 'payloadTitle' },
        letter.editedPayload !== undefined && h('h3', null, 'As it was edited'),
        letter.editedPayload !== undefined && h('pre', { tabindex: 0, 'aria-label': 'Edited payload' }, JSON.stringify(letter.editedPayload, null, 2)),
        letter.editedPayload !== undefined && h('h3', null, 'As the log holds it'),
        h('pre', { id: 'payload', tabindex: 0, 'aria-label': 'Payload' },
          letter.payload === undefined ? letter.payloadBase64 ?? 'It was removed from the log.' : JSON.stringify(letter.payload, null, 2)),
        letter.stack && raw('Where it was thrown', letter.stack, { id: 'stack' })),
      this.#line());
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
    return h('dl', { class: 'facts tight' }, facts.filter(([, value]) => value).map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
  }

  #actions() {
    const { letter } = this;
    if (!Open.includes(letter.state)) return null;
    const mayDecide = this.#me.mayDecide, isWaiting = letter.state === 'waiting';
    return h('div', { class: 'actions' },
      !isWaiting && button('Simulate', () => this.#simulate(), { class: 'quiet', id: 'simulate' }),
      mayDecide && !isWaiting && button('Retry …', () => this.#ask('retry'), { id: 'retry' }),
      mayDecide && letter.payload !== undefined && button('Edit and retry …', () => this.#ask('edit'), { id: 'edit' }),
      mayDecide && !isWaiting && button('Skip …', () => this.#ask('skip'), { class: 'danger', id: 'skipLetter' }),
      mayDecide && !isWaiting && button('Discard …', () => this.#ask('discard'), { class: 'danger', id: 'discard' }),
      !mayDecide && h('p', { class: 'muted' }, 'You may look, and try on copies. The shop was started so that nobody decides here.'));
  }

  #line() {
    const { letter } = this;
    const behind = letter.behind && h('p', null, 'It waits behind ', h('a', { href: link(['dead-letters', letter.behind]) }, `letter ${number(letter.behind)}`), '.');
    return card('The line behind it', { id: 'lineTitle' }, behind,
      letter.waitingCount === 0 ? h('p', { class: 'blank' }, 'Nothing waits behind it.')
        : table([['Letter'], ['Event'], ['Position', 'number']], letter.waiting.map(one => [
          h('a', { href: link(['dead-letters', one.id]) }, number(one.id)), one.type, number(one.position)]), 'What waits behind it'),
      letter.waitingCount > letter.waiting.length && h('p', { class: 'muted' }, `${count(letter.waitingCount, 'event')} in all.`));
  }

  /** Tries this letter on a copy: the same consumer, key and event, with the payload as it stands. */
  #simulate() {
    return act(this.#outcome, async () => h('p', null, h('b', null, await this.#try({})), ' Nothing was written.'));
  }

  async #try(body) {
    const { letter } = this;
    const query = new URLSearchParams({ consumer: letter.consumer, key: letter.key, after: letter.id - 1, limit: 1, state: letter.state });
    const { letters: [one] } = await post(`/millrace/dead-letters/simulate?${query}`, body);
    if (!one) return 'It has moved on: there is nothing to try.';
    return { passes: 'It would pass.', fails: `It would fail again: ${one.error}` }[one.outcome] ?? `It was not tried: ${one.error}`;
  }

  async #ask(decision) {
    const decided = await decide(this.#question(decision));
    if (!decided) return;
    // What was written is sent as it stands, so that no number loses its end on the way through JavaScript's.
    const reason = decided.reason === undefined ? '' : `"reason":${JSON.stringify(decided.reason)}`;
    const payload = decision === 'edit' ? `"payload":${decided.text}` : '';
    await act(this.#outcome, () => this.#carryOut(decision, `{${[reason, payload].filter(Boolean).join(',')}}`));
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
          text: JSON.stringify(letter.editedPayload ?? letter.payload, null, 2),
          trial: edited => this.#try({ patch: patchOf(letter.editedPayload ?? letter.payload, edited) }),
        },
      },
      skip: { title: `Skip letter ${letter.id}?`, says: [`The event is passed over for good, also in a rebuild. What waits behind it goes on.${line}`], action: 'Skip', reason: 'needed', danger: true },
      discard: { title: `Discard letter ${letter.id}?`, says: [`The event is given up, and with it all that waits behind it now.${line}`], action: 'Discard', reason: 'needed', danger: true },
    }[decision];
  }

  async #carryOut(decision, body) {
    const path = `/millrace/dead-letters/${this.letter.id}`;
    await ask(`${path}/${decision}`, { method: 'POST', raw: body });
    const text = await this.#outcomeOf(path, decision);
    announce(text);
    return h('p', null, h('b', null, text));
  }

  /** Waits until the consumer has acted on the decision, and says what came of it. */
  async #outcomeOf(path, decision) {
    for (const limit = Date.now() + Patience; Date.now() < limit;) {
      await new Promise(resolve => setTimeout(resolve, Pause));
      let now;
      try {
        now = await get(path, this.#signal);
      } catch (error) {
        if (error.status === 404) return this.#leave(decision === 'retry' ? 'It passed, and is no dead letter any more.' : 'It is settled.');
        throw error;
      }
      if (now.state === 'released' || now.state === 'waiting') continue;
      this.letter = now;
      this.show();
      return { corrected: 'It passed with the edited payload.', skipped: 'It was skipped.', discarded: 'It was discarded, with its line.' }[now.state]
        ?? `It failed again: ${now.message}`;
    }
    return 'It is decided; the node that runs the consumer has not acted on it yet.';
  }

  #leave(text) {
    this.#root.querySelector('.actions')?.remove();
    this.#root.querySelector('.badge').replaceWith(h('span', { class: 'badge corrected' }, 'passed'));
    return text;
  }
}
