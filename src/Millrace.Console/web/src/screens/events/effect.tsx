// What one event changed: the state of its stream, and the documents of read models, with why.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get } from '../../api/client';
import type { Change, Difference, FieldChange, StoredEvent } from '../../api/types';
import { Panel } from '../../components/panel';
import { useResource } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Text } from '../../components/text';
import { count } from '../../format';
import { Why } from './why';

interface Asked {
  readModel: string;
  docKey: string;
  member: string;
}

function Value({ text, kind }: { text: string | undefined; kind: string }): JSX.Element {
  return text === undefined ? <span class="muted">–</span> : <span class={`diff-${kind}`}><Text value={text} /></span>;
}

function Fields({ change, ask }: { change: Change; ask: (asked: Asked) => void }): JSX.Element {
  const member = (field: FieldChange): string => field.path.replace(/^\$\.?/, '');
  return (
    <div class="table-wrap">
      <table class="diff">
        <caption class="hidden">Changed members</caption>
        <thead><tr><th scope="col">Member</th><th scope="col">Before</th><th scope="col">After</th>{change.readModel && <th scope="col"><span class="hidden">Why</span></th>}</tr></thead>
        <tbody>
          {change.fields.map(field => (
            <tr key={field.path}>
              <td><Text class="json-key" value={member(field) || '(all)'} /></td>
              <td><Value text={field.before} kind="before" /></td>
              <td><Value text={field.after} kind="after" /></td>
              {change.readModel && <td class="nowrap"><button type="button" class="quiet"
                onClick={() => ask({ readModel: change.readModel ?? '', docKey: change.key, member: member(field) })}>Why?</button></td>}
            </tr>
          ))}
        </tbody>
      </table>
      {change.fieldCount > change.fields.length && <p class="muted pad">{count(change.fieldCount - change.fields.length, 'further member')}</p>}
    </div>
  );
}

/** The difference between the state before and after an event. */
export function Effect({ event }: { event: StoredEvent }): JSX.Element {
  const [asked, setAsked] = useState<Asked | null>(null);
  const found = useResource(`effect ${event.position}`, signal =>
    get<Difference>('/at', { stream: event.stream, when: Math.max(0, event.position - 1), and: event.position, seconds: 5 }, signal));
  return (
    <Panel title="What it changed">
      <Show of={found} lines={4}>{difference => {
        if (difference.changes.length === 0) {
          return <Empty title="Nothing that the console can show">The model has no state for this stream, or the event changed no member.</Empty>;
        }
        return difference.changes.map(change => (
          <section class="change" key={`${change.readModel} ${change.key}`}>
            <h3>{change.readModel
              ? <><span class="muted">read model</span> <Text value={change.readModel} /> / <Text value={change.key} /></>
              : <><span class="muted">state of</span> <Text value={event.stream} /></>}
              <span class={`kind kind-${change.kind}`}>{change.kind}</span></h3>
            <Fields change={change} ask={setAsked} />
          </section>
        ));
      }}</Show>
      {asked && <Why {...asked} until={event.position} close={() => setAsked(null)} />}
    </Panel>
  );
}
