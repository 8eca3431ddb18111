// What a screen registers: its place in the navigation, its addresses and its hits in the search.

import type { ComponentType } from 'preact';

export type Group = 'Now' | 'Inspect' | 'Operate';

export interface Hit {
  kind: string;
  text: string;
  detail?: string;
  to: string;
  query?: Record<string, string>;
}

export interface Route {
  /** A pattern such as /streams/:name. The view gets the parts as properties. */
  pattern: string;
  load: () => Promise<{ default: ComponentType<any> }>;
}

export interface Screen {
  id: string;
  title: string;
  group: Group;
  path: string;
  /** The letter after g that opens the screen. */
  key: string;
  /** The operator action that the caller needs to read; without it, the screen is not in the navigation. */
  action: string;
  routes: Route[];
  /** The number beside the name in the navigation; null or 0 for none. */
  count?: () => number | null;
  /** Finds what the search box offers for a text. */
  search?: (text: string, signal: AbortSignal) => Promise<Hit[]> | Hit[];
}
