// Reads the events of a stream page by page, because a slider or a list with thousands of versions is not usable.

import { getAsWritten } from './api.js';

export const PageSize = 250;

/** Returns the page with a version, or the last page. Pages are counted from the start of the stream, so a version is always in the same page. */
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
    /** The first and last version of the stream. */
    first: firstVersion,
    last: version,
    /** The first and last version of the page. */
    from: events[0]?.version,
    to: events.at(-1)?.version,
  };
}
