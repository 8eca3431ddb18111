// Why a value is what it is: the events that changed it, newest first.

import type { JSX } from 'preact';
import { getExact } from '../../api/client';
import type { Explanation } from '../../api/types';
import { textOf } from '../../components/json-view';
import { useResource } from '../../components/resource';
import { Show } from '../../components/states';
import { Text } from '../../components/text';
import { Ago } from '../../components/time';
import { count, number } from '../../format';
import { href } from '../../router';

interface Props {
  readModel: string;
  docKey: string;
  member: string;
  until: number;
  close: () => void;
}

const shown = (value: unknown): JSX.Element => (value === undefined ? <span class="muted">–</span> : <Text value={textOf(value)} />);

export function Why({ readModel, docKey, member, until, close }: Props): JSX.Element {
  const found = useResource(`why ${readModel} ${docKey} ${member} ${until}`, signal =>
    getExact<Explanation>('/why', { readModel, key: docKey, member, until, most: 20 }, signal));
  return (
    <section class="why" aria-label="Why">
      <header><h3>Why is <Text class="json-key" value={member || 'the document'} /> of <Text value={`${readModel}/${docKey}`} /> this value?</h3>
        <button type="button" class="quiet" onClick={close}>Close</button></header>
      <Show of={found} lines={3}>{why => (
        <>
          <p class="why-value">{why.exists ? shown(why.value) : <span class="muted">No value</span>}
            <span class="muted"> after {count(why.events, 'event')}, {count(why.changeCount, 'change')}</span></p>
          <ol class="why-steps">
            {why.changes.map(change => (
              <li key={change.position}>
                <a href={href(`/events/${change.position}`)}>{number(change.position)} <Text class="type" value={change.type} /></a>
                <span class="why-change"><span class="diff-before">{shown(change.before)}</span> → <span class="diff-after">{shown(change.after)}</span></span>
                <span class="muted">{change.command && <>{change.command} </>}{change.user && <>by <Text value={change.user} /> </>}<Ago at={change.timestamp} />
                  {change.rules.map(rule => <code class="rule" key={rule}>{rule}</code>)}</span>
              </li>
            ))}
          </ol>
        </>
      )}</Show>
    </section>
  );
}
