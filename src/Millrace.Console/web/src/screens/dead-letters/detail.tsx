// One dead letter: why it failed, its event, what waits behind it, and what can be decided.

import type { JSX } from 'preact';
import { getExact, Problem } from '../../api/client';
import { openDeadLetters } from '../../api/live';
import type { DeadLetterDetail } from '../../api/types';
import { State } from '../../components/badge';
import { CopyButton } from '../../components/copy';
import { JsonView } from '../../components/json-view';
import { Page } from '../../components/page';
import { Facts, Panel } from '../../components/panel';
import { useResource, useThrottled } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Text } from '../../components/text';
import { Ago, Moment, now } from '../../components/time';
import { count, number } from '../../format';
import { href } from '../../router';
import { mayDecide } from '../../shell/session';
import { toConsumer } from '../consumers';
import { streamLink } from '../streams';
import { LetterActions } from './letter-actions';

const RefreshMilliseconds = 2_000;

function Waiting({ letter }: { letter: DeadLetterDetail }): JSX.Element {
  return (
    <Panel title="Events of the same key">
      {letter.behind && <p class="pad">It waits behind <a href={href(`/dead-letters/${letter.behind}`)}>dead letter {number(letter.behind)}</a>, which must be decided first.</p>}
      {letter.waitingCount === 0 ? <p class="muted pad">No other event waits behind it.</p> : (
        <>
          <p class="pad">{count(letter.waitingCount, 'event waits', 'events wait')} behind it, to keep their order.</p>
          <ol class="chain">{letter.waiting.map(one => (
            <li key={one.id}><a href={href(`/dead-letters/${one.id}`)}>{number(one.id)}</a><Text class="type" value={one.type} /><span class="muted">position {number(one.position)}</span></li>
          ))}</ol>
        </>
      )}
    </Panel>
  );
}

function Body({ letter, reload }: { letter: DeadLetterDetail; reload: () => void }): JSX.Element {
  return (
    <div class="with-side">
      <div class="stack">
      <Panel title="Failure" aside={<State of={letter.state} />}>
        <p class="error-message">{letter.message ? <Text value={letter.message} /> : 'It was not tried yet: an earlier event of the same key is a dead letter.'}</p>
        <LetterActions letter={letter} done={reload} isAllowed={mayDecide('dead-letters')} />
        {letter.stack && (
          <details class="stack-trace"><summary>Stack trace</summary>
            <CopyButton text={() => letter.stack ?? ''} label="Copy stack trace" />
            <pre tabIndex={0} aria-label="Stack trace"><Text value={letter.stack} /></pre>
          </details>
        )}
      </Panel>
      <Panel title={letter.editedPayload === undefined ? 'Data' : 'Edited data'} class="data">
        {letter.editedPayload !== undefined ? <JsonView value={letter.editedPayload} label="edited data" />
          : letter.payload === undefined ? <Empty title="The event was removed from the log" />
            : typeof letter.payload === 'object' ? <JsonView value={letter.payload} label="data" /> : <p class="muted pad">The data is not JSON.</p>}
      </Panel>
      {letter.editedPayload !== undefined && letter.payload !== undefined && (
        <Panel title="Data in the log"><JsonView value={letter.payload} label="data in the log" /></Panel>
      )}
      <Waiting letter={letter} />
      </div>
      <Panel title="Facts">
        <Facts of={[
          ['Consumer', <a href={href(...toConsumer({ name: letter.consumer, shard: letter.shard }))}><Text value={letter.consumer} /></a>],
          ['Event', <a href={href(`/events/${letter.position}`)}><Text class="type" value={letter.type} /></a>],
          ['Stream', <a href={streamLink(letter.stream, { v: String(letter.version) })}><Text value={letter.stream} /></a>],
          ['Key', <Text value={letter.key} />],
          ['Error', letter.errorType && <><code>{letter.errorType}</code>{letter.class && <span class="muted"> {letter.class}</span>}</>],
          ['Tried', letter.attempts > 0 && count(letter.attempts, 'time')],
          ['First failed', letter.firstFailedAt && <Moment at={letter.firstFailedAt} />],
          ['Last failed', letter.lastFailedAt && <Ago at={letter.lastFailedAt} />],
          ['Next attempt', letter.retryAt && <Moment at={letter.retryAt} />],
          ['Decided', letter.decidedAt && <>{letter.decision ?? 'edit'} by {letter.by && <Text value={letter.by} />} <Ago at={letter.decidedAt} /></>],
          ['Reason', letter.reason && <Text value={letter.reason} />],
          ['Same cause', letter.cause && <a href={href('/dead-letters', { consumer: letter.consumer, cause: letter.cause })}>all of this cause</a>],
        ]} />
      </Panel>
    </div>
  );
}

export default function DeadLetterView({ id = '' }: { id?: string }): JSX.Element {
  const revision = useThrottled(`${openDeadLetters.value} ${Math.floor(now.value / RefreshMilliseconds)}`, RefreshMilliseconds);
  const letter = useResource<DeadLetterDetail>(`letter ${id}`, signal => getExact(`/dead-letters/${encodeURIComponent(id)}`, {}, signal), revision);
  const isGone = letter.error instanceof Problem && letter.error.status === 404;
  return (
    <Page title={letter.data ? `Dead letter ${id}: ${letter.data.type}` : `Dead letter ${id}`} parent={['Dead letters', '/dead-letters']}>
      {isGone
        ? <Empty title="It is no longer a dead letter">{letter.data ? 'The event passed, or it was settled.' : 'There is none with this id.'} <a href={href('/dead-letters')}>All dead letters</a></Empty>
        : <Show of={letter} lines={10}>{data => <Body letter={data} reload={letter.reload} />}</Show>}
    </Page>
  );
}
