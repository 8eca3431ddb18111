import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { announce } from './notice';

export function CopyButton({ text, label }: { text: () => string; label: string }): JSX.Element {
  const [isDone, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setDone(true);
      announce('Copied.');
      setTimeout(() => setDone(false), 1_500);
    } catch {
      announce('The browser does not allow to copy on this page.');
    }
  };
  return <button type="button" class="copy" aria-label={label} title={label} onClick={() => void copy()}>{isDone ? 'Copied' : 'Copy'}</button>;
}
