// Stored JSON as a tree that opens level by level, so that a huge value costs only what is shown.

import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ExactNumber } from '../api/client';
import { count } from '../format';
import { CopyButton } from './copy';
import { Text } from './text';

const OpenLevels = 3;
const PageItems = 100;
const PageCharacters = 2_000;

type Entries = [string | number, unknown][];

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof ExactNumber);

const entriesOf = (value: object): Entries => (Array.isArray(value) ? value.map((item, index) => [index, item]) : Object.entries(value));

/** Returns JSON text with indents and with exact numbers. */
export function textOf(value: unknown, indent = ''): string {
  if (value instanceof ExactNumber) return value.text;
  if (!isContainer(value)) return JSON.stringify(value) ?? 'null';
  const entries = entriesOf(value);
  const [start, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return start + end;
  const inner = `${indent}  `;
  const lines = entries.map(([name, item]) =>
    `${inner}${Array.isArray(value) ? '' : `${JSON.stringify(name)}: `}${textOf(item, inner)}`);
  return `${start}\n${lines.join(',\n')}\n${indent}${end}`;
}

function LongText({ value }: { value: string }): JSX.Element {
  const [shown, setShown] = useState(PageCharacters);
  if (value.length <= shown) return <span class="json-string">“<Text value={value} />”</span>;
  return (
    <span class="json-string">
      “<Text value={value.slice(0, shown)} />…”{' '}
      <button type="button" class="inline" onClick={() => setShown(shown * 10)}>
        {count(value.length - shown, 'more character')}
      </button>
    </span>
  );
}

function Scalar({ value }: { value: unknown }): JSX.Element {
  if (typeof value === 'string') return <LongText value={value} />;
  if (value === null || value === undefined) return <span class="json-null">null</span>;
  if (typeof value === 'boolean') return <span class="json-boolean">{String(value)}</span>;
  return <span class="json-number">{String(value)}</span>;
}

function Node({ name, value, level, mark }: {
  name: ComponentChildren; value: unknown; level: number; mark?: ReadonlySet<string> | undefined;
}): JSX.Element {
  const [isOpen, setOpen] = useState(level < OpenLevels);
  const [items, setItems] = useState(PageItems);
  if (!isContainer(value)) return <div class="json-line">{name}<Scalar value={value} /></div>;
  const entries = entriesOf(value);
  const [start, end] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (entries.length === 0) return <div class="json-line">{name}<span class="json-mark">{start}{end}</span></div>;
  const summary = Array.isArray(value) ? count(entries.length, 'item') : count(entries.length, 'member');
  return (
    <div class="json-node">
      <div class="json-line">
        <button type="button" class="json-toggle" aria-expanded={isOpen} aria-label={isOpen ? 'Close' : `Open, ${summary}`}
          onClick={() => setOpen(!isOpen)}>{isOpen ? '▾' : '▸'}</button>
        {name}<span class="json-mark">{start}</span>
        {!isOpen && <><span class="json-summary">{summary}</span><span class="json-mark">{end}</span></>}
      </div>
      {isOpen && (
        <>
          <div class="json-children">
            {entries.slice(0, items).map(([key, item]) => (
              <div class={level === 0 && mark?.has(String(key)) ? 'json-changed' : ''} key={String(key)}>
                <Node value={item} level={level + 1}
                  name={Array.isArray(value) ? <span class="json-index">{key}</span> : <><Text class="json-key" value={String(key)} /><span class="json-mark">: </span></>} />
              </div>
            ))}
            {entries.length > items && (
              <button type="button" class="inline" onClick={() => setItems(items + 10 * PageItems)}>
                {count(entries.length - items, 'more item')}
              </button>
            )}
          </div>
          <div class="json-line json-mark">{end}</div>
        </>
      )}
    </div>
  );
}

/** A tree of JSON. Members whose names are in `mark` are highlighted. */
export function JsonView({ value, label, mark }: { value: unknown; label: string; mark?: ReadonlySet<string> }): JSX.Element {
  return (
    <div class="json" role="group" aria-label={label} tabIndex={0}>
      <CopyButton text={() => textOf(value)} label={`Copy ${label}`} />
      <Node name={null} value={value} level={0} mark={mark} />
    </div>
  );
}
