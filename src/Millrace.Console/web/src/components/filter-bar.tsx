// Filters of a list. Each is a parameter of the address, so that a filtered list can be shared.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { param, setQuery } from '../router';
import { useDraft } from './draft';

const Pause = 250;

interface FilterProps {
  name: string;
  label: string;
  placeholder?: string;
  /** The values that are offered. */
  options?: readonly string[];
  isShort?: boolean;
}

/** A text filter, applied after a short pause or with Enter. */
export function Filter({ name, label, placeholder, options, isShort }: FilterProps): JSX.Element {
  const current = param(name);
  const [text, setText] = useDraft(current);
  useEffect(() => {
    if (text === current) return undefined;
    const timer = setTimeout(() => setQuery({ [name]: text, before: '' }), Pause);
    return () => clearTimeout(timer);
  }, [text, current]);
  return (
    <label class={`filter ${current ? 'active' : ''} ${isShort ? 'filter-short' : ''}`}>
      <span>{label}</span>
      <input type="search" name={name} value={text} placeholder={placeholder ?? ''} spellcheck={false} autocomplete="off"
        {...(options ? { list: `options-${name}` } : {})} onInput={event => setText(event.currentTarget.value)}
        onKeyDown={event => { if (event.key === 'Enter') setQuery({ [name]: text, before: '' }); }} />
      {options && <datalist id={`options-${name}`}>{options.map(option => <option value={option} key={option} />)}</datalist>}
    </label>
  );
}

export function Choice({ name, label, options }: { name: string; label: string; options: readonly [string, string][] }): JSX.Element {
  return (
    <label class={`filter ${param(name) ? 'active' : ''}`}>
      <span>{label}</span>
      <select name={name} value={param(name)} onChange={event => setQuery({ [name]: event.currentTarget.value })}>
        {options.map(([value, text]) => <option value={value} key={value}>{text}</option>)}
      </select>
    </label>
  );
}

export function FilterBar({ children, names }: { children: ComponentChildren; names: readonly string[] }): JSX.Element {
  const isFiltered = names.some(name => param(name));
  return (
    <search class="filters">
      {children}
      {isFiltered && <button type="button" class="quiet" onClick={() => setQuery(Object.fromEntries(names.map(name => [name, ''])))}>Clear</button>}
    </search>
  );
}
