// Requests to the HTTP API for operators, and its errors.

import type { Health } from './types';

const meta = document.querySelector<HTMLMetaElement>('meta[name="millrace-api"]');

const Unreachable = 'The server does not answer. The console tries again automatically.';

/** The path of the routes for operators, such as /millrace. */
export const apiPath = meta?.content || '/millrace';

/** An error as the server describes it (RFC 9457), or a failure of the network with status 0. */
export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly error: string,
  ) {
    super(message);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

/** A number whose JSON text a JavaScript number cannot represent. */
export class ExactNumber {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** Parses JSON without rounding numbers. */
function parseExact(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && context.source !== String(value)
      ? new ExactNumber(context.source)
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined | null>;

/** Returns a path with a query string. Absent and empty values are left out. */
export function withQuery(path: string, query: Query = {}): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '' || value === false) continue;
    if (Array.isArray(value)) for (const item of value) parts.append(name, item);
    else parts.append(name, String(value));
  }
  const text = parts.toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as { detail?: string; error?: string; permission?: string };
  const text = response.status === 401 ? 'Your session has ended, or you are not signed in.'
    : response.status === 403 && body.permission ? `You do not have the permission “${body.permission}”.`
      : body.detail ?? `The server answered ${response.status}.`;
  return new Problem(text, response.status, body.error ?? '');
}

interface Sending {
  method?: string;
  /** JSON text, sent unchanged so that no number is rounded. */
  json?: string | undefined;
  signal?: AbortSignal | undefined;
}

async function request(path: string, { method = 'GET', json, signal }: Sending = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(apiPath + path, {
      method,
      signal: signal ?? null,
      headers: { Accept: 'application/json', ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) },
      body: json ?? null,
    });
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new Problem(Unreachable, 0, 'unreachable');
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return (await (await request(withQuery(path, query), { signal })).json()) as T;
}

/** Gets the health. An unhealthy store is an answer and not an error. */
export async function getHealth(signal?: AbortSignal): Promise<Health> {
  const response = await fetch(`${apiPath}/health`, { signal: signal ?? null }).catch(() => null);
  if (!response) throw new Problem(Unreachable, 0, 'unreachable');
  if (response.ok || response.status === 503) {
    const body = (await response.json().catch(() => null)) as Health | null;
    if (body && 'status' in body && typeof body.status === 'string') return body;
  }
  throw await problemOf(response);
}

/** Gets stored data with exact numbers. */
export async function getExact<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  return parseExact(await (await request(withQuery(path, query), { signal })).text()) as T;
}

/** Sends a request that changes or simulates something. The body is an object, or JSON text. */
export async function send<T>(path: string, body: object | string = {}, query?: Query): Promise<T | null> {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await request(withQuery(path, query), { method: 'POST', json });
  const text = await response.text();
  return text ? (parseExact(text) as T) : null;
}
