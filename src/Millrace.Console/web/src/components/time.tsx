// Times: relative, with the absolute local and UTC time in the tooltip.

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { ago, localTime, shortTime, utcTime } from '../format';

/** The current time, which changes once a second, so that relative times and rates are current. */
export const now = signal(Date.now());

export const startClock = (): void => {
  setInterval(() => {
    if (!document.hidden) now.value = Date.now();
  }, 1_000);
};

const tooltip = (iso: string): string => `${localTime(iso)} · ${utcTime(iso)}`;

export function Ago({ at }: { at: string }): JSX.Element {
  return <time dateTime={at} title={tooltip(at)}>{ago(at, now.value)}</time>;
}

export function Moment({ at }: { at: string }): JSX.Element {
  return <time dateTime={at} title={tooltip(at)}>{localTime(at)} <span class="muted">({ago(at, now.value)})</span></time>;
}

export function Clock({ at }: { at: string }): JSX.Element {
  return <time dateTime={at} title={tooltip(at)}>{shortTime(at)}</time>;
}
