// A titled part of a screen, and a list of facts.

import type { ComponentChildren, JSX } from 'preact';

export function Panel({ title, aside, children, class: name }: {
  title: string; aside?: ComponentChildren; children: ComponentChildren; class?: string;
}): JSX.Element {
  return (
    <section class={`panel ${name ?? ''}`} aria-label={title}>
      <header class="panel-head"><h2>{title}</h2>{aside && <div class="panel-aside">{aside}</div>}</header>
      {children}
    </section>
  );
}

export type Fact = [string, ComponentChildren];

/** Names and values. Facts without a value are left out. */
export function Facts({ of }: { of: Fact[] }): JSX.Element {
  return (
    <dl class="facts">
      {of.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
        .map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
