// The search box and the command palette in one: / or Ctrl K opens it.

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { safe, Text } from '../components/text';
import { navigate } from '../router';
import { screens } from '../screens';
import type { Hit } from './screen';
import { maySee } from './session';

export interface Command {
  text: string;
  keys?: string;
  run: () => void;
}

interface Row {
  kind: string;
  text: string;
  detail?: string | undefined;
  keys?: string | undefined;
  run: () => void;
}

const Pause = 120;
const MaxRows = 40;
const RecentKey = 'millrace-console-recent';
const MaxRecent = 6;

export const isPaletteOpen = signal(false);
export const commands = signal<readonly Command[]>([]);

function recent(): Hit[] {
  try {
    return JSON.parse(localStorage.getItem(RecentKey) ?? '[]') as Hit[];
  } catch {
    return [];
  }
}

function remember(hit: Hit): void {
  try {
    const rest = recent().filter(one => one.to !== hit.to || one.text !== hit.text);
    localStorage.setItem(RecentKey, JSON.stringify([hit, ...rest].slice(0, MaxRecent)));
  } catch {
    // The browser stores nothing.
  }
}

const matches = (text: string, query: string): boolean => query.toLowerCase().split(/\s+/).every(part => text.toLowerCase().includes(part));

function useHits(query: string): { hits: Hit[]; isSearching: boolean } {
  const [state, setState] = useState<{ hits: Hit[]; isSearching: boolean }>({ hits: [], isSearching: false });
  useEffect(() => {
    if (query.length < 1 || query.startsWith('>')) {
      setState({ hits: [], isSearching: false });
      return undefined;
    }
    const abort = new AbortController();
    setState(last => ({ ...last, isSearching: true }));
    const timer = setTimeout(() => {
      const found: Hit[] = [];
      const all = screens.filter(screen => maySee(screen.action) && screen.search).map(async screen => {
        try {
          found.push(...(await screen.search?.(query, abort.signal) ?? []));
          if (!abort.signal.aborted) setState({ hits: [...found], isSearching: true });
        } catch {
          // The other screens still find something.
        }
      });
      void Promise.all(all).then(() => {
        if (!abort.signal.aborted) setState({ hits: [...found], isSearching: false });
      });
    }, Pause);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return state;
}

function open(hit: Hit): void {
  remember(hit);
  navigate(hit.to, hit.query);
}

function rowsOf(query: string, hits: Hit[]): Row[] {
  const wanted = query.replace(/^>/, '').trim();
  const rows: Row[] = [];
  if (!query) rows.push(...recent().map(hit => ({ kind: 'Recent', text: hit.text, detail: hit.kind, run: () => open(hit) })));
  rows.push(...hits.map(hit => ({ kind: hit.kind, text: hit.text, detail: hit.detail, run: () => open(hit) })));
  const pages = screens.filter(screen => maySee(screen.action) && matches(screen.title, wanted))
    .map(screen => ({ kind: 'Go to', text: screen.title, keys: `g ${screen.key}`, run: () => navigate(screen.path) }));
  const actions = commands.value.filter(one => matches(one.text, wanted))
    .map(one => ({ kind: 'Command', text: one.text, keys: one.keys, run: one.run }));
  return [...rows, ...(query.startsWith('>') ? actions : [...pages, ...actions])].slice(0, MaxRows);
}

function PaletteBody({ close }: { close: () => void }): JSX.Element {
  const [query, setQuery] = useState('');
  const [selected, setSelected] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const { hits, isSearching } = useHits(query.trim());
  const rows = useMemo(() => rowsOf(query.trim(), hits), [query, hits]);
  const index = Math.min(selected, rows.length - 1);
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }), [index]);
  const run = (row: Row | undefined): void => {
    if (!row) return;
    close();
    row.run();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setSelected(Math.min(index + 1, rows.length - 1));
    else if (event.key === 'ArrowUp') setSelected(Math.max(index - 1, 0));
    else if (event.key === 'Enter') run(rows[index]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <input class="palette-input" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
        aria-activedescendant={rows.length ? `palette-${index}` : undefined} aria-label="Search or run a command" autofocus
        placeholder="Stream, event id or position, type, consumer, dead letter, or a command" spellcheck={false} autocomplete="off" value={query}
        onInput={event => { setQuery(event.currentTarget.value); setSelected(0); }} onKeyDown={press} />
      <div id="palette-list" class="palette-list" role="listbox" aria-label="Results" ref={list}>
        {rows.map((row, at) => (
          <div id={`palette-${at}`} role="option" aria-selected={at === index} class="palette-row" key={`${row.kind} ${row.text} ${at}`}
            onMouseMove={() => setSelected(at)} onClick={() => run(row)}>
            <span class="palette-kind">{row.kind}</span>
            <span class="palette-text" title={safe(row.text)}><Text value={row.text} /></span>
            {row.detail && <span class="muted palette-detail"><Text value={row.detail} /></span>}
            {row.keys && <kbd>{row.keys}</kbd>}
          </div>
        ))}
        {rows.length === 0 && <p class="blank-title palette-none">{isSearching ? 'Searching …' : 'Nothing found.'}</p>}
      </div>
      <p class="palette-foot muted"><kbd>↑</kbd> <kbd>↓</kbd> move <kbd>Enter</kbd> open <kbd>&gt;</kbd> commands only <kbd>Esc</kbd> close</p>
    </>
  );
}

export function Palette(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isPaletteOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const close = (): void => dialog.current?.close();
  return (
    <dialog ref={dialog} class="palette" aria-label="Search and commands" onClose={() => { isPaletteOpen.value = false; }}
      onClick={event => { if (event.target === dialog.current) close(); }}>
      {isOpen && <PaletteBody close={close} />}
    </dialog>
  );
}
