import type { Health, LiveAlert, LiveConsumer } from '../../api/types';
import { count } from '../../format';

interface Verdict {
  text: string;
  tone: 'good' | 'warn' | 'bad';
}

const Stopped = ['stalled', 'faulted', 'circuitOpen'];

/** Returns the state of the system in one sentence, the worst first. */
export function verdict(
  consumers: readonly LiveConsumer[], openDeadLetters: number | null, alerts: readonly LiveAlert[] | null, health: Health | null,
): Verdict {
  if (health?.status === 'unhealthy') return { text: `The store does not answer${health.problem ? `: ${health.problem}` : '.'}`, tone: 'bad' };
  const stopped = consumers.filter(one => Stopped.includes(one.state));
  const parts: string[] = [];
  if (stopped.length > 0) parts.push(`${count(stopped.length, 'consumer')} stopped`);
  if (openDeadLetters) parts.push(`${count(openDeadLetters, 'event')} failed or waiting`);
  if (alerts && alerts.length > 0) parts.push(`${count(alerts.length, 'alert')} firing`);
  if (parts.length > 0) return { text: `${parts.join(', ')}.`, tone: 'bad' };
  const paused = consumers.filter(one => one.state === 'paused').length;
  if (paused > 0) return { text: `${count(paused, 'consumer is', 'consumers are')} paused. Everything else is well.`, tone: 'warn' };
  if (health?.status === 'degraded') return { text: health.problem ?? 'The system works, with a problem.', tone: 'warn' };
  const behind = consumers.filter(one => one.lagSeconds > 60).length;
  if (behind > 0) return { text: `${count(behind, 'consumer is', 'consumers are')} more than a minute behind.`, tone: 'warn' };
  return { text: 'All is well.', tone: 'good' };
}
