// Is everything well? One sentence, then what needs attention, then the rates.

import type { JSX } from 'preact';
import { alerts, beats, consumers, openDeadLetters, eventRate, keyOf, position } from '../../api/live';
import { get, getHealth } from '../../api/client';
import type { Capacity, DeadLetterGroup, Health } from '../../api/types';
import { Page } from '../../components/page';
import { Facts, Panel } from '../../components/panel';
import { useResource, useThrottled } from '../../components/resource';
import { State, toneOf } from '../../components/badge';
import { Empty, Show } from '../../components/states';
import { Text } from '../../components/text';
import { Ago, now } from '../../components/time';
import { compact, count, decimal, duration, number } from '../../format';
import { href } from '../../router';
import { maySee } from '../../shell/session';
import { toConsumer } from '../consumers';
import { LagChart, RateChart } from './charts';
import { verdict } from './verdict';

const RefreshMilliseconds = 5_000;

/** A key figure that opens the screen behind it. */
function Tile({ label, value, note, to, tone = 'quiet' }: {
  label: string; value: string; note: JSX.Element | string; to: string; tone?: string;
}): JSX.Element {
  return (
    <a class={`tile tone-${tone}`} href={to}>
      <span class="tile-label">{label}</span>
      <span class="tile-value">{value}</span>
      <span class="tile-note">{note}</span>
    </a>
  );
}

function Tiles(): JSX.Element {
  const all = [...consumers.value.values()];
  const rate = eventRate();
  void now.value;
  const worst = all.reduce((most, one) => (one.lagEvents > (most?.lagEvents ?? -1) ? one : most), all[0]);
  const healthy = all.filter(one => toneOf(one.state) === 'good').length;
  const open = openDeadLetters.value;
  return (
    <div class="tiles">
      <Tile label="Events" value={compact(position.value)} to={href('/events')}
        note={rate === null || beats.value.length < 2 ? 'in the log' : `${decimal(rate)} per second now`} />
      <Tile label="Consumers" value={all.length ? `${healthy} of ${all.length}` : '–'} to={href('/consumers')}
        tone={healthy < all.length ? 'warn' : 'quiet'} note="live" />
      <Tile label="Longest lag" value={worst ? compact(worst.lagEvents) : '–'} to={href('/consumers', { sort: 'lag' })}
        tone={worst && worst.lagSeconds > 60 ? 'warn' : 'quiet'}
        note={worst && worst.lagEvents > 0 ? <><Text value={worst.name} />, {duration(worst.lagSeconds)}</> : 'events behind'} />
      {open !== null && <Tile label="Dead letters" value={compact(open)} to={href('/dead-letters')} tone={open > 0 ? 'bad' : 'quiet'}
        note={open > 0 ? 'failed or waiting' : 'none open'} />}
      {alerts.value && <Tile label="Alerts" value={number(alerts.value.length)} to={href('/')}
        tone={alerts.value.length > 0 ? 'bad' : 'quiet'} note={alerts.value.length > 0 ? 'firing' : 'none firing'} />}
    </div>
  );
}

function Attention({ groups }: { groups: readonly DeadLetterGroup[] }): JSX.Element {
  const stuck = [...consumers.value.values()].filter(one => !['live', 'catchingUp'].includes(one.state) || one.openLetters > 0)
    .sort((a, b) => b.openLetters - a.openLetters);
  const firing = alerts.value ?? [];
  if (stuck.length + groups.length + firing.length === 0) {
    return <Empty title="Nothing needs attention">Stopped consumers, dead letters and alerts appear here.</Empty>;
  }
  return (
    <ul class="attention">
      {firing.map(one => (
        <li key={one.id ?? one.rule}>
          <State of={one.severity ?? one.state} />
          <span class="attention-text"><b>{one.rule}</b> {one.subject && <Text value={one.subject} />}<span class="muted"> alert on {one.node ?? 'all nodes'}</span></span>
          <Ago at={one.since} />
        </li>
      ))}
      {groups.map(group => (
        <li key={`${group.consumer} ${group.cause}`}>
          <State of="failed" />
          <a class="attention-text" href={href('/dead-letters', { consumer: group.consumer, cause: group.cause })}>
            <b>{count(group.letters, 'dead letter')}</b> in <Text value={group.consumer} />
            <span class="muted"> <Text value={group.sample.message ?? group.cause} /></span>
          </a>
          <Ago at={group.lastFailedAt} />
        </li>
      ))}
      {stuck.filter(one => toneOf(one.state) !== 'good').map(one => (
        <li key={keyOf(one)}>
          <State of={one.state} />
          <a class="attention-text" href={href(...toConsumer(one))}>
            <b><Text value={one.name} /></b><span class="muted"> {count(one.lagEvents, 'event')} behind</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function CapacityFacts({ capacity }: { capacity: Capacity }): JSX.Element {
  const last = capacity.changes[0];
  return (
    <Facts of={[
      ['Nodes', capacity.nodes ?? '–'],
      ['Bounds', `${capacity.minNodes} to ${capacity.maxNodes}`],
      ['Last change', last && <>{last.previousNodes} → {last.nodes}, {last.explanation} <Ago at={last.at} /></>],
    ]} />
  );
}

function CapacityPanel(): JSX.Element {
  const resource = useResource('capacity', signal => get<Capacity>('/capacity', {}, signal));
  return <Panel title="Capacity"><Show of={resource} lines={3}>{data => <CapacityFacts capacity={data} />}</Show></Panel>;
}

function HealthFacts({ health }: { health: Health }): JSX.Element {
  return (
    <Facts of={[
      ['Status', <State of={health.status} />],
      ['Problem', health.problem && <Text value={health.problem} />],
      ['Transports', health.transports && Object.entries(health.transports).map(([state, n]) => <span class="pair" key={state}><State of={state} /> {n}</span>)],
      ['Log audit', health.audit && (health.audit.problems > 0 ? <b class="bad">{count(health.audit.problems, 'problem')}</b> : `clean to ${number(health.audit.position)}`)],
      ['Backup', health.backup && `${count(health.backup.waitingEvents, 'event')} not backed up yet`],
    ]} />
  );
}

export default function Overview(): JSX.Element {
  const beat = useThrottled(`${position.value} ${openDeadLetters.value}`, RefreshMilliseconds);
  const groups = useResource('groups', signal =>
    (maySee('dead-letters') ? get<DeadLetterGroup[]>('/dead-letters/groups', {}, signal) : Promise.resolve([])), beat);
  const health = useResource('health', signal => getHealth(signal), beat);
  const state = verdict([...consumers.value.values()], openDeadLetters.value, alerts.value, health.data);
  return (
    <Page title="Overview">
      <p class={`verdict tone-${state.tone}`} role="status"><span class="verdict-dot" aria-hidden="true" />{state.text}</p>
      <Tiles />
      <div class="with-side">
        <Panel title="Needs attention">
          <Show of={groups} lines={3}>{data => <Attention groups={data} />}</Show>
        </Panel>
        <div class="stack">
          <Panel title="Health"><Show of={health} lines={3}>{data => <HealthFacts health={data} />}</Show></Panel>
          {maySee('capacity') && <CapacityPanel />}
        </div>
      </div>
      <div class="halves">
        <RateChart />
        <LagChart />
      </div>
    </Page>
  );
}
