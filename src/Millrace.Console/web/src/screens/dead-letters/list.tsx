// Failures grouped by cause, and the dead letters of the selected group.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get } from '../../api/client';
import { openDeadLetters } from '../../api/live';
import type { DeadLetter, DeadLetterGroup } from '../../api/types';
import { State } from '../../components/badge';
import { Choice, Filter, FilterBar } from '../../components/filter-bar';
import { Page } from '../../components/page';
import { Panel } from '../../components/panel';
import { useResource, useThrottled } from '../../components/resource';
import { Empty, Show } from '../../components/states';
import { Table, type Column } from '../../components/table';
import { safe, Text } from '../../components/text';
import { Ago } from '../../components/time';
import { count, number } from '../../format';
import { href, param } from '../../router';
import { mayDecide } from '../../shell/session';
import { OpenStates } from '.';
import { GroupActions } from './group-actions';

const Filters = ['consumer', 'cause', 'state', 'stream', 'type', 'key'] as const;
const PageLetters = 100;

const columns: Column<DeadLetter>[] = [
  { title: 'Id', class: 'number', cell: row => <a href={href(`/dead-letters/${row.id}`)}>{number(row.id)}</a> },
  { title: 'State', class: 'nowrap', cell: row => <State of={row.state} /> },
  { title: 'Event', class: 'event-type', cell: row => <><Text class="type" value={row.type} /><span class="phone-line muted"><Text value={row.key} /></span></> },
  { title: 'Key', class: 'stream spare', cell: row => <span title={safe(row.key)}><Text value={row.key} /></span> },
  { title: 'Error', class: 'wide spare', cell: row => <span class="preview">{row.message ? <Text value={row.message} /> : <span class="muted">waits behind another one</span>}</span> },
  { title: 'Tried', class: 'number spare', cell: row => number(row.attempts) },
  { title: 'Failed', class: 'nowrap', cell: row => row.lastFailedAt && <Ago at={row.lastFailedAt} /> },
];

/** The selection of a decision: failed ones, unless a state is chosen. */
const filter = (): Record<string, string> =>
  Object.fromEntries(Filters.map(name => [name, name === 'state' && param(name) === 'all' ? '' : param(name)]));

/** The states of the list: those that need a decision, unless others are chosen. */
const statesOf = (): string[] => (param('state') === 'all' ? [] : param('state') ? [param('state')] : OpenStates);

function Group({ group }: { group: DeadLetterGroup }): JSX.Element {
  const isSelected = param('cause') === group.cause && param('consumer') === group.consumer;
  return (
    <a class="group" aria-current={isSelected ? 'true' : undefined} href={href('/dead-letters', { consumer: group.consumer, cause: group.cause })}>
      <span class="group-count">{number(group.letters)}</span>
      <span class="group-text"><b><Text value={group.sample.errorType?.split('.').at(-1) ?? group.cause} /></b> <span class="muted">in</span> <Text value={group.consumer} />
        <span class="muted group-message"><Text value={group.sample.message ?? ''} /></span></span>
      <span class="muted nowrap"><Ago at={group.lastFailedAt} /><br /><span title="First failed">since <Ago at={group.firstFailedAt} /></span></span>
    </a>
  );
}

export default function DeadLetters(): JSX.Element {
  const selection = filter();
  const key = JSON.stringify([selection, param('state')]);
  const revision = useThrottled(openDeadLetters.value ?? 0, 2_000);
  const groups = useResource('groups', signal => get<DeadLetterGroup[]>('/dead-letters/groups', {}, signal), revision);
  const letters = useResource(`letters ${key}`, signal => get<DeadLetter[]>('/dead-letters', { ...selection, state: statesOf(), limit: PageLetters }, signal), revision);
  const [more, setMore] = useState<{ key: string; rows: DeadLetter[]; isEnd: boolean }>({ key, rows: [], isEnd: false });
  const further = more.key === key ? more : { key, rows: [], isEnd: false };
  const isGroup = param('cause') !== '' && param('consumer') !== '';
  const reload = (): void => {
    groups.reload();
    letters.reload();
  };
  const loadMore = async (after: number): Promise<void> => {
    const rows = await get<DeadLetter[]>('/dead-letters', { ...selection, state: statesOf(), after, limit: PageLetters });
    setMore({ key, rows: [...further.rows, ...rows], isEnd: rows.length < PageLetters });
  };
  return (
    <Page title="Dead letters">
      <Show of={groups} lines={4}>{found => (found.length === 0
        ? <Empty title="No event has failed">A failed event waits here with its error, and the later events of its key wait behind it.</Empty>
        : <Panel title="Causes" aside={<span class="muted">{count(found.reduce((sum, one) => sum + one.letters, 0), 'failed event')}</span>}>
            <div class="groups">{found.map(group => <Group group={group} key={`${group.shard} ${group.consumer} ${group.cause}`} />)}</div>
          </Panel>)}</Show>
      <FilterBar names={[...Filters]}>
        <Filter name="consumer" label="Consumer" />
        <Filter name="type" label="Event type" />
        <Filter name="stream" label="Stream" />
        <Filter name="key" label="Key" />
        <Choice name="state" label="State" options={[['', 'open'], ['all', 'all'], ['parked', 'parked'], ['retryAt', 'to be retried'], ['waiting', 'waiting'], ['released', 'released'], ['skipped', 'skipped'], ['discarded', 'discarded'], ['corrected', 'corrected']]} />
      </FilterBar>
      {isGroup && <GroupActions selection={selection} done={reload} isAllowed={mayDecide('dead-letters')} />}
      <Show of={letters} lines={8}>{found => {
        const rows = [...found, ...further.rows];
        if (rows.length === 0) return groups.data?.length === 0 && !Filters.some(param) ? null : <Empty title="No dead letter matches" />;
        const last = rows.at(-1)?.id ?? 0;
        return (
          <>
            <Table caption="Dead letters" columns={columns} rows={rows} keyOf={row => row.id} open={row => [`/dead-letters/${row.id}`]} />
            {found.length === PageLetters && !further.isEnd && <p class="more"><button type="button" onClick={() => void loadMore(last)}>More</button></p>}
          </>
        );
      }}</Show>
    </Page>
  );
}
