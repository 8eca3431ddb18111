// The list of keys.

import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { generalKeys, screenKeys, type Key } from './keys';

export const isHelpOpen = signal(false);

function Keys({ title, keys }: { title: string; keys: readonly Key[] }): JSX.Element {
  return (
    <section>
      <h3>{title}</h3>
      <dl class="keys">
        {keys.map(key => (
          <div key={key.keys}><dt>{key.keys.split(' ').map(part => <kbd key={part}>{part}</kbd>)}</dt><dd>{key.text}</dd></div>
        ))}
      </dl>
    </section>
  );
}

export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const isOpen = isHelpOpen.value;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
  }, [isOpen]);
  const inTables: Key[] = [
    { keys: 'j k', text: 'Next and previous row', run: () => undefined },
    { keys: 'Enter', text: 'Open the row', run: () => undefined },
  ];
  return (
    <dialog ref={dialog} class="dialog" aria-label="Keys" onClose={() => { isHelpOpen.value = false; }}>
      {isOpen && (
        <div class="question">
          <h2>Keys</h2>
          <div class="key-groups">
            <Keys title="Everywhere" keys={generalKeys()} />
            <div>
              {screenKeys.value.length > 0 && <Keys title="On this screen" keys={screenKeys.value} />}
              <Keys title="In tables" keys={inTables} />
            </div>
          </div>
          <div class="buttons"><button type="button" onClick={() => dialog.current?.close()}>Close</button></div>
        </div>
      )}
    </dialog>
  );
}
