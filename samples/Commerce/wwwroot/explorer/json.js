// Formats JSON, and compares two states.

import { h } from './dom.js';
import { exact } from './format.js';
import { WrittenNumber, layOut, write } from './source.js';

/** Returns the values of a document by path, in document order: "items[0].price". Empty lists and objects count as values. */
export function flatten(value, path = '', into = new Map()) {
  if (value !== null && typeof value === 'object' && !(value instanceof WrittenNumber) && Object.keys(value).length > 0) {
    for (const [name, inner] of Object.entries(value)) {
      flatten(inner, Array.isArray(value) ? `${path}[${name}]` : path ? `${path}.${step(name)}` : step(name), into);
    }
  } else if (value !== undefined) {
    into.set(path, value);
  }
  return into;
}

/** Quotes a name that would be read as a path. */
const step = name => /^[^.[\]"]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;

/** Returns the differences: each path with its value before and after; undefined where there is none. */
export function differences(before, after) {
  const [old, now] = [flatten(before), flatten(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter(path => write(old.get(path)) !== write(now.get(path)))
    .map(path => ({ path, before: old.get(path), after: now.get(path) }));
}

/** Formats a value. */
export function show(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'none';
  if (typeof value === 'number' || value instanceof WrittenNumber) return exact(value);
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) && value.length === 0 ? 'empty' : write(value);
}

/** Formats "before → after", with words for screen readers. */
export function change(before, after, format = show) {
  return h('span', { class: 'change' },
    h('span', { class: 'hidden' }, 'was '), before === undefined ? h('i', null, 'nothing') : h('s', null, format(before)),
    h('span', { 'aria-hidden': 'true' }, ' → '), h('span', { class: 'hidden' }, ', is now '),
    after === undefined ? h('i', null, 'nothing') : h('ins', null, format(after)));
}

/** Indents JSON and keeps its source text. */
export const laidOut = value => layOut(write(value));

/** A section with the indented source text. */
export function raw(title, value, attributes = {}) {
  return h('details', { class: 'raw', ...attributes },
    h('summary', null, title),
    h('pre', { tabindex: 0, 'aria-label': title }, typeof value === 'string' ? value : laidOut(value)));
}
