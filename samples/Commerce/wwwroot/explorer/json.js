// JSON as people read it, and what differs between two states.

import { h } from './dom.js';
import { exact } from './format.js';

/** The values of a document by their paths, in its order: "items[0].price". Empty lists and objects count as values. */
export function flatten(value, path = '', into = new Map()) {
  if (value !== null && typeof value === 'object' && Object.keys(value).length > 0) {
    for (const [name, inner] of Object.entries(value)) {
      flatten(inner, Array.isArray(value) ? `${path}[${name}]` : path ? `${path}.${step(name)}` : step(name), into);
    }
  } else if (value !== undefined) {
    into.set(path, value);
  }
  return into;
}

/** A name that would be read as a path stands in quotes. */
const step = name => /^[^.[\]"]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;

/** What differs: each path with its value before and after; undefined where there was or is none. */
export function differences(before, after) {
  const [old, now] = [flatten(before), flatten(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter(path => JSON.stringify(old.get(path)) !== JSON.stringify(now.get(path)))
    .map(path => ({ path, before: old.get(path), after: now.get(path) }));
}

/** What makes the one JSON value of the other, as RFC 7396 has it. */
export function patchOf(before, after) {
  const isObject = value => value !== null && typeof value === 'object' && !Array.isArray(value);
  if (!isObject(before) || !isObject(after)) return after;
  const patch = {};
  for (const name of Object.keys(before)) if (!(name in after)) patch[name] = null;
  for (const [name, value] of Object.entries(after)) {
    if (JSON.stringify(before[name]) !== JSON.stringify(value)) patch[name] = patchOf(before[name], value);
  }
  return patch;
}

/** A value for a reader. */
export function show(value) {
  if (value === undefined) return 'nothing';
  if (value === null) return 'none';
  if (typeof value === 'number') return exact(value);
  if (typeof value === 'string') return value === '' ? '(empty)' : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) && value.length === 0 ? 'nothing in it' : JSON.stringify(value);
}

/** Before → after; a screen reader hears the words. */
export function change(before, after, format = show) {
  return h('span', { class: 'change' },
    h('span', { class: 'hidden' }, 'was '), before === undefined ? h('i', null, 'nothing') : h('s', null, format(before)),
    h('span', { 'aria-hidden': 'true' }, ' → '), h('span', { class: 'hidden' }, ', is now '),
    after === undefined ? h('i', null, 'nothing') : h('ins', null, format(after)));
}

/** The bytes as they stand, indented. */
export function raw(title, value, attributes = {}) {
  return h('details', { class: 'raw', ...attributes },
    h('summary', null, title),
    h('pre', { tabindex: 0, 'aria-label': title }, typeof value === 'string' ? value : JSON.stringify(value, null, 2)));
}
