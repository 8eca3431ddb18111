// Elements are made one by one, and what is put into them is text: nothing that an event holds becomes markup.

const isThere = child => child !== null && child !== undefined && child !== false;

/** Makes an element. Attributes that are null or false are left out; those that begin with "on" are listeners. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element[name] = value; // One of a kind, so that an update can put another in its place.
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(isThere));
  return element;
}

/** Nodes of what may be nodes, texts, lists of them, or nothing. */
export const nodesOf = children => children.flat(Infinity).filter(isThere)
  .map(child => child instanceof Node ? child : document.createTextNode(child));

/** Puts something in the place of what an element holds. */
export function replace(element, ...children) {
  element.replaceChildren(...nodesOf(children));
}

export const at = id => document.getElementById(id);

/** Says something to those who cannot see that it has happened. */
export function announce(text) {
  at('announce').textContent = text;
}

/** Has something focused that is no control, because the control that was is gone. */
export function focusOn(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** A button; quiet ones change nothing. */
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

/** A table with a header row; columns are [text, class]. Rows are lists of cells, such lists with a key, or elements. */
export function table(columns, rows, caption) {
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', null,
      h('caption', { class: 'hidden' }, caption),
      h('thead', null, h('tr', null, columns.map(([text, kind]) => h('th', { scope: 'col', class: kind }, text)))),
      h('tbody', null, rows.map(row => row instanceof Element ? row : rowOf(columns, row)))));
}

const rowOf = (columns, row) => h('tr', { 'data-key': row.key },
  (row.cells ?? row).map((cell, index) => h('td', { class: columns[index][1] }, cell)));

/** What stands where nothing is. */
export const empty = (...content) => h('p', { class: 'blank' }, ...content);

/** What stands where something went wrong, with a way on. */
export function failure(error, again) {
  return h('div', { class: 'failure', role: 'alert' },
    h('p', null, error.message),
    again && button('Try again', again, { class: 'quiet' }));
}

/** What stands until it is there. */
export const loading = what => h('p', { class: 'blank', 'aria-busy': 'true' }, `Loading ${what} …`);
