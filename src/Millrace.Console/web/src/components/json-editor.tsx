// An editor for JSON. CodeMirror is loaded only here. It is in a shadow tree, where its styles are constructed style
// sheets, which a strict content security policy allows.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure, Loading } from './states';

interface Props {
  label: string;
  value: string;
  onChange: (text: string, isValid: boolean) => void;
}

export function JsonEditor({ label, value, onChange }: Props): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [error, setError] = useState<unknown>(null);
  const [isReady, setReady] = useState(false);
  const change = useRef(onChange);
  change.current = onChange;
  useEffect(() => {
    let isGone = false;
    let destroy: (() => void) | undefined;
    import('./json-editor-view').then(({ createEditor }) => {
      if (isGone || !host.current) return;
      destroy = createEditor(host.current, label, value, (text, isValid) => change.current(text, isValid));
      setReady(true);
    }, setError);
    return () => {
      isGone = true;
      destroy?.();
    };
  }, []);
  return (
    <div class="editor">
      {error !== null && <Failure error={error} />}
      {!isReady && error === null && <Loading lines={6} />}
      <div ref={host} class="editor-host" data-editor={label} />
    </div>
  );
}
