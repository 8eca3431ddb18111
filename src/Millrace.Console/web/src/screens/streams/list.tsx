// Streams by the start of their names.

import type { JSX } from 'preact';
import { get } from '../../api/client';
import type { StreamName } from '../../api/types';
import { State } from '../../components/badge';
import { Filter, FilterBar } from '../../components/filter-bar';
import { Page } from '../../components/page';
import { useResource } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Table, type Column } from '../../components/table';
import { Text } from '../../components/text';
import { number } from '../../format';
import { href, param } from '../../router';
import { toStream, type StreamNames } from '.';

const columns: Column<StreamName>[] = [
  { title: 'Stream', class: 'wide', cell: row => <a href={href(...toStream(row.stream))}><Text value={row.stream} /></a> },
  { title: 'Version', class: 'number', cell: row => number(row.version) },
  { title: 'State', class: 'nowrap', cell: row => <State of={row.state} /> },
];

export default function Streams(): JSX.Element {
  const prefix = param('prefix');
  const names = useResource(`streams ${prefix}`, signal => get<StreamNames>('/stream-names', { prefix, limit: 200 }, signal));
  return (
    <Page title="Streams">
      <FilterBar names={['prefix']}><Filter name="prefix" label="Name" placeholder="starts with, such as order-" /></FilterBar>
      <Show of={names} lines={12}>{found => (found.streams.length === 0
        ? <Empty title="No stream starts with this">Names are compared exactly, also in upper and lower case.</Empty>
        : <>
            <Table caption="Streams by name" columns={columns} rows={found.streams} keyOf={row => row.stream} open={row => toStream(row.stream)} />
            {!found.isComplete && <p class="muted more">There are more: type more of the name.</p>}
          </>)}</Show>
    </Page>
  );
}
