// The head of a screen: its title, where it is, and its actions.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { href } from '../router';
import { productTitle } from '../shell/title';
import { safe, Text } from './text';

interface Props {
  title: string;
  /** The parent screen: its name and path. */
  parent?: [string, string];
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, parent, aside, children }: Props): JSX.Element {
  useEffect(() => {
    document.title = `${safe(title)} · ${productTitle}`;
  }, [title]);
  return (
    <div class="page">
      <header class="page-head">
        <div class="page-title">
          {parent && <><a href={href(parent[1])} class="crumb">{parent[0]}</a><span class="crumb-mark" aria-hidden="true">/</span></>}
          <h1 tabIndex={-1}><Text value={title} /></h1>
        </div>
        {aside && <div class="page-aside">{aside}</div>}
      </header>
      {children}
    </div>
  );
}
