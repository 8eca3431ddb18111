// Decisions about one dead letter: simulate, retry, edit and retry, skip, discard.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../api/client';
import type { DeadLetterDetail, Simulated } from '../../api/types';
import { ask } from '../../components/dialog';
import { JsonEditor } from '../../components/json-editor';
import { textOf } from '../../components/json-view';
import { notify } from '../../components/notice';
import { Failure } from '../../components/states';
import { Text } from '../../components/text';
import { count } from '../../format';
import { OpenStates } from '.';

interface Props {
  letter: DeadLetterDetail;
  isAllowed: boolean;
  done: () => void;
}

const pathOf = (letter: DeadLetterDetail, action: string): string => `/dead-letters/${letter.id}/${action}`;

function Outcome({ found }: { found: Simulated }): JSX.Element {
  return (
    <p class="outcome" role="status">
      <b>{found.outcome === 'passes' ? 'It would pass.' : found.outcome === 'fails' ? 'It would fail again.' : 'It could not be tried.'}</b>{' '}
      {found.error && <Text value={found.error} />} <span class="muted">Nothing was written.</span>
    </p>
  );
}

/** The payload in an editor, with a simulation of exactly this text. */
function Editor({ letter, close, done }: { letter: DeadLetterDetail; close: () => void; done: () => void }): JSX.Element {
  const [text, setText] = useState(textOf(letter.editedPayload ?? letter.payload));
  const [isValid, setValid] = useState(true);
  const [reason, setReason] = useState('');
  const [outcome, setOutcome] = useState<Simulated | null>(null);
  const [error, setError] = useState<unknown>(null);
  const run = async (work: () => Promise<void>): Promise<void> => {
    setError(null);
    try {
      await work();
    } catch (failure) {
      setError(failure);
    }
  };
  const simulate = (): Promise<void> => run(async () => setOutcome(await send<Simulated>(pathOf(letter, 'simulate'), `{"payload":${text}}`)));
  const retry = (): Promise<void> => run(async () => {
    await send(pathOf(letter, 'edit'), `{"reason":${JSON.stringify(reason)},"payload":${text}}`);
    notify('The event is handled with the new data.');
    close();
    done();
  });
  return (
    <section class="edit" aria-label="Edit and retry">
      <p class="muted">The event is handled with this data instead, now and in a rebuild. The log keeps the original. The new data is stored with your name and reason.</p>
      <JsonEditor label="Data of the event" value={text} onChange={(next, valid) => { setText(next); setValid(valid); setOutcome(null); }} />
      <label class="field"><span>Reason</span><input name="edit-reason" value={reason} maxLength={1000} onInput={event => setReason(event.currentTarget.value)} /></label>
      {error !== null && <Failure error={error} />}
      {outcome && <Outcome found={outcome} />}
      <div class="actions">
        <button type="button" disabled={!isValid} onClick={() => void simulate()}>Simulate this data</button>
        <button type="button" class="primary" disabled={!isValid || reason.trim() === ''} onClick={() => void retry()}>Store and retry</button>
        <button type="button" class="quiet" onClick={close}>Cancel</button>
        {!isValid && <span class="bad">This is not valid JSON.</span>}
      </div>
    </section>
  );
}

export function LetterActions({ letter, isAllowed, done }: Props): JSX.Element | null {
  const [outcome, setOutcome] = useState<Simulated | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isEditing, setEditing] = useState(false);
  if (!OpenStates.includes(letter.state)) return null;
  const isWaiting = letter.state === 'waiting';
  const canEdit = isAllowed && typeof letter.payload === 'object';
  const blocked = letter.waitingCount > 0 ? ` ${count(letter.waitingCount, 'event waits', 'events wait')} behind it.` : '';
  const simulate = async (): Promise<void> => {
    setError(null);
    try {
      setOutcome(await send<Simulated>(pathOf(letter, 'simulate')));
    } catch (failure) {
      setError(failure);
    }
  };
  const decide = (decision: string, verb: string, effect: string, isDangerous: boolean): void => ask({
    title: `${verb} dead letter ${letter.id}?`,
    effect: <p>{effect}{blocked}</p>,
    verb,
    isDangerous,
    reason: isDangerous ? 'required' : 'optional',
    command: `millrace dead-letters ${decision} ${letter.id}`,
    run: async reason => {
      await send(pathOf(letter, decision), reason ? { reason } : {});
      done();
      return `${verb}: decided for dead letter ${letter.id}.`;
    },
  });
  return (
    <>
      <div class="actions">
        {!isWaiting && <button type="button" onClick={() => void simulate()}>Simulate</button>}
        {isAllowed && !isWaiting && <button type="button" class="primary" onClick={() => decide('retry', 'Retry', 'The consumer handles the event again.', false)}>Retry …</button>}
        {canEdit && <button type="button" aria-expanded={isEditing} onClick={() => setEditing(!isEditing)}>Edit and retry …</button>}
        {isAllowed && !isWaiting && <button type="button" class="danger" onClick={() => decide('skip', 'Skip', 'The event is skipped permanently, also in a rebuild. The events that wait behind it continue.', true)}>Skip …</button>}
        {isAllowed && !isWaiting && <button type="button" class="danger" onClick={() => decide('discard', 'Discard', 'The event, and all events that wait behind it now, are discarded for this consumer.', true)}>Discard …</button>}
        {!isAllowed && <span class="muted">You have read access, and can simulate.</span>}
      </div>
      {error !== null && <Failure error={error} />}
      {outcome && <Outcome found={outcome} />}
      {isEditing && <Editor letter={letter} close={() => setEditing(false)} done={done} />}
    </>
  );
}
