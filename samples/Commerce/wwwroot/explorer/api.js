// Requests to the server, and its errors.

import { read } from './source.js';

/** The routes whose answers can contain values of personal data, which are then hidden. */
const ShowsValues = /^\/millrace\/(streams|why|at|dead-letters\/\d)/;

export class Refusal extends Error {
  constructor(message, status, name) {
    super(message);
    this.status = status;
    this.name = name;
  }
}

/**
 * Sends a request with a body, or with `raw` JSON text. Throws a Refusal with the server's reason, or with an own reason without an answer.
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
  if (answer.headers.has('Millrace-Concealed') && ShowsValues.test(path)) document.getElementById('concealed').hidden = false;
  if (answer.status === 204) return null;
  return asWritten ? read(await answer.text()) : await answer.json();
}

export const get = (path, signal) => ask(path, { signal });

/** Gets stored data with exact numbers. */
export const getAsWritten = (path, signal) => ask(path, { signal, asWritten: true });

export const post = (path, body = {}) => ask(path, { method: 'POST', body });
export const remove = path => ask(path, { method: 'DELETE' });

async function refusalOf(answer) {
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401 || answer.status === 403) {
    const missing = problem.permission ? ` The missing permission is “${problem.permission}”.` : '';
    return new Refusal(`The role of “Demo sign-in” at the top may not do this: choose another one.${missing}`, answer.status, 'access-denied');
  }
  return new Refusal(problem.detail ?? `The shop answered ${answer.status}.`, answer.status, problem.error ?? '');
}

let me;

/** Returns the current user and their permissions. */
export function operator() {
  return me ??= get('/millrace').catch(error => {
    me = undefined;
    throw error;
  });
}
