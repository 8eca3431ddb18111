// The state that the server pushes: the end of the log, consumers, dead letters and alerts.

import { signal } from '@preact/signals';
import { apiPath, get, Problem } from './client';
import type { Consumer, LiveAlert, LiveChange, LiveConsumer } from './types';

export type LinkState = 'connecting' | 'live' | 'polling' | 'lost' | 'paused' | 'denied';

/** A moment of the log, for rates. */
interface Beat {
  time: number;
  position: number;
}

const MaxBeats = 900;
const RateSeconds = 10;
const PollPause = 5_000;
const FirstRetry = 1_000;
const LongestRetry = 15_000;

export const link = signal<LinkState>('connecting');
export const position = signal(0);
export const consumers = signal<ReadonlyMap<string, LiveConsumer>>(new Map());
/** The number of dead letters that need a decision, or wait for one. */
export const openDeadLetters = signal<number | null>(null);
export const alerts = signal<readonly LiveAlert[] | null>(null);
/** The ends of the log that were seen since the page is open, at most one each second. */
export const beats = signal<readonly Beat[]>([]);
/** The last checkpoints of each consumer, for its throughput. */
const progress = new Map<string, Beat[]>();

export const keyOf = (one: { name: string; shard?: string }): string => (one.shard ? `${one.shard}/${one.name}` : one.name);

const push = (list: readonly Beat[], beat: Beat): Beat[] => [...list.slice(-MaxBeats + 1), beat];

function apply(change: LiveChange): void {
  const time = Date.now();
  if (change.position !== position.value) position.value = change.position;
  beats.value = push(beats.value, { time, position: change.position });
  if (change.consumers.length > 0) {
    const next = new Map(consumers.value);
    for (const one of change.consumers) {
      next.set(keyOf(one), one);
      progress.set(keyOf(one), push(progress.get(keyOf(one)) ?? [], { time, position: one.checkpoint }).slice(-60));
    }
    consumers.value = next;
  }
  if (change.deadLetters !== undefined) openDeadLetters.value = change.deadLetters;
  if (change.alerts) alerts.value = change.alerts;
}

function rateOf(list: readonly Beat[], now: number): number | null {
  const recent = list.filter(beat => now - beat.time <= RateSeconds * 1_000);
  const first = recent[0] ?? list.at(-1);
  const last = list.at(-1);
  if (!first || !last) return null;
  const seconds = Math.max((now - first.time) / 1_000, 1);
  return Math.max(0, (last.position - first.position) / seconds);
}

/** Returns the events per second that the log grows by, over the last ten seconds. */
export const eventRate = (): number | null => rateOf(beats.value, Date.now());

/** Returns the positions per second that a consumer passes. */
export function throughputOf(key: string): number | null {
  void consumers.value; // Read again when a consumer changes.
  return rateOf(progress.get(key) ?? [], Date.now());
}

let source: EventSource | null = null;
let retry = FirstRetry;
let timer: ReturnType<typeof setTimeout> | undefined;

function close(): void {
  source?.close();
  source = null;
  clearTimeout(timer);
}

/** Reads the state once, if the server cannot push it. */
async function poll(): Promise<void> {
  try {
    const [all, page] = await Promise.all([
      get<Consumer[]>('/consumers'),
      get<{ head: number }>('/events', { limit: 1 }),
    ]);
    apply({ position: page.head, consumers: all, deadLetters: all.reduce((sum, one) => sum + one.openLetters, 0) });
    link.value = 'polling';
    retry = FirstRetry;
  } catch (error) {
    const status = error instanceof Problem ? error.status : 0;
    link.value = status === 0 ? 'lost' : status === 401 || status === 403 ? 'denied' : 'polling';
  }
}

function connectLater(): void {
  clearTimeout(timer);
  timer = setTimeout(connect, retry);
  retry = Math.min(retry * 2, LongestRetry);
}

/** Connects again now, after the user asked for it. */
export function connect(): void {
  close();
  if (document.hidden) {
    link.value = 'paused';
    return;
  }
  source = new EventSource(`${apiPath}/live`);
  source.addEventListener('change', event => {
    retry = FirstRetry;
    link.value = 'live';
    apply(JSON.parse((event as MessageEvent<string>).data) as LiveChange);
  });
  source.addEventListener('open', () => {
    link.value = 'live';
  });
  source.addEventListener('error', () => {
    close();
    void poll().then(() => {
      if (link.value === 'polling') timer = setTimeout(connect, PollPause);
      else if (link.value === 'lost') connectLater();
    });
  });
}

/** Starts the connection. A hidden tab closes it, because a browser allows few connections to a server. */
export function start(): void {
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : connect()));
  window.addEventListener('online', connect);
  window.addEventListener('offline', () => {
    link.value = 'lost';
  });
  connect();
}
