// The fragment of the address selects the view, so that a view can be bookmarked, shared and revisited.

/** Returns the parts and the query of the address: #/orders/W123?v=3. */
export function here() {
  const [, path, query] = /^#?\/?([^?]*)\??(.*)$/s.exec(location.hash);
  return { parts: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) };
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the address of a view. */
export function link(parts, query = {}) {
  const wanted = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== ''));
  const text = wanted.toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

/** Returns the address of the current view with a changed query. */
export function linkHere(changes) {
  const { parts, query } = here();
  return link(parts, { ...Object.fromEntries(query), ...changes });
}

/** Changes the query without a history entry and without drawing the view again. */
export function note(changes) {
  history.replaceState(null, '', linkHere(changes));
}
