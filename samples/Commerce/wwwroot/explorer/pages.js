// The events of a stream, a page at a time: a slider over thousands of versions could not be aimed, and a list of them not be read.

import { getAsWritten } from './api.js';

export const PageSize = 250;

/** The page that a version is in; the last one without. Pages begin where the stream does, so that a version is always in the same one. */
export async function pageAt(stream, version, signal) {
  const path = `/millrace/streams?${new URLSearchParams({ stream, limit: PageSize })}`;
  const first = await getAsWritten(path, signal);
  const start = first.firstVersion;
  const wanted = Math.min(Math.max(version ?? first.version, start), first.version);
  const from = start + Math.floor((wanted - start) / PageSize) * PageSize;
  return pageOf(stream, from === start ? first : await getAsWritten(`${path}&from=${from}`, signal));
}

function pageOf(stream, { events, version, firstVersion }) {
  return {
    stream,
    events,
    /** The versions of the whole stream. */
    first: firstVersion,
    last: version,
    /** The versions of the page. */
    from: events[0]?.version,
    to: events.at(-1)?.version,
  };
}
