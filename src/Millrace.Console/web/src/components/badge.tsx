// States as a dot and a word, never as a color alone.

import type { JSX } from 'preact';
import { words } from '../format';

const Good = new Set(['live', 'healthy', 'connected', 'passes', 'passed', 'open', 'corrected']);
const Busy = new Set(['catchingUp', 'connecting', 'retryAt', 'released', 'pending', 'polling']);
const Bad = new Set(['stalled', 'faulted', 'circuitOpen', 'unhealthy', 'parked', 'fails', 'failed', 'firing', 'lost', 'critical']);
const Warn = new Set(['degraded', 'waiting', 'warning', 'noData', 'deleted']);

export function toneOf(state: string): 'good' | 'busy' | 'bad' | 'warn' | 'quiet' {
  if (Good.has(state)) return 'good';
  if (Busy.has(state)) return 'busy';
  if (Bad.has(state)) return 'bad';
  return Warn.has(state) ? 'warn' : 'quiet';
}

export function State({ of }: { of: string }): JSX.Element {
  return <span class={`state tone-${toneOf(of)}`}>{words(of)}</span>;
}
