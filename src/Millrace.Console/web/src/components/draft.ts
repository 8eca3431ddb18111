// The value of an input that is applied later: of a filter or a slider.

import { useRef, useState } from 'preact/hooks';

/**
 * Returns what was entered since `current` last changed, and a function that enters a value. It is reset while it is
 * rendered: an effect can run after the first input, which would then be lost.
 */
export function useDraft<T>(current: T): [T, (value: T) => void] {
  const draft = useRef({ of: current, value: current });
  const [, setRevision] = useState(0);
  if (!Object.is(draft.current.of, current)) draft.current = { of: current, value: current };
  const enter = (value: T): void => {
    draft.current = { of: current, value };
    setRevision(last => last + 1);
  };
  return [draft.current.value, enter];
}
