import { openDeadLetters } from '../../api/live';
import { get } from '../../api/client';
import type { DeadLetter } from '../../api/types';
import type { Hit, Screen } from '../../shell/screen';

/** The states of dead letters that need a decision, or wait for one. */
export const OpenStates = ['retryAt', 'parked', 'waiting', 'released'];

async function search(text: string, signal: AbortSignal): Promise<Hit[]> {
  const id = text.replace(/^#/, '');
  if (!/^\d{1,15}$/.test(id)) return [];
  try {
    const found = await get<DeadLetter>(`/dead-letters/${id}`, {}, signal);
    return [{ kind: 'Dead letter', text: `#${id} ${found.type}`, detail: found.consumer, to: `/dead-letters/${id}` }];
  } catch {
    return []; // No dead letter has the id.
  }
}

export const screen: Screen = {
  id: 'dead-letters',
  title: 'Dead letters',
  group: 'Operate',
  path: '/dead-letters',
  key: 'd',
  action: 'dead-letters',
  routes: [
    { pattern: '/dead-letters', load: () => import('./list') },
    { pattern: '/dead-letters/:id', load: () => import('./detail') },
  ],
  count: () => openDeadLetters.value,
  search,
};
