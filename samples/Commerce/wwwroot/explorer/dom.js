// Elements are created one by one, and content is set as text: no data of an event becomes markup.

import { isErased } from './format.js';

const isThere = child => child !== null && child !== undefined && child !== false;

/** Creates an element. Attributes that are null or false are left out; those that start with "on" are listeners. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element[name] = value; // One listener per event, so that an update can replace it.
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(isThere));
  return element;
}

/** Converts nodes, texts, lists of them, or nothing into a list of nodes. */
export const nodesOf = children => children.flat(Infinity).filter(isThere)
  .map(child => child instanceof Node ? child : document.createTextNode(child));

/** Replaces the content of an element. */
export function replace(element, ...children) {
  element.replaceChildren(...nodesOf(children));
}

export const at = id => document.getElementById(id);

/** Announces a text to screen readers. */
export function announce(text) {
  at('announce').textContent = text;
}

/** Focuses an element that is not a control, after the focused control was removed. */
export function focusOn(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** A button; the class `quiet` marks one that changes nothing. */
export function button(text, onclick, attributes = {}) {
  return h('button', { type: 'button', onclick, ...attributes }, text);
}

/** A card with a heading. */
export function card(title, attributes, ...content) {
  const { head, id, ...others } = attributes ?? {};
  const heading = h('h2', { id }, title);
  const section = h('section', { ...others, class: `card ${others.class ?? ''}`.trim() }, h('div', { class: 'cardHead' }, heading, head), ...content);
  if (id) section.setAttribute('aria-labelledby', id);
  return section;
}

/** A table with a header row; columns are [text, class]. Rows are lists of cells, objects with a key and cells, or elements. */
export function table(columns, rows, caption) {
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', null,
      h('caption', { class: 'hidden' }, caption),
      h('thead', null, h('tr', null, columns.map(([text, kind]) => h('th', { scope: 'col', class: kind }, text)))),
      h('tbody', null, rows.map(row => row instanceof Element ? row : rowOf(columns, row)))));
}

const rowOf = (columns, row) => h('tr', { 'data-key': row.key },
  (row.cells ?? row).map((cell, index) => h('td', { class: columns[index][1] }, cell)));

/** The name or address of a person, or "erased" in italics. */
export const person = text => isErased(text) ? h('i', { class: 'erased' }, 'erased') : text;

/** The placeholder of an empty view. */
export const empty = (...content) => h('p', { class: 'blank' }, ...content);

/** The placeholder of a failed view, with a retry button. */
export function failure(error, again) {
  return h('div', { class: 'failure', role: 'alert' },
    h('p', null, error.message),
    again && button('Try again', again, { class: 'quiet' }));
}

/** The placeholder of a view that is loading. */
export const loading = what => h('p', { class: 'blank', 'aria-busy': 'true' }, `Loading ${what} …`);
