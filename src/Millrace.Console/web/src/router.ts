// Addresses: every screen, filter and selection has one, so that it can be shared and opened again.

import { computed, signal } from '@preact/signals';
import { withQuery, type Query } from './api/client';

const base = new URL(document.baseURI).pathname;

interface Address {
  /** The path after the base of the console, starting with a slash. */
  path: string;
  query: URLSearchParams;
}

function read(): Address {
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : '';
  return { path: `/${path}`, query: new URLSearchParams(location.search) };
}

export const address = signal<Address>(read());
export const path = computed(() => address.value.path);

/** Returns the href of a path of the console, such as /events. */
export const href = (to: string, query?: Query): string => base + withQuery(to, query).replace(/^\//, '');

/** Returns a path segment for any name. A path cannot contain . and .., so that these are in the query. */
export function segmentOf(name: string): string {
  return name === '.' || name === '..' || name === '' ? '-' : encodeURIComponent(name);
}

export function navigate(to: string, query?: Query, options: { replace?: boolean } = {}): void {
  const next = href(to, query);
  if (next === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, '', next);
  else history.pushState(null, '', next);
  address.value = read();
  if (!options.replace) window.scrollTo(0, 0);
}

/** Changes parameters of the query string and keeps the others. */
export function setQuery(changes: Query, options: { replace?: boolean } = { replace: true }): void {
  const query: Record<string, string | string[]> = {};
  for (const name of new Set(address.value.query.keys())) query[name] = address.value.query.getAll(name);
  navigate(path.value, { ...query, ...changes }, options);
}

export const param = (name: string): string => address.value.query.get(name) ?? '';

/** Matches a path with a pattern such as /streams/:name; null if it does not match. */
export function match(pattern: string, actual: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), actual.replace(/\/$/, '').split('/')];
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) {
      try {
        values[part.slice(1)] = value === '-' ? param(part.slice(1)) || value : decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return values;
}

/** Opens links of the console without loading the page again. */
function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (!link.pathname.startsWith(base)) return;
  event.preventDefault();
  if (link.href !== location.href) {
    history.pushState(null, '', link.href);
    address.value = read();
    window.scrollTo(0, 0);
  }
}

export function startRouter(): void {
  document.addEventListener('click', follow);
  window.addEventListener('popstate', () => {
    address.value = read();
  });
}
