// A table of rows that open something. Arrow keys or j and k move, Enter opens.

import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { navigate } from '../router';

export interface Column<T> {
  title: string;
  /** Extra classes: number for right-aligned, wide for the column that takes the rest, spare for one that a phone hides. */
  class?: string;
  cell: (row: T) => ComponentChildren;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
  /** The path and query that a row opens. */
  open?: (row: T) => [string, Record<string, string>?];
  isSelected?: (row: T) => boolean;
  rowClass?: (row: T) => string;
}

export function Table<T>({ caption, columns, rows, keyOf, open, isSelected, rowClass }: Props<T>): JSX.Element {
  const body = useRef<HTMLTableSectionElement>(null);
  const move = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const step = event.key === 'ArrowDown' || event.key === 'j' ? 1 : event.key === 'ArrowUp' || event.key === 'k' ? -1 : 0;
    const current = (event.target as Element).closest('tr');
    if (step === 0 || !current || !body.current) return;
    const all = [...body.current.rows];
    const next = all[all.indexOf(current) + step];
    const target = next?.querySelector<HTMLElement>('a, button') ?? next;
    if (!target) return;
    event.preventDefault();
    target.focus();
  };
  const click = (row: T) => (event: MouseEvent): void => {
    if (!open || event.button !== 0 || (event.target as Element).closest('a, button, input')) return;
    if (window.getSelection()?.toString()) return;
    const [to, query] = open(row);
    navigate(to, query);
  };
  return (
    <div class="table-wrap">
      <table class={open ? 'rows' : ''}>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>{columns.map(column => <th scope="col" class={column.class} key={column.title}>{column.title}</th>)}</tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {rows.map(row => (
            <tr key={keyOf(row)} class={`${isSelected?.(row) ? 'selected' : ''} ${rowClass?.(row) ?? ''}`} onClick={click(row)}>
              {columns.map(column => <td class={column.class} key={column.title}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
