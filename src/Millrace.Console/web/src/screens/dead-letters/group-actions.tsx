// Decisions about all dead letters of one cause: simulate first, then retry, skip or discard.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { send } from '../../api/client';
import type { Replayed, Simulation } from '../../api/types';
import { ask } from '../../components/dialog';
import { Failure } from '../../components/states';
import { Text } from '../../components/text';
import { count, number } from '../../format';
import { href } from '../../router';

interface Props {
  selection: Record<string, string>;
  isAllowed: boolean;
  done: () => void;
}

type Decision = 'retry' | 'skip' | 'discard';

const effects: Record<Decision, string> = {
  retry: 'The consumer handles each event again. Those that pass are no longer dead letters, and the events that wait behind them continue.',
  skip: 'The events are skipped permanently, also in a rebuild. The events that wait behind them continue.',
  discard: 'The events, and all events that wait behind them now, are discarded for this consumer.',
};

function Outcome({ found }: { found: Simulation }): JSX.Element {
  const failed = found.letters.filter(one => one.outcome !== 'passes');
  return (
    <div class="outcome" role="status">
      <p><b>{number(found.passes)} would pass, {number(found.fails)} would fail again{found.unknown > 0 && `, ${number(found.unknown)} could not be tried`}.</b>
        <span class="muted"> Nothing was written.{found.next !== undefined && ' Only the first 100 were tried.'}</span></p>
      {failed.length > 0 && (
        <ul>{failed.slice(0, 5).map(one => <li key={one.id}><a href={href(`/dead-letters/${one.id}`)}>{number(one.id)}</a> <Text value={one.error ?? ''} /></li>)}</ul>
      )}
    </div>
  );
}

export function GroupActions({ selection, isAllowed, done }: Props): JSX.Element {
  const [outcome, setOutcome] = useState<Simulation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isRunning, setRunning] = useState(false);
  const simulate = async (): Promise<void> => {
    setRunning(true);
    setError(null);
    try {
      setOutcome(await send<Simulation>('/dead-letters/simulate', {}, selection));
    } catch (failure) {
      setError(failure);
    } finally {
      setRunning(false);
    }
  };
  const decide = (decision: Decision, verb: string): void => ask({
    title: `${verb} all of this cause?`,
    effect: <p>{effects[decision]}</p>,
    verb: `${verb} all`,
    isDangerous: decision !== 'retry',
    reason: decision === 'retry' ? 'optional' : 'required',
    run: async reason => {
      const replayed = await send<Replayed>('/dead-letters/replay', { decision, ...(reason ? { reason } : {}) }, selection);
      done();
      return replayed ? `${count(replayed.released, 'dead letter')} decided.` : 'Decided.';
    },
  });
  return (
    <div class="group-actions">
      <div class="actions">
        <button type="button" disabled={isRunning} onClick={() => void simulate()}>{isRunning ? 'Simulating …' : 'Simulate a retry'}</button>
        {isAllowed && <button type="button" class="primary" onClick={() => decide('retry', 'Retry')}>Retry all …</button>}
        {isAllowed && <button type="button" class="danger" onClick={() => decide('skip', 'Skip')}>Skip all …</button>}
        {isAllowed && <button type="button" class="danger" onClick={() => decide('discard', 'Discard')}>Discard all …</button>}
      </div>
      {error !== null && <Failure error={error} />}
      {outcome && <Outcome found={outcome} />}
    </div>
  );
}
