import { consumers, keyOf } from '../../api/live';
import { toneOf } from '../../components/badge';
import { segmentOf } from '../../router';
import type { Hit, Screen } from '../../shell/screen';

const MaxHits = 6;

/** The address of a consumer. */
export const toConsumer = (one: { name: string; shard?: string }): [string, Record<string, string>] => {
  const segment = segmentOf(one.name);
  return [`/consumers/${segment}`, { ...(segment === '-' ? { name: one.name } : {}), ...(one.shard ? { shard: one.shard } : {}) }];
};

function search(text: string): Hit[] {
  const wanted = text.toLowerCase();
  return [...consumers.value.values()].filter(one => keyOf(one).toLowerCase().includes(wanted)).slice(0, MaxHits).map(one => {
    const [to, query] = toConsumer(one);
    return { kind: 'Consumer', text: keyOf(one), detail: one.state, to, query };
  });
}

export const screen: Screen = {
  id: 'consumers',
  title: 'Consumers',
  group: 'Operate',
  path: '/consumers',
  key: 'c',
  action: 'consumers',
  routes: [
    { pattern: '/consumers', load: () => import('./list') },
    { pattern: '/consumers/:name', load: () => import('./detail') },
  ],
  count: () => [...consumers.value.values()].filter(one => toneOf(one.state) === 'bad').length,
  search,
};
