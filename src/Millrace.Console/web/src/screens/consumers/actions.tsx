// Decisions about a consumer. Each states its effect first.

import type { JSX } from 'preact';
import { send } from '../../api/client';
import type { Consumer } from '../../api/types';
import { ask } from '../../components/dialog';
import { Panel } from '../../components/panel';
import { count, number } from '../../format';

interface Props {
  consumer: Consumer;
  isAllowed: boolean;
  done: () => void;
}

const act = (name: string, action: string, body: object = {}): Promise<unknown> =>
  send(`/consumers/${encodeURIComponent(name)}/${action}`, body);

/** Asks for the new checkpoint of a consumer, and shows what it repeats or skips. */
function askReset(consumer: Consumer, done: () => void): void {
  const { name, checkpoint } = consumer;
  let target = 0;
  const effectOf = (value: number): string => {
    const difference = Math.abs(checkpoint - value);
    if (value < checkpoint) return `It handles ${count(difference, 'event')} again: everything after position ${number(value)}.`;
    if (value > checkpoint) return `It never handles ${count(difference, 'event')}: those from ${number(checkpoint + 1)} to ${number(value)}.`;
    return 'Nothing changes.';
  };
  const change = (event: InputEvent): void => {
    const input = event.currentTarget as HTMLInputElement;
    target = Number(input.value) || 0;
    const output = input.form?.querySelector('output');
    if (output) output.value = effectOf(target);
  };
  ask({
    title: `Reset ${name}?`,
    effect: <p>Sets the checkpoint. The handler runs again for events that it handled before, with their effects outside of Millrace, such as mails.
      A read model is rebuilt instead, and the server refuses its reset.</p>,
    content: (
      <label class="field">
        <span>New checkpoint</span>
        <input type="number" name="checkpoint" min={0} defaultValue="0" onInput={change} />
        <output class="muted">{effectOf(0)}</output>
      </label>
    ),
    verb: 'Reset',
    isDangerous: true,
    confirm: name,
    command: `millrace consumers reset ${name}`,
    run: async () => {
      await act(name, 'reset', { checkpoint: target });
      done();
      return `The checkpoint of ${name} is ${number(target)}.`;
    },
  });
}

export function Actions({ consumer, isAllowed, done }: Props): JSX.Element {
  const { name } = consumer;
  const askSimple = (action: 'pause' | 'resume' | 'restart', verb: string, effect: string, after: string): void => ask({
    title: `${verb} ${name}?`,
    effect: <p>{effect}</p>,
    verb,
    command: `millrace consumers ${action} ${name}`,
    run: async () => {
      await act(name, action);
      done();
      return after;
    },
  });
  if (!isAllowed) return <Panel title="Actions"><p class="muted pad">You have read access. Decisions need the permission <code>consumers.decide</code>, and an application that allows them.</p></Panel>;
  return (
    <Panel title="Actions">
      <div class="actions">
        {consumer.isPaused
          ? <button type="button" class="primary" onClick={() => askSimple('resume', 'Resume', `It continues after position ${number(consumer.checkpoint)}, on every node. ${count(consumer.lagEvents, 'event waits', 'events wait')}.`, `${name} continues.`)}>Resume …</button>
          : <button type="button" onClick={() => askSimple('pause', 'Pause', 'It stops on every node after its current batch, until it is resumed. Its lag grows meanwhile; no event is lost.', `${name} is paused.`)}>Pause …</button>}
        <button type="button" onClick={() => askSimple('restart', 'Restart', `The current batch is cancelled, on whichever node it runs. It starts again after position ${number(consumer.checkpoint)}; events of the cancelled batch are handled again.`, `${name} restarts.`)}>Restart …</button>
        <button type="button" class="danger" onClick={() => askReset(consumer, done)}>Reset …</button>
      </div>
    </Panel>
  );
}
