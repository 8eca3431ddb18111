// Handles many dead letters page by page, with progress and a way to stop.

import { ask } from './api.js';
import { button, h } from './dom.js';
import { number } from './format.js';

const AtOnce = 100;

/** The progress of an operation on many dead letters, with a stop button. Screen readers do not announce the progress. */
export class Batch {
  #total; #verb; #isStopped = false;

  constructor(total, verb) {
    [this.#total, this.#verb] = [total, verb];
    this.bar = h('progress', { max: total, value: '0', 'aria-label': `How many are ${verb}` });
    this.says = h('p', { class: 'muted' }, this.#far(0));
    this.element = h('div', { class: 'batch' }, this.bar, this.says, button('Stop', () => this.stop(), { class: 'quiet', id: 'stopBatch' }));
  }

  /** Stops after the current page. */
  stop() {
    this.#isStopped = true;
    this.says.textContent = 'Stopping after these …';
  }

  #far = done => `${number(done)} of ${number(this.#total)} ${this.#verb}`;

  /**
   * Sends the same request for each page of the matching dead letters.
   * @param {string} path
   * @param {URLSearchParams} query selects the dead letters
   * @param {string} raw the body, as JSON
   * @param {(page: object) => number} take handles the answer for a page; returns the number of its dead letters
   * @returns {Promise<{done: number, wasStopped: boolean}>}
   */
  async run(path, query, raw, take, signal) {
    let done = 0;
    for (let after = 0; after !== undefined && !this.#isStopped;) {
      const wanted = new URLSearchParams([...query, ['limit', AtOnce], ['after', after]]);
      const page = await ask(`${path}?${wanted}`, { method: 'POST', raw, signal });
      done += take(page);
      after = page.isStopped ? undefined : page.next;
      this.bar.value = Math.min(done, this.#total);
      if (!this.#isStopped) this.says.textContent = this.#far(done);
      if (after === undefined) return { done, wasStopped: false };
    }
    return { done, wasStopped: true };
  }
}
