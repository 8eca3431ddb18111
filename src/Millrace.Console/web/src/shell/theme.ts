// Light, dark, or as the system.

import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const Key = 'millrace-console-theme';
const order: Theme[] = ['system', 'light', 'dark'];

function stored(): Theme {
  try {
    const value = localStorage.getItem(Key) as Theme | null;
    return value && order.includes(value) ? value : 'system';
  } catch {
    return 'system'; // The browser stores nothing.
  }
}

export const theme = signal<Theme>(stored());

export const nextTheme = (): void => {
  theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? 'system';
};

export const startTheme = (): void => {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value;
    try {
      localStorage.setItem(Key, theme.value);
    } catch {
      // The choice lasts until the page is closed.
    }
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    if (theme.value === 'system') {
      theme.value = 'light';
      theme.value = 'system'; // Charts read their colors again.
    }
  });
};
