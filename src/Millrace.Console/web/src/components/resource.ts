// Data of the server in a component: loaded again when its key changes, and kept while it is loaded.

import { useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<T> {
  data: T | null;
  error: unknown;
  isLoading: boolean;
  reload: () => void;
}

interface State<T> {
  key: string;
  data: T | null;
  error: unknown;
  isLoading: boolean;
}

/**
 * Loads data. A change of `key` shows the loading state; a change of `revision` keeps the old data until the new data
 * arrives.
 */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>, revision: unknown = 0): Resource<T> {
  const [state, setState] = useState<State<T>>({ key, data: null, error: null, isLoading: true });
  const [attempt, setAttempt] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  useEffect(() => {
    const abort = new AbortController();
    setState(last => (last.key === key ? { ...last, isLoading: true } : { key, data: null, error: null, isLoading: true }));
    loader.current(abort.signal).then(
      data => setState({ key, data, error: null, isLoading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState(last => ({ ...last, key, error, isLoading: false }));
      },
    );
    return () => abort.abort();
  }, [key, revision, attempt]);
  const isCurrent = state.key === key;
  return {
    data: isCurrent ? state.data : null,
    error: isCurrent ? state.error : null,
    isLoading: state.isLoading,
    reload: () => setAttempt(value => value + 1),
  };
}

/** Returns a value that changes at most once in an interval, for refreshes that follow the live state. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    if (Object.is(value, shown)) return;
    const wait = Math.max(0, last.current + milliseconds - Date.now());
    const timer = setTimeout(() => {
      last.current = Date.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, shown, milliseconds]);
  return shown;
}
