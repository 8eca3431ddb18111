// One consumer: its state, its partitions over nodes, its history, and what an operator can do.

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { get } from '../../api/client';
import { consumers, keyOf, position } from '../../api/live';
import type { Consumer, Partition } from '../../api/types';
import { State } from '../../components/badge';
import { Chart, type Series } from '../../components/chart';
import { Page } from '../../components/page';
import { Facts, Panel } from '../../components/panel';
import { useResource, useThrottled } from '../../components/resource';
import { Show } from '../../components/states';
import { Table, type Column } from '../../components/table';
import { Text } from '../../components/text';
import { Ago, Moment, now } from '../../components/time';
import { duration, number } from '../../format';
import { href, param } from '../../router';
import { mayDecide } from '../../shell/session';
import { combine, history } from '../overview/charts';
import { Actions } from './actions';
import { current, Rate } from './list';

const RefreshMilliseconds = 3_000;
const MinuteMilliseconds = 60_000;

const partitionColumns: Column<Partition>[] = [
  { title: 'Partition', class: 'number', cell: row => row.partition },
  { title: 'State', class: 'nowrap', cell: row => <State of={row.state} /> },
  { title: 'Node', class: 'wide', cell: row => (row.node ? <Text value={row.node} /> : <span class="muted">no node</span>) },
  { title: 'Since', class: 'nowrap spare', cell: row => row.nodeSince && <Ago at={row.nodeSince} /> },
  { title: 'Checkpoint', class: 'number', cell: row => number(row.checkpoint) },
  { title: 'Dead letters', class: 'number spare', cell: row => number(row.openLetters) },
  { title: 'Error', class: 'wide spare', cell: row => row.error && <Text class="bad" value={row.error} /> },
];

/** Partitions for each node, so that an uneven share is seen. */
function Shares({ partitions }: { partitions: Partition[] }): JSX.Element {
  const byNode = new Map<string, number>();
  for (const one of partitions) byNode.set(one.node ?? 'no node', (byNode.get(one.node ?? 'no node') ?? 0) + 1);
  return (
    <ul class="shares">
      {[...byNode].sort().map(([node, shares]) => (
        <li key={node}><Text value={node} /><meter min={0} max={partitions.length} value={shares} aria-label={`Partitions of ${node}`} /><span>{shares}</span></li>
      ))}
    </ul>
  );
}

function LagPanel({ consumer }: { consumer: Consumer }): JSX.Element | null {
  const minute = useThrottled(Math.floor(now.value / MinuteMilliseconds), MinuteMilliseconds);
  const data = useResource(`lag ${consumer.name}`, signal => history('consumer-lag', signal, consumer.name), minute).data;
  const shown = useMemo(() => (data ? combine(data, () => 'Behind') : null), [data]);
  const series: Series[] = useMemo(() => [{ label: 'Behind', color: '--accent', values: shown?.series.get('Behind') ?? [], isFilled: true }], [shown]);
  if (!shown || shown.times.length < 2) return null;
  return <Panel title="Events behind, last hour"><Chart label="Events behind" unit="events" times={shown.times} series={series} /></Panel>;
}

function Body({ consumer, reload }: { consumer: Consumer; reload: () => void }): JSX.Element {
  return (
    <>
      {consumer.error && <div class="failure" role="alert"><p><b>It does not continue:</b> <Text value={consumer.error} /></p></div>}
      <div class="with-side">
      <div class="stack">
      <Panel title="Progress">
        <Facts of={[
          ['State', <><State of={consumer.state} />{consumer.stateSince && <span class="muted"> since <Ago at={consumer.stateSince} /></span>}</>],
          ['Checkpoint', <>{number(consumer.checkpoint)} of {number(Math.max(position.value, consumer.checkpoint))}</>],
          ['Behind', <>{number(consumer.lagEvents)} {consumer.lagEvents === 1 ? 'event' : 'events'}{consumer.lagSeconds > 0 && <span class="muted">, for {duration(consumer.lagSeconds)}</span>}</>],
          ['Rate', <Rate of={consumer} />],
          ['Node', consumer.node && <><Text value={consumer.node} />{consumer.nodeSince && <span class="muted"> since <Moment at={consumer.nodeSince} /></span>}</>],
          ['Dead letters', consumer.openLetters > 0 ? <a class="bad" href={href('/dead-letters', { consumer: consumer.name })}>{number(consumer.openLetters)} failed or waiting</a> : 'none'],
          ['Shard', consumer.shard && <Text value={consumer.shard} />],
          ['Batches', consumer.load && <>up to {number(consumer.load.batchEvents)} events, {number(consumer.load.workers)} workers, {consumer.load.priority}</>],
        ]} />
      </Panel>
      <LagPanel consumer={consumer} />
      {consumer.partitions.length > 0 && (
        <Panel title="Partitions">
          <Table caption="Partitions" columns={partitionColumns} rows={consumer.partitions} keyOf={row => row.partition} />
        </Panel>
      )}
      </div>
      <div class="stack">
        <Actions consumer={consumer} done={reload} isAllowed={mayDecide('consumers')} />
        {consumer.partitions.length > 0 && <Panel title="Partitions over nodes"><Shares partitions={consumer.partitions} /></Panel>}
      </div>
      </div>
    </>
  );
}

export default function ConsumerDetail({ name = '' }: { name?: string }): JSX.Element {
  const shard = param('shard');
  const revision = useThrottled(`${Math.floor(now.value / RefreshMilliseconds)} ${consumers.value.get(keyOf({ name, shard }))?.state ?? ''}`, RefreshMilliseconds);
  const all = useResource(`consumer ${name} ${shard}`, async signal => {
    if (!shard) return get<Consumer>(`/consumers/${encodeURIComponent(name)}`, {}, signal);
    const list = await get<Consumer[]>('/consumers', {}, signal);
    return list.find(one => one.name === name && one.shard === shard) ?? null;
  }, revision);
  return (
    <Page title={name} parent={['Consumers', '/consumers']}>
      <Show of={all} lines={8}>{data => <Body consumer={current(data)} reload={all.reload} />}</Show>
    </Page>
  );
}
