// One stream: its events on a time line, the state at a version, and the selected event.

import type { JSX } from 'preact';
import { useCallback } from 'preact/hooks';
import { getExact } from '../../api/client';
import type { Entity, StoredEvent, StreamPage } from '../../api/types';
import { State } from '../../components/badge';
import { JsonView } from '../../components/json-view';
import { Page } from '../../components/page';
import { Facts, Panel } from '../../components/panel';
import { useResource } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Text } from '../../components/text';
import { Ago, Moment } from '../../components/time';
import { number } from '../../format';
import { href, param, setQuery } from '../../router';
import { useKey } from '../../shell/keys';
import { maySee } from '../../shell/session';
import { Effect } from '../events/effect';

const PageEvents = 100;

function Timeline({ page, selected, select }: { page: StreamPage; selected: number; select: (version: number) => void }): JSX.Element {
  return (
    <ol class="timeline" aria-label="Events of the stream">
      {page.events.map(event => (
        <li key={event.version}>
          <button type="button" class="timeline-event" aria-current={event.version === selected ? 'true' : undefined} onClick={() => select(event.version)}>
            <span class="timeline-version">{number(event.version)}</span>
            <Text class="type" value={event.type} />
            <span class="muted"><Ago at={event.timestamp} /></span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function Selected({ event }: { event: StoredEvent }): JSX.Element {
  const state = useResource(`state ${event.stream} ${event.position}`, signal =>
    (maySee('explanations') ? getExact<Entity>('/at', { stream: event.stream, when: event.position, seconds: 5 }, signal) : Promise.resolve(null)));
  return (
    <div class="stack">
      <Panel title={`Version ${event.version}`} aside={<a href={href(`/events/${event.position}`)}>Position {number(event.position)}</a>}>
        <Facts of={[
          ['Type', <Text class="type" value={event.type} />],
          ['Recorded', <Moment at={event.timestamp} />],
          ['Source', event.source && <Text value={event.source} />],
        ]} />
        {event.data !== undefined ? <JsonView value={event.data} label="data" />
          : <p class="muted pad">The data is not JSON.</p>}
      </Panel>
      {maySee('explanations') && <Effect event={event} />}
      {state.data?.state !== undefined && (
        <Panel title={`State at version ${event.version}`} aside={state.data.aggregate && <Text value={state.data.aggregate} />}>
          <JsonView value={state.data.state} label="state" />
        </Panel>
      )}
    </div>
  );
}

function Body({ page }: { page: StreamPage }): JSX.Element {
  const wanted = Number(param('v')) || page.version;
  const selected = page.events.find(one => one.version === wanted) ?? page.events[0];
  const select = useCallback((version: number) => setQuery({ v: version }), []);
  const step = (by: number) => (): void => {
    const next = (selected?.version ?? 0) + by;
    if (next >= page.firstVersion && next <= page.version) select(next);
  };
  useKey('[', 'Older version', useCallback(step(-1), [selected, page]));
  useKey(']', 'Newer version', useCallback(step(1), [selected, page]));
  if (!selected) return <Empty title="The stream has no events that can be read">It was deleted, or its events were removed.</Empty>;
  return (
    <div class="split">
      <div class="split-list">
        {page.version > page.firstVersion && (
          <label class="slider">
            <span class="muted">Version <b>{number(selected.version)}</b> of {number(page.version)}</span>
            <input type="range" min={page.firstVersion} max={page.version} value={selected.version} aria-label="Version"
              onInput={event => select(Number(event.currentTarget.value))} />
          </label>
        )}
        <Timeline page={page} selected={selected.version} select={select} />
        {page.next !== undefined && <p class="more"><button type="button" onClick={() => select(page.next ?? 1)}>Older versions</button></p>}
      </div>
      <Selected event={selected} key={selected.position} />
    </div>
  );
}

export default function StreamDetail({ name = '' }: { name?: string }): JSX.Element {
  const wanted = Number(param('v')) || 0;
  // The page of events is chosen so that it contains the selected version.
  const info = useResource(`stream ${name}`, signal => getExact<StreamPage>('/streams', { stream: name, backwards: true, limit: PageEvents }, signal));
  const needs = wanted > 0 && info.data && !info.data.events.some(one => one.version === wanted) && wanted <= info.data.version;
  const from = needs ? Math.min(info.data?.version ?? wanted, Math.ceil(wanted / PageEvents) * PageEvents) : 0;
  const other = useResource(`stream ${name} from ${from}`, signal => (from
    ? getExact<StreamPage>('/streams', { stream: name, backwards: true, from, limit: PageEvents }, signal) : Promise.resolve(null)));
  const page = from ? other.data : info.data;
  return (
    <Page title={name} parent={['Streams', '/streams']} aside={info.data && <><State of={info.data.state} /> <span class="muted">version {number(info.data.version)}</span></>}>
      <Show of={{ ...(from ? other : info), data: page }} lines={10}>{data => <Body page={data} />}</Show>
    </Page>
  );
}
