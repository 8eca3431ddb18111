// The frame of every screen: navigation, search, connection, and who is signed in.

import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { connect, link, position } from '../api/live';
import { number } from '../format';
import { href, path } from '../router';
import { screens } from '../screens';
import { isHelpOpen } from './help';
import { isPaletteOpen } from './palette';
import type { Group, Screen } from './screen';
import { maySee, operator } from './session';
import { nextTheme, theme } from './theme';
import { productTitle } from './title';

const groups: Group[] = ['Now', 'Inspect', 'Operate'];
const isMenuOpen = signal(false);

const linkTexts: Record<string, [string, string]> = {
  connecting: ['Connecting', 'The console connects to the server.'],
  live: ['Live', 'The server pushes changes.'],
  polling: ['Every 5 s', 'The server does not push changes, so the console asks every five seconds.'],
  paused: ['Paused', 'The page is hidden.'],
  denied: ['No access', 'You are not signed in, or may not see the state; select to try again.'],
  lost: ['No connection', 'The server does not answer. The console tries again automatically; select to try now.'],
};

function isCurrent(screen: Screen): boolean {
  return screen.path === '/' ? path.value === '/' : path.value === screen.path || path.value.startsWith(`${screen.path}/`);
}

function NavLink({ screen }: { screen: Screen }): JSX.Element {
  const count = screen.count?.() ?? 0;
  return (
    <a href={href(screen.path)} class="nav-link" aria-current={isCurrent(screen) ? 'page' : undefined} title={`g ${screen.key}`}
      onClick={() => { isMenuOpen.value = false; }}>
      <span>{screen.title}</span>
      {count > 0 && <span class="nav-count">{number(count)}</span>}
      <kbd class="nav-key" aria-hidden="true">g {screen.key}</kbd>
    </a>
  );
}

function Navigation(): JSX.Element {
  return (
    <nav class={`nav ${isMenuOpen.value ? 'open' : ''}`} id="navigation" aria-label="Screens">
      <a class="brand" href={href('/')}>
        <svg viewBox="0 0 32 32" aria-hidden="true" width="22" height="22"><rect width="32" height="32" rx="8" class="brand-box" /><g class="brand-lines"><circle cx="16" cy="16" r="7.5" /><path d="M16 4.5v6M16 21.5v6M4.5 16h6M21.5 16h6" /></g></svg>
        <span>{productTitle}</span>
      </a>
      {groups.map(group => {
        const shown = screens.filter(screen => screen.group === group && maySee(screen.action));
        return shown.length > 0 && (
          <div class="nav-group" key={group}>
            {group !== 'Now' && <p class="nav-title">{group}</p>}
            {shown.map(screen => <NavLink screen={screen} key={screen.id} />)}
          </div>
        );
      })}
      <div class="nav-foot">
        {operator.value && <p class="who"><span class="muted">{operator.value.mayDecide ? 'Operator' : 'Read-only'}</span><br />{operator.value.name}</p>}
        <button type="button" class="quiet" onClick={() => { isHelpOpen.value = true; }}>Keys <kbd>?</kbd></button>
        <button type="button" class="quiet" onClick={nextTheme}>
          {theme.value === 'dark' ? 'Dark' : theme.value === 'light' ? 'Light' : 'System'} theme <kbd>t</kbd>
        </button>
      </div>
    </nav>
  );
}

function LinkState(): JSX.Element {
  const [text, title] = linkTexts[link.value] ?? ['', ''];
  return (
    <button type="button" class={`link-state link-${link.value}`} title={title} onClick={connect}>
      <span class="link-dot" aria-hidden="true" /><span class="link-text">{text}</span>
      {position.value > 0 && <span class="link-position" title="The end of the log">{number(position.value)}</span>}
    </button>
  );
}

export function Layout({ children }: { children: ComponentChildren }): JSX.Element {
  const isLost = link.value === 'lost';
  useEffect(() => {
    document.getElementById('main')?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }, [path.value]);
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={event => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to the content</a>
      <Navigation />
      {isMenuOpen.value && <button type="button" class="nav-shade" aria-label="Close the navigation" onClick={() => { isMenuOpen.value = false; }} />}
      <div class="body">
        <header class="bar">
          <button type="button" class="menu" aria-label="Navigation" aria-expanded={isMenuOpen.value} aria-controls="navigation"
            onClick={() => { isMenuOpen.value = !isMenuOpen.value; }}>☰</button>
          <button type="button" class="search" onClick={() => { isPaletteOpen.value = true; }}>
            <span class="search-text">Search or jump to …</span><kbd>/</kbd>
          </button>
          <LinkState />
        </header>
        {isLost && <p class="lost" role="alert">No connection to the server. What you see may be old; the console tries again automatically.</p>}
        <main id="main" tabIndex={-1}>{children}</main>
      </div>
    </div>
  );
}
