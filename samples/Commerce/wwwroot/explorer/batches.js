// Many letters, a page at a time: none is left out, how far it is can be seen, and it can be stopped.

import { ask } from './api.js';
import { button, h } from './dom.js';
import { number } from './format.js';

const AtOnce = 100;

/** How far something is with many letters, with a way to stop it. Nothing in it is read out while it goes on. */
export class Batch {
  #total; #verb; #isStopped = false;

  constructor(total, verb) {
    [this.#total, this.#verb] = [total, verb];
    this.bar = h('progress', { max: total, value: '0', 'aria-label': `How many are ${verb}` });
    this.says = h('p', { class: 'muted' }, this.#far(0));
    this.element = h('div', { class: 'batch' }, this.bar, this.says, button('Stop', () => this.stop(), { class: 'quiet', id: 'stopBatch' }));
  }

  /** What is under way is finished first. */
  stop() {
    this.#isStopped = true;
    this.says.textContent = 'Stopping after these …';
  }

  #far = done => `${number(done)} of ${number(this.#total)} ${this.#verb}`;

  /**
   * Sends the same for page after page of the letters that match.
   * @param {string} path
   * @param {URLSearchParams} query which letters
   * @param {string} raw the body, as JSON
   * @param {(page: object) => number} take what a page said; tells how many letters it was about
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
