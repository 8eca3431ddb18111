// All consumers with their lag and throughput, live.

import type { JSX } from 'preact';
import { get } from '../../api/client';
import { consumers, keyOf, position, throughputOf } from '../../api/live';
import type { Consumer } from '../../api/types';
import { State, toneOf } from '../../components/badge';
import { Choice, Filter, FilterBar } from '../../components/filter-bar';
import { Page } from '../../components/page';
import { useResource, useThrottled } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Table, type Column } from '../../components/table';
import { Text } from '../../components/text';
import { now } from '../../components/time';
import { count, decimal, duration, number } from '../../format';
import { href, param } from '../../router';
import { toConsumer } from '.';

const RefreshMilliseconds = 5_000;

/** Returns a consumer with the newest state that was pushed. */
export function current(one: Consumer): Consumer {
  const live = consumers.value.get(keyOf(one));
  return live ? { ...one, ...live } : one;
}

function Nodes({ of: one }: { of: Consumer }): JSX.Element {
  const nodes = new Set(one.partitions.map(part => part.node).filter(node => node !== undefined));
  if (one.partitions.length > 0) return <>{count(one.partitions.length, 'partition')} on {count(nodes.size, 'node')}</>;
  return one.node ? <Text value={one.node} /> : <span class="muted">no node</span>;
}

export function Rate({ of: one }: { of: Consumer }): JSX.Element {
  void now.value;
  const rate = throughputOf(keyOf(one));
  return rate === null ? <span class="muted">–</span> : <>{decimal(rate)}/s</>;
}

/** How far the consumer is in the log, as a bar. */
function Progress({ of: one }: { of: Consumer }): JSX.Element {
  const end = Math.max(position.value, one.checkpoint, 1);
  return <meter class="progress" min={0} max={end} value={one.checkpoint} aria-label="Share of the log that is handled">{Math.floor(100 * one.checkpoint / end)} %</meter>;
}

const columns: Column<Consumer>[] = [
  { title: 'Consumer', class: 'wide', cell: row => <><a href={href(...toConsumer(row))}><Text value={row.name} /></a>{row.shard && <span class="muted"> <Text value={row.shard} /></span>}</> },
  { title: 'State', class: 'nowrap', cell: row => <State of={row.state} /> },
  { title: 'Behind', class: 'number', cell: row => (row.lagEvents === 0 ? <span class="muted">0</span> : number(row.lagEvents)) },
  { title: 'For', class: 'number spare', cell: row => (row.lagSeconds > 0 ? duration(row.lagSeconds) : <span class="muted">–</span>) },
  { title: 'Rate', class: 'number spare', cell: row => <Rate of={row} /> },
  { title: 'Log', class: 'spare', cell: row => <Progress of={row} /> },
  { title: 'Runs on', class: 'nowrap spare', cell: row => <Nodes of={row} /> },
  { title: 'Dead letters', class: 'number', cell: row => (row.openLetters > 0 ? <a class="bad" href={href('/dead-letters', { consumer: row.name })}>{number(row.openLetters)}</a> : <span class="muted">0</span>) },
];

function order(rows: Consumer[]): Consumer[] {
  const rank: Record<string, number> = { bad: 0, warn: 1, quiet: 2, busy: 3, good: 4 };
  const byName = (a: Consumer, b: Consumer): number => keyOf(a).localeCompare(keyOf(b));
  if (param('sort') === 'lag') return rows.sort((a, b) => b.lagEvents - a.lagEvents || byName(a, b));
  if (param('sort') === 'name') return rows.sort(byName);
  return rows.sort((a, b) => (rank[toneOf(a.state)] ?? 0) - (rank[toneOf(b.state)] ?? 0) || byName(a, b));
}

export default function Consumers(): JSX.Element {
  const revision = useThrottled(Math.floor(now.value / RefreshMilliseconds), RefreshMilliseconds);
  const all = useResource('consumers', signal => get<Consumer[]>('/consumers', {}, signal), revision);
  const name = param('name').toLowerCase();
  const state = param('state');
  return (
    <Page title="Consumers">
      <FilterBar names={['name', 'state', 'sort']}>
        <Filter name="name" label="Name" placeholder="contains" />
        <Choice name="state" label="State" options={[['', 'all'], ['live', 'live'], ['catchingUp', 'catching up'], ['paused', 'paused'], ['stalled', 'stalled'], ['faulted', 'faulted'], ['circuitOpen', 'circuit open']]} />
        <Choice name="sort" label="Order" options={[['', 'problems first'], ['lag', 'longest lag first'], ['name', 'by name']]} />
      </FilterBar>
      <Show of={all} lines={10}>{data => {
        const rows = order(data.map(current).filter(one => keyOf(one).toLowerCase().includes(name) && (!state || one.state === state)));
        return rows.length === 0
          ? <Empty title={data.length === 0 ? 'The application has no consumers' : 'No consumer matches'} />
          : <Table caption="Consumers" columns={columns} rows={rows} keyOf={keyOf} open={toConsumer} />;
      }}</Show>
    </Page>
  );
}
