import { get } from '../../api/client';
import type { EventSummary } from '../../api/types';
import type { Hit, Screen } from '../../shell/screen';

const IsId = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MaxTypes = 6;

let types: Promise<string[]> | null = null;

/** Returns the names of the event types, which are read once. */
export const eventTypes = (): Promise<string[]> =>
  types ??= get<string[]>('/event-types').catch((error: unknown) => {
    types = null;
    throw error;
  });

async function eventHit(id: string, signal: AbortSignal): Promise<Hit[]> {
  try {
    const found = await get<EventSummary>(`/events/${encodeURIComponent(id)}`, {}, signal);
    return [{ kind: 'Event', text: `${found.position} ${found.type}`, detail: found.stream, to: `/events/${found.position}` }];
  } catch {
    return []; // No event has the position or id.
  }
}

async function search(text: string, signal: AbortSignal): Promise<Hit[]> {
  const hits: Hit[] = [];
  const plain = text.replace(/[,.\s]/g, '');
  if (/^\d+$/.test(plain)) hits.push(...await eventHit(plain, signal));
  if (IsId.test(text)) {
    hits.push(...await eventHit(text, signal));
    hits.push({ kind: 'Correlation', text, detail: 'all events of this conversation', to: '/events', query: { correlation: text } });
  }
  if (/^[\w.-]+:.+/.test(text)) hits.push({ kind: 'Tag', text, detail: 'events with this tag', to: '/events', query: { tag: text } });
  const found = (await eventTypes().catch(() => [])).filter(type => type.toLowerCase().includes(text.toLowerCase()));
  hits.push(...found.slice(0, MaxTypes).map(type => ({ kind: 'Event type', text: type, to: '/events', query: { type } })));
  return hits;
}

export const screen: Screen = {
  id: 'events',
  title: 'Events',
  group: 'Inspect',
  path: '/events',
  key: 'e',
  action: 'overview',
  routes: [
    { pattern: '/events', load: () => import('./list') },
    { pattern: '/events/:id', load: () => import('./detail') },
  ],
  search,
};
