// One dialog for every decision: it states the effect first, asks for a reason, and for a word if it cannot be undone.

import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem } from '../api/client';
import { notify } from './notice';

export interface Action {
  title: string;
  /** What happens, in sentences. */
  effect: ComponentChildren;
  /** The text of the button. */
  verb: string;
  isDangerous?: boolean;
  /** Whether a reason is offered or required; it is recorded. */
  reason?: 'optional' | 'required';
  /** A text to type before the button works. */
  confirm?: string;
  /** Further inputs. */
  content?: ComponentChildren;
  /** The same action in the command line. */
  command?: string;
  run: (reason: string) => Promise<string | void>;
}

const current = signal<Action | null>(null);

/** Asks for a decision. */
export const ask = (action: Action): void => {
  current.value = action;
};

function Question({ action, close }: { action: Action; close: () => void }): JSX.Element {
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [error, setError] = useState('');
  const [isRunning, setRunning] = useState(false);
  const isReady = !isRunning && (action.reason !== 'required' || reason.trim() !== '') && (!action.confirm || typed === action.confirm);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!isReady) return;
    setRunning(true);
    setError('');
    try {
      const done = await action.run(reason.trim());
      if (done) notify(done);
      close();
    } catch (failure) {
      setError(failure instanceof Problem || failure instanceof Error ? failure.message : String(failure));
      setRunning(false);
    }
  };
  return (
    <form class="question" onSubmit={event => void submit(event)}>
      <h2 id="question-title">{action.title}</h2>
      <div class="effect">{action.effect}</div>
      {action.content}
      {action.reason && (
        <label class="field">
          <span>Reason {action.reason === 'optional' && <span class="muted">(optional)</span>}</span>
          <textarea name="reason" rows={2} maxLength={1000} required={action.reason === 'required'} value={reason}
            onInput={event => setReason(event.currentTarget.value)} />
          <span class="muted">Recorded with your name.</span>
        </label>
      )}
      {action.confirm && (
        <label class="field">
          <span>Type <code>{action.confirm}</code> to confirm</span>
          <input name="confirm" autocomplete="off" spellcheck={false} value={typed} onInput={event => setTyped(event.currentTarget.value)} />
        </label>
      )}
      {action.command && <p class="cli"><span class="muted">CLI</span> <code>{action.command}</code></p>}
      {error && <p class="failure" role="alert">{error}</p>}
      <div class="buttons">
        <button type="button" onClick={close}>Cancel</button>
        <button type="submit" class={action.isDangerous ? 'danger' : 'primary'} disabled={!isReady}>
          {isRunning ? 'Working …' : action.verb}
        </button>
      </div>
    </form>
  );
}

/** The place of the dialog in the page. */
export function ActionDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const action = current.value;
  useEffect(() => {
    if (action && !dialog.current?.open) dialog.current?.showModal();
  }, [action]);
  const close = (): void => dialog.current?.close();
  return (
    <dialog ref={dialog} aria-labelledby="question-title" class="dialog" onClose={() => { current.value = null; }}>
      {action && <Question action={action} close={close} key={action.title} />}
    </dialog>
  );
}
