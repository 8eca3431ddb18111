// What the server is asked, and what it refuses in its own words.

import { read } from './source.js';

export class Refusal extends Error {
  constructor(message, status, name) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

/**
 * Asks, with a body as it is or as `raw` JSON text; throws a Refusal with the server's reason, or one of our own when there is no answer.
 * With `asWritten` no number of the answer is rounded.
 */
export async function ask(path, { method = 'GET', body, raw, signal, asWritten } = {}) {
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  let answer;
  try {
    answer = await fetch(path, { method, signal, headers: text === undefined ? {} : { 'Content-Type': 'application/json' }, body: text });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refusal('The shop does not answer. It may have been closed.', 0, 'unreachable');
  }
  if (!answer.ok) throw await refusalOf(answer);
  if (answer.status === 204) return null;
  return asWritten ? read(await answer.text()) : await answer.json();
}

export const get = (path, signal) => ask(path, { signal });

/** Asks for what is stored: its numbers are as they stand. */
export const getAsWritten = (path, signal) => ask(path, { signal, asWritten: true });

export const post = (path, body = {}) => ask(path, { method: 'POST', body });
export const remove = path => ask(path, { method: 'DELETE' });

async function refusalOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401 || answer.status === 403) {
    return new Refusal('Only who sits at the shop’s own machine may see this.', answer.status, 'access-denied');
  }
  return new Refusal(problem.detail ?? `The shop answered ${answer.status}.`, answer.status, problem.error ?? '');
}

let me;

/** Who looks at this page, and what they may. */
export function operator() {
  return me ??= get('/millrace').catch(error => {
    me = undefined;
    throw error;
  });
}
