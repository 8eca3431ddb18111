// Short notices about what an action did. Screen readers announce them.

import { signal } from '@preact/signals';
import type { JSX } from 'preact';

interface Notice {
  id: number;
  text: string;
  tone: 'good' | 'bad';
}

const Seconds = 6;
const notices = signal<readonly Notice[]>([]);
const spoken = signal('');
let last = 0;

/** Announces a text to screen readers only. */
export const announce = (text: string): void => {
  spoken.value = text;
};

export function notify(text: string, tone: 'good' | 'bad' = 'good'): void {
  const notice = { id: ++last, text, tone };
  notices.value = [...notices.value.slice(-2), notice];
  announce(text);
  setTimeout(() => {
    notices.value = notices.value.filter(one => one.id !== notice.id);
  }, Seconds * 1_000);
}

export function Notices(): JSX.Element {
  return (
    <>
      <div class="hidden" aria-live="polite">{spoken.value}</div>
      <div class="notices" aria-hidden="true">
        {notices.value.map(one => <div class={`notice tone-${one.tone}`} key={one.id}>{one.text}</div>)}
      </div>
    </>
  );
}
