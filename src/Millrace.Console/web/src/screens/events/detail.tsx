// One event: its data, what it changed, and the events before and after it in its conversation.

import type { JSX } from 'preact';
import { useCallback, useState } from 'preact/hooks';
import { get, getExact } from '../../api/client';
import type { EventPage, EventSummary, StoredEvent } from '../../api/types';
import { JsonView } from '../../components/json-view';
import { Page } from '../../components/page';
import { Facts, Panel } from '../../components/panel';
import { useResource } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { safe, Text } from '../../components/text';
import { Ago, Moment } from '../../components/time';
import { bytes, number } from '../../format';
import { href, navigate } from '../../router';
import { useKey } from '../../shell/keys';
import { maySee } from '../../shell/session';
import { streamLink } from '../streams';
import { Effect } from './effect';

const ConversationEvents = 200;

function Binary({ base64 }: { base64: string }): JSX.Element {
  const [isShown, setShown] = useState(false);
  const size = Math.floor(base64.length * 3 / 4);
  return (
    <div class="pad">
      <p class="muted">The data is not JSON: {bytes(size)}. {!isShown && <button type="button" class="inline" onClick={() => setShown(true)}>Show the start</button>}</p>
      {isShown && <pre class="hex" tabIndex={0} aria-label="Bytes">{hex(base64)}</pre>}
    </div>
  );
}

/** Returns the first kilobyte as hexadecimal lines with the printable characters. */
function hex(base64: string): string {
  const content = atob(base64.slice(0, 1_368));
  const lines: string[] = [];
  for (let at = 0; at < content.length; at += 16) {
    const codes = [...content.slice(at, at + 16)].map(one => one.charCodeAt(0));
    const left = codes.map(code => code.toString(16).padStart(2, '0')).join(' ').padEnd(48);
    lines.push(`${at.toString(16).padStart(6, '0')}  ${left} ${codes.map(code => (code > 31 && code < 127 ? String.fromCharCode(code) : '·')).join('')}`);
  }
  return lines.join('\n');
}

/** The event that caused this one, and the events that this one caused. */
function Conversation({ event }: { event: StoredEvent }): JSX.Element {
  const all = useResource(`conversation ${event.correlationId}`, signal => (event.correlationId
    ? get<EventPage>('/events', { correlation: event.correlationId, after: 0, limit: ConversationEvents }, signal)
    : Promise.resolve({ head: 0, hidden: 0, events: [] } as EventPage)));
  return (
    <Panel title="Causes and effects" aside={event.correlationId && <a href={href('/events', { correlation: event.correlationId })}>All events of the conversation</a>}>
      <Show of={all} lines={3}>{page => {
        const cause = page.events.find(one => one.id === event.causationId);
        const siblings = page.events.filter(one => one.id !== event.id && event.causationId && one.causationId === event.causationId);
        const effects = page.events.filter(one => one.causationId === event.id);
        if (!cause && effects.length + siblings.length === 0) {
          return <Empty title="No other event is linked to this one">{event.causationId
            ? <>Its cause is the command or message <code>{event.causationId}</code>.</> : 'It has no causation id.'}</Empty>;
        }
        return (
          <ol class="chain">
            {cause && <Link kind="Cause" event={cause} />}
            {!cause && event.causationId && <li><span class="chain-kind">Cause</span><span class="muted">command or message</span><code>{event.causationId}</code></li>}
            <li class="chain-self"><span class="chain-kind">This event</span><Text class="type" value={event.type} /></li>
            {siblings.map(one => <Link kind="Same cause" event={one} key={one.id} />)}
            {effects.map(one => <Link kind="Effect" event={one} key={one.id} />)}
          </ol>
        );
      }}</Show>
    </Panel>
  );
}

function Link({ kind, event }: { kind: string; event: EventSummary }): JSX.Element {
  return (
    <li><span class="chain-kind">{kind}</span><a href={href(`/events/${event.position}`)}><Text class="type" value={event.type} /></a>
      <a class="muted" href={streamLink(event.stream)} title={safe(event.stream)}><Text value={event.stream} /></a><span class="muted"><Ago at={event.timestamp} /></span></li>
  );
}

function Detail({ event }: { event: StoredEvent }): JSX.Element {
  return (
    <div class="with-side">
      <div class="stack">
      <Panel title="Data" class="data">
        {event.data !== undefined ? <JsonView value={event.data} label="data" />
          : event.dataBase64 ? <Binary base64={event.dataBase64} /> : <Empty title="The event has no data" />}
      </Panel>
      {maySee('explanations') && <Effect event={event} />}
      <Conversation event={event} />
      </div>
      <div class="stack">
      <Panel title="Event">
        <Facts of={[
          ['Stream', <a href={streamLink(event.stream, { v: String(event.version) })}><Text value={event.stream} /></a>],
          ['Version', number(event.version)],
          ['Recorded', <Moment at={event.timestamp} />],
          ['Schema', `version ${event.schemaVersion}`],
          ['Source', event.source && <Text value={event.source} />],
          ['Tags', event.tags && <span class="tags">{event.tags.map(tag => <a class="tag" href={href('/events', { tag })} key={tag}><Text value={tag} /></a>)}</span>],
          ['Encrypted', event.encryptionKeyId && <>with key <code>{event.encryptionKeyId}</code></>],
          ['Id', <code class="id">{event.id}</code>],
          ['Correlation', event.correlationId && <a href={href('/events', { correlation: event.correlationId })}><code class="id">{event.correlationId}</code></a>],
          ['Causation', event.causationId && <code class="id">{event.causationId}</code>],
        ]} />
      </Panel>
      {event.metadata !== undefined && <Panel title="Metadata"><JsonView value={event.metadata} label="metadata" /></Panel>}
      </div>
    </div>
  );
}

export default function EventDetail({ id = '' }: { id?: string }): JSX.Element {
  const event = useResource(`event ${id}`, signal => getExact<StoredEvent>(`/events/${encodeURIComponent(id)}`, {}, signal));
  const at = event.data?.position ?? Number(id);
  const step = useCallback((by: number) => {
    if (Number.isSafeInteger(at) && at + by > 0) navigate(`/events/${at + by}`);
  }, [at]);
  useKey('[', 'Event before in the log', useCallback(() => step(-1), [step]));
  useKey(']', 'Next event in the log', useCallback(() => step(1), [step]));
  return (
    <Page title={event.data ? event.data.type : `Event ${id}`} parent={['Events', '/events']} aside={
      <div class="stepper">
        <button type="button" aria-label="Event before in the log" disabled={!(at > 1)} onClick={() => step(-1)}>‹</button>
        <span>{Number.isSafeInteger(at) ? number(at) : id}</span>
        <button type="button" aria-label="Next event in the log" onClick={() => step(1)}>›</button>
      </div>}>
      <Show of={event} lines={10}>{data => <Detail event={data} />}</Show>
    </Page>
  );
}
