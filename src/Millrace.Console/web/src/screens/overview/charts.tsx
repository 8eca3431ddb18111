// The rate of events and the lag of consumers: from the monitor if the application has it, else since the page is open.

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { get } from '../../api/client';
import { beats } from '../../api/live';
import type { MetricSeries } from '../../api/types';
import { Chart, type Series } from '../../components/chart';
import { Panel } from '../../components/panel';
import { useResource, useThrottled } from '../../components/resource';
import { Empty, Loading } from '../../components/states';
import { now } from '../../components/time';
import { maySee } from '../../shell/session';

const MinuteMilliseconds = 60_000;
const LiveSeconds = 180;
const MaxSeries = 5;
const Colors = ['--accent', '--blue', '--orange', '--purple', '--pink'];

/** Returns the last hour of a metric, of all subjects or one; null if the application has no monitor, or the caller may not see it. */
export const history = (metric: string, signal: AbortSignal, subject?: string): Promise<MetricSeries[] | null> =>
  maySee('metrics') ? get<MetricSeries[]>(`/metrics/${metric}`, { subject }, signal) : Promise.resolve(null);

/** Combines series by a name: sums the nodes, on one axis of times. */
export function combine(all: MetricSeries[], nameOf: (one: MetricSeries) => string): { times: number[]; series: Map<string, (number | null)[]> } {
  const times = [...new Set(all.flatMap(one => one.points.map(point => Date.parse(point.start) / 1_000)))].sort((a, b) => a - b);
  const index = new Map(times.map((time, at) => [time, at]));
  const series = new Map<string, (number | null)[]>();
  for (const one of all) {
    const values = series.get(nameOf(one)) ?? times.map(() => null);
    for (const point of one.points) {
      const at = index.get(Date.parse(point.start) / 1_000) ?? 0;
      values[at] = (values[at] ?? 0) + point.average;
    }
    series.set(nameOf(one), values);
  }
  return { times, series };
}

/** The growth of the log since the page is open, for each second. */
function LiveRate(): JSX.Element {
  const every = useThrottled(now.value, 2_000);
  const { times, values } = useMemo(() => {
    const list = beats.peek();
    const end = Math.floor(Date.now() / 1_000);
    const start = end - LiveSeconds;
    const opened = Math.floor((list[0]?.time ?? Date.now()) / 1_000);
    const counts = new Map<number, number>();
    for (const [at, beat] of list.entries()) {
      const before = list[at - 1];
      if (before) counts.set(Math.floor(beat.time / 1_000), Math.max(0, beat.position - before.position));
    }
    const seconds = Array.from({ length: LiveSeconds }, (_, at) => start + at);
    return { times: seconds, values: seconds.map(second => (second < opened ? null : counts.get(second) ?? 0)) };
  }, [every]);
  const series: Series[] = useMemo(() => [{ label: 'Events', color: '--accent', values, isFilled: true }], [values]);
  return (
    <>
      <Chart label="Event rate since the page is open" unit="events/s" times={times} series={series} />
      <p class="muted note">Since this page is open. The performance monitor keeps a history.</p>
    </>
  );
}

export function RateChart(): JSX.Element {
  const minute = useThrottled(Math.floor(now.value / MinuteMilliseconds), MinuteMilliseconds);
  const data = useResource('event-rate', signal => history('event-rate', signal), minute).data;
  const shown = useMemo(() => (data ? combine(data, () => 'Events') : null), [data]);
  const series: Series[] = useMemo(() => [{ label: 'Events', color: '--accent', values: shown?.series.get('Events') ?? [], isFilled: true }], [shown]);
  return (
    <Panel title="Events per second">
      {shown && shown.times.length > 1 ? <Chart label="Event rate, last hour" unit="events/s" times={shown.times} series={series} /> : <LiveRate />}
    </Panel>
  );
}

export function LagChart(): JSX.Element {
  const minute = useThrottled(Math.floor(now.value / MinuteMilliseconds), MinuteMilliseconds);
  const resource = useResource('consumer-lag', signal => history('consumer-lag', signal), minute);
  const shown = useMemo(() => (resource.data ? combine(resource.data, one => one.subject ?? 'all') : null), [resource.data]);
  const series: Series[] = useMemo(() => {
    if (!shown) return [];
    const peak = (values: (number | null)[]): number => Math.max(...values.map(value => value ?? 0));
    return [...shown.series].sort(([, a], [, b]) => peak(b) - peak(a)).slice(0, MaxSeries)
      .map(([label, values], at) => ({ label, color: Colors[at] ?? '--accent', values }));
  }, [shown]);
  return (
    <Panel title="Events behind, by consumer">
      {resource.isLoading && !resource.data ? <Loading lines={4} />
        : shown && shown.times.length > 1 ? <Chart label="Lag of the slowest consumers, last hour" unit="events" times={shown.times} series={series} />
          : <Empty title="No history yet">The performance monitor (<code>UseMonitor</code>) records the lag of each consumer.</Empty>}
    </Panel>
  );
}
