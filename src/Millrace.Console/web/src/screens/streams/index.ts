import { get } from '../../api/client';
import type { StreamName } from '../../api/types';
import { href, segmentOf } from '../../router';
import type { Hit, Screen } from '../../shell/screen';

const MaxHits = 8;

export interface StreamNames {
  streams: StreamName[];
  isComplete: boolean;
}

/** The address of a stream: the path, and the query for a name that a path cannot contain. */
export const toStream = (name: string): [string, Record<string, string>?] =>
  (segmentOf(name) === '-' ? ['/streams/-', { name }] : [`/streams/${segmentOf(name)}`]);

/** The href of a stream, such as with v for a version. */
export function streamLink(name: string, query: Record<string, string> = {}): string {
  const [to, named] = toStream(name);
  return href(to, { ...named, ...query });
}

async function search(text: string, signal: AbortSignal): Promise<Hit[]> {
  const found = await get<StreamNames>('/stream-names', { prefix: text, limit: MaxHits }, signal);
  return found.streams.map(one => {
    const [to, query] = toStream(one.stream);
    return { kind: 'Stream', text: one.stream, detail: `version ${one.version}`, to, ...(query ? { query } : {}) };
  });
}

export const screen: Screen = {
  id: 'streams',
  title: 'Streams',
  group: 'Inspect',
  path: '/streams',
  key: 's',
  action: 'overview',
  routes: [
    { pattern: '/streams', load: () => import('./list') },
    { pattern: '/streams/:name', load: () => import('./detail') },
  ],
  search,
};
