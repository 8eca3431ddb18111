// Keys: single keys, and g followed by a letter. Keys in inputs belong to the input.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export interface Key {
  keys: string;
  text: string;
  run: () => void;
}

const ChordMilliseconds = 1_200;

/** The keys of the screen that is open, beside the general ones. */
export const screenKeys = signal<readonly Key[]>([]);

let general: readonly Key[] = [];
let chord = '';
let timer: ReturnType<typeof setTimeout> | undefined;

export const generalKeys = (): readonly Key[] => general;

function isInput(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement
    && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}

function press(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    general.find(one => one.keys === 'Ctrl K')?.run();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isInput(event) || document.querySelector('dialog[open]')) return;
  const keys = chord ? `${chord} ${event.key}` : event.key;
  chord = '';
  clearTimeout(timer);
  const found = [...screenKeys.value, ...general].find(one => one.keys === keys);
  if (found) {
    event.preventDefault();
    found.run();
  } else if (event.key === 'g') {
    chord = 'g';
    timer = setTimeout(() => {
      chord = '';
    }, ChordMilliseconds);
  }
}

export function startKeys(keys: readonly Key[]): void {
  general = keys;
  document.addEventListener('keydown', press);
}

/** Adds a key while a component is shown. */
export function useKey(keys: string, text: string, run: () => void): void {
  useEffect(() => {
    const key = { keys, text, run };
    screenKeys.value = [...screenKeys.peek(), key];
    return () => {
      screenKeys.value = screenKeys.peek().filter(one => one !== key);
    };
  }, [keys, text, run]);
}
