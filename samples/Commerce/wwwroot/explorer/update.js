// Updates elements in place, so that focus, selection, open sections and scroll positions stay.

import { focusOn, nodesOf } from './dom.js';

const Listeners = ['onclick', 'onchange', 'oninput', 'onsubmit'];

/** Updates the content of an element; changes only differences. Children are matched by data-key or id, others by their order. */
export function update(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null, card = focused?.closest('section');
  match(element, nodesOf(children));
  if (!focused || document.activeElement === focused) return;
  if (focused.isConnected) focused.focus({ preventScroll: true });
  else focusOn(card?.isConnected ? card : document.querySelector('main')); // A screen reader then reads the title of the card.
}

function match(parent, wanted) {
  const pairs = pair([...parent.childNodes], wanted), stays = new Set(pairs.values());
  for (const child of [...parent.childNodes]) if (!stays.has(child)) child.remove();
  let at = parent.firstChild;
  for (const child of wanted) {
    const there = pairs.get(child);
    if (there === at && there) at = at.nextSibling;
    else parent.insertBefore(there ?? child, at);
    if (there) become(there, child);
  }
}

const keyOf = node => node.dataset?.key ?? (node.id || undefined);

/** Matches the existing nodes with the new nodes. */
function pair(there, wanted) {
  const keyed = new Map(there.filter(keyOf).map(node => [keyOf(node), node])), others = there.filter(node => !keyOf(node));
  const pairs = new Map();
  for (const node of wanted) {
    const same = keyOf(node) ? keyed.get(keyOf(node)) : others.find(other => other.nodeName === node.nodeName);
    if (same?.nodeName !== node.nodeName) continue;
    pairs.set(node, same);
    if (keyOf(node)) keyed.delete(keyOf(node));
    else others.splice(0, others.indexOf(same) + 1);
  }
  return pairs;
}

function become(there, wanted) {
  if (there.nodeType === Node.TEXT_NODE) {
    if (there.data !== wanted.data) there.data = wanted.data;
    return;
  }
  for (const { name, value } of wanted.attributes) if (there.getAttribute(name) !== value) there.setAttribute(name, value);
  for (const { name } of [...there.attributes]) {
    const isReaders = name === 'open' && there.nodeName === 'DETAILS';
    if (!wanted.hasAttribute(name) && !isReaders) there.removeAttribute(name);
  }
  for (const name of Listeners) there[name] = wanted[name];
  match(there, [...wanted.childNodes]);
}
