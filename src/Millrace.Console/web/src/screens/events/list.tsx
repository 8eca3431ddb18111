// The newest events, live, with filters.

import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../../api/client';
import { position } from '../../api/live';
import type { EventPage, EventSummary } from '../../api/types';
import { Choice, Filter, FilterBar } from '../../components/filter-bar';
import { announce } from '../../components/notice';
import { Page } from '../../components/page';
import { useResource, useThrottled } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Table, type Column } from '../../components/table';
import { safe, Text } from '../../components/text';
import { Clock } from '../../components/time';
import { bytes, count, number } from '../../format';
import { href, param, setQuery } from '../../router';
import { useKey } from '../../shell/keys';
import { streamLink } from '../streams';
import { eventTypes } from '.';

const Filters = ['type', 'stream', 'tag', 'correlation', 'source', 'from', 'to'] as const;
const PageEvents = 50;
const MaxShown = 300;
const LiveMilliseconds = 1_000;

const columns: Column<EventSummary>[] = [
  { title: 'Position', class: 'number', cell: row => <a href={href(`/events/${row.position}`)}>{number(row.position)}</a> },
  { title: 'Recorded', class: 'nowrap muted', cell: row => <Clock at={row.timestamp} /> },
  { title: 'Type', class: 'event-type', cell: row => <><Text class="type" value={row.type} /><span class="phone-line muted"><Text value={row.stream} /></span></> },
  { title: 'Stream', class: 'stream spare', cell: row => <a href={streamLink(row.stream)} title={safe(row.stream)}><Text value={row.stream} /></a> },
  { title: 'Data', class: 'wide spare', cell: row => <span class="preview">{row.preview !== undefined ? <Text value={row.preview} /> : <span class="muted">{row.dataBytes ? `not JSON, ${bytes(row.dataBytes)}` : 'no data'}</span>}</span> },
];

/** The filter of the address. Streams of Millrace itself start with $, and are hidden unless they are asked for. */
const filterOf = (): Record<string, string | string[] | boolean> => ({
  ...Object.fromEntries(Filters.map(name => [name, name === 'tag' || name === 'type' ? param(name).split(' ').filter(Boolean) : param(name)])),
  withoutSystem: !param('system') && !param('stream'),
});

export default function Events(): JSX.Element {
  const filter = filterOf();
  const before = param('before');
  const key = JSON.stringify([filter, before]);
  const first = useResource(`events ${key}`, signal => get<EventPage>('/events', { ...filter, before, limit: PageEvents }, signal));
  const types = useResource('event types', eventTypes);
  const [isPaused, setPaused] = useState(false);
  const [fresh, setFresh] = useState<{ key: string; events: EventSummary[]; seen: number }>({ key, events: [], seen: 0 });
  const isLive = !isPaused && !before;
  const head = useThrottled(position.value, LiveMilliseconds);
  const [isLoading, setLoading] = useState(false);
  const [older, setOlder] = useState<{ key: string; pages: EventPage[] }>({ key, pages: [] });
  const asking = useRef(false);
  const newest = fresh.key === key ? fresh : { key, events: [], seen: 0 };
  const olderPages = older.key === key ? older.pages : [];

  useEffect(() => {
    const page = first.data;
    const after = Math.max(newest.seen, page?.head ?? 0);
    if (!page || !isLive || head <= after || asking.current) return;
    asking.current = true;
    get<EventPage>('/events', { ...filter, after, limit: 200 }).then(more => {
      // A page that is full leaves a gap to the end, so that the next one continues after it.
      const seen = more.next ?? Math.max(more.head, after);
      setFresh({ key, events: [...more.events.reverse(), ...newest.events].slice(0, MaxShown), seen });
    }, () => undefined).finally(() => {
      asking.current = false;
    });
  }, [head, isLive, first.data, newest.seen]);

  const toggle = useCallback(() => setPaused(last => {
    announce(last ? 'New events are shown.' : 'New events are not shown.');
    return !last;
  }), []);
  useKey('p', 'Pause or continue new events', toggle);

  const loadOlder = async (from: number): Promise<void> => {
    setLoading(true);
    try {
      const page = await get<EventPage>('/events', { ...filter, before: from, limit: PageEvents });
      setOlder(last => ({ key, pages: [...(last.key === key ? last.pages : []), page] }));
    } finally {
      setLoading(false);
    }
  };

  return (
    <Page title="Events" aside={
      <button type="button" class={`toggle ${isLive ? 'on' : ''}`} aria-pressed={isPaused} onClick={before ? () => setQuery({ before: '' }) : toggle}>
        {before ? 'Go to the newest' : isPaused ? 'Continue' : 'Pause'} {!before && <kbd>p</kbd>}
      </button>}>
      <FilterBar names={[...Filters, 'before']}>
        <Filter name="type" label="Type" placeholder="order.placed" options={types.data ?? []} />
        <Filter name="stream" label="Stream" placeholder="starts with" isShort />
        <Filter name="tag" label="Tag" placeholder="name:value" isShort />
        <Filter name="correlation" label="Correlation" placeholder="id" isShort />
        <Filter name="from" label="From" placeholder="date, time" isShort />
        <Filter name="to" label="To" placeholder="date, time" isShort />
        {!param('stream') && <Choice name="system" label="System streams" options={[['', 'hide'], ['shown', 'show']]} />}
      </FilterBar>
      <Show of={first} lines={12}>{page => {
        const rows = [...newest.events, ...page.events, ...olderPages.flatMap(one => one.events)];
        const next = (olderPages.at(-1) ?? page).next;
        const hidden = [page, ...olderPages].reduce((sum, one) => sum + one.hidden, 0);
        if (rows.length === 0) {
          return <Empty title={next ? 'No event of this part of the log matches' : 'No event matches'}>
            {next ? <button type="button" onClick={() => void loadOlder(next)}>Search further back</button> : 'Change or clear the filters.'}
          </Empty>;
        }
        return (
          <>
            <Table caption="Events, newest first" columns={columns} rows={rows} keyOf={row => row.position}
              open={row => [`/events/${row.position}`]} rowClass={row => (newest.events.includes(row) ? 'fresh' : '')} />
            <p class="more">
              {next ? <button type="button" disabled={isLoading} onClick={() => void loadOlder(next)}>{isLoading ? 'Loading …' : 'Older events'}</button>
                : <span class="muted">The start of the log.</span>}
              {hidden > 0 && <span class="muted">{count(hidden, 'event')} of streams that you may not read.</span>}
            </p>
          </>
        );
      }}</Show>
    </Page>
  );
}
