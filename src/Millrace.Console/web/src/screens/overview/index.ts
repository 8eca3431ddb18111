import type { Screen } from '../../shell/screen';

export const screen: Screen = {
  id: 'overview',
  title: 'Overview',
  group: 'Now',
  path: '/',
  key: 'o',
  action: 'overview',
  routes: [{ pattern: '', load: () => import('./view') }],
};
