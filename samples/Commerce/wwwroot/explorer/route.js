// What is shown stands behind the # of the address, so that a view can be kept, sent and gone back to.

/** The parts and the query of the address: #/orders/W123?v=3. */
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

/** The address of a view. */
export function link(parts, query = {}) {
  const wanted = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== ''));
  const text = wanted.toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${text ? `?${text}` : ''}`;
}

/** The address of the same view with some of its query changed. */
export function linkHere(changes) {
  const { parts, query } = here();
  return link(parts, { ...Object.fromEntries(query), ...changes });
}

/** Changes the query without a step to go back to, and without drawing the view anew. */
export function note(changes) {
  history.replaceState(null, '', linkHere(changes));
}
