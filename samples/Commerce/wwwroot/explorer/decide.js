// A dialog before each change: it explains the effect, and asks for a reason where one is stored.

import { button, h } from './dom.js';

/**
 * Asks for a confirmation.
 * @param {object} asked
 * @param {string} asked.title
 * @param {(string|Node)[]} asked.says the effect
 * @param {string} asked.action the text of the confirm button
 * @param {'needed'|'welcome'} [asked.reason]
 * @param {{label: string, text: string, trial: (text: string, under: (element: Node) => void) => Promise<string>}} [asked.edit] JSON to
 *   edit; `trial` tests the exact text first, and can show its progress
 * @param {{label: string, options: [string, string][]}} [asked.choice]
 * @param {boolean} [asked.danger]
 * @returns {Promise<{reason?: string, text?: string, choice?: string}|null>} null when it was cancelled
 */
export function decide(asked) {
  return new Promise(resolve => {
    const reason = asked.reason && h('textarea', { id: 'reason', rows: 2, 'aria-required': String(asked.reason === 'needed'), maxlength: 500 });
    const rows = Math.min(16, Math.max(5, (asked.edit?.text.split('\n').length ?? 0) + 1));
    const edit = asked.edit && h('textarea', { id: 'edited', rows, spellcheck: 'false', class: 'code', value: asked.edit.text });
    const choice = asked.choice && h('select', { id: 'choice' }, asked.choice.options.map(([value, text]) => h('option', { value }, text)));
    const problem = h('p', { class: 'problem', role: 'alert' });
    const tried = h('p', { class: 'tried', role: 'status' }), underWay = h('div', { class: 'underWay' });
    const dialog = h('dialog', { class: 'decision', 'aria-labelledby': 'decisionTitle' },
      h('form', { method: 'dialog', onsubmit: submit },
        h('h2', { id: 'decisionTitle' }, asked.title),
        asked.says.map(text => text instanceof Node ? text : h('p', null, text)),
        choice && h('label', { for: 'choice' }, asked.choice.label), choice,
        edit && h('label', { for: 'edited' }, asked.edit.label), edit,
        reason && h('label', { for: 'reason' }, asked.reason === 'needed' ? 'Reason (kept with the decision)' : 'Reason (kept with the decision, may be left out)'), reason,
        problem, tried, underWay,
        h('div', { class: 'actions' },
          button('Leave it', () => dialog.close(), { class: 'quiet' }),
          edit && button('Simulate', attempt, { class: 'quiet', id: 'tryEdit' }),
          h('button', { type: 'submit', class: asked.danger ? 'danger' : null }, asked.action))));

    let decided = null;
    function isWrong(text) {
      const reason = edit && wrong(text);
      problem.textContent = reason ? `That is not JSON: ${reason}` : '';
      if (reason) edit.focus();
      return Boolean(reason);
    }
    async function attempt() {
      if (isWrong(edit.value)) return;
      tried.textContent = 'Trying on a copy …';
      tried.textContent = await asked.edit.trial(edit.value, element => underWay.replaceChildren(element)).catch(error => error.message);
      underWay.replaceChildren();
    }
    function submit(event) {
      event.preventDefault();
      const text = edit?.value;
      if (isWrong(text)) return;
      decided = { reason: reason?.value.trim() || undefined, text, choice: choice?.value };
      if (asked.reason === 'needed' && !decided.reason) {
        problem.textContent = 'Give a reason: it is stored with the decision.';
        reason.focus();
        return;
      }
      dialog.close();
    }
    const leave = () => dialog.close(); // The dialog belongs to the view that opened it.
    addEventListener('hashchange', leave);
    dialog.addEventListener('close', () => {
      removeEventListener('hashchange', leave);
      dialog.remove();
      resolve(decided);
    });
    document.body.append(dialog);
    edit?.setSelectionRange(0, 0); // Shows the text from its start.
    dialog.showModal();
  });
}

function wrong(text) {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error.message;
  }
}
