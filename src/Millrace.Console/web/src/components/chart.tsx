// A chart of one or more series over time. uPlot is loaded only here.

import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { compact, decimal } from '../format';
import { theme } from '../shell/theme';

export interface Series {
  label: string;
  /** The name of a color of the style sheet, such as --accent. */
  color: string;
  values: (number | null)[];
  isFilled?: boolean;
}

interface Props {
  label: string;
  /** Seconds since 1970. */
  times: number[];
  series: Series[];
  unit: string;
  height?: number;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const small = (value: number): string => (Number.isInteger(value) ? compact(value) : decimal(value));

const colorOf = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || '#888';

function optionsOf({ series, unit, height = 160 }: Props, width: number): uPlot.Options {
  const axis = { stroke: colorOf('--muted'), grid: { stroke: colorOf('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
  return {
    width,
    height,
    padding: [8, 18, 0, 0],
    cursor: { points: { size: 6 }, y: false },
    legend: { show: series.length > 1, live: true },
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, Math.max(1, max ?? 0) * 1.1] } },
    axes: [
      { ...axis, size: 26, space: 60, incrs: [60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400], values: (_plot, values) => values.map(value => clock.format(value * 1_000)) },
      { ...axis, size: 46, space: 34, values: (_plot, values) => values.map(value => small(value)) },
    ],
    series: [
      {},
      ...series.map(one => ({
        label: one.label,
        stroke: colorOf(one.color),
        width: 1.5,
        spanGaps: false,
        points: { show: one.values.length < 3 },
        ...(one.isFilled ? { fill: `${colorOf(one.color)}22` } : {}),
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : `${small(value)} ${unit}`),
      })),
    ],
  };
}

export function Chart(props: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [library, setLibrary] = useState<typeof uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = props.series.map(one => one.label).join('|');
  const data = (): uPlot.AlignedData => [latest.current.times, ...latest.current.series.map(one => one.values)] as uPlot.AlignedData;
  useEffect(() => {
    let isGone = false;
    void import('uplot').then(module => {
      if (!isGone) setLibrary(() => module.default);
    });
    return () => {
      isGone = true;
    };
  }, []);
  useEffect(() => {
    const element = host.current;
    if (!element || !library) return undefined;
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new library(optionsOf(latest.current, Math.max(160, element.clientWidth)), data(), element);
    };
    const stop = effect(() => {
      void theme.value; // Colors change with the theme.
      draw();
    });
    const watch = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (plot.current && width > 0 && width !== plot.current.width) {
        plot.current.setSize({ width, height: latest.current.height ?? 160 });
      }
    });
    watch.observe(element);
    return () => {
      stop();
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [library, shape]);
  useEffect(() => plot.current?.setData(data()), [props.times, props.series]);
  const last = props.series.map(one => `${one.label} ${one.values.at(-1) ?? 'unknown'} ${props.unit}`).join(', ');
  return <div ref={host} class="chart" role="img" aria-label={`${props.label}: ${last}`} style={{ minHeight: `${props.height ?? 160}px` }} />;
}
