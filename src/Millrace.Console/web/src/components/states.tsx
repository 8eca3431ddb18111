// What a view shows instead of data: nothing yet, nothing found, or an error with a way on.

import type { ComponentChildren, JSX } from 'preact';
import { Problem } from '../api/client';
import { connect } from '../api/live';

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="blank">
      <p class="blank-title">{title}</p>
      {children && <div class="muted">{children}</div>}
    </div>
  );
}

/** Lines of the height of the content, so that the page does not jump. */
export function Loading({ lines = 4 }: { lines?: number }): JSX.Element {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, index) => <div class="loading-line" key={index} />)}
    </div>
  );
}

export function Failure({ error, retry }: { error: unknown; retry?: () => void }): JSX.Element {
  const problem = error instanceof Problem ? error : null;
  const text = problem?.message ?? (error instanceof Error ? error.message : String(error));
  const again = (): void => {
    if (problem?.isOffline) connect();
    retry?.();
  };
  return (
    <div class="failure" role="alert">
      <p>{text}</p>
      {problem?.status === 401
        ? <button type="button" onClick={() => location.reload()}>Sign in again</button>
        : retry && <button type="button" onClick={again}>Try again</button>}
      {problem && problem.error && <p class="muted">{problem.status} {problem.error}</p>}
    </div>
  );
}

/** Shows the data of a resource, or its state. */
export function Show<T>({ of, lines, children }: {
  of: { data: T | null; error: unknown; reload: () => void };
  lines?: number;
  children: (data: T) => ComponentChildren;
}): JSX.Element {
  if (of.data === null) return of.error ? <Failure error={of.error} retry={of.reload} /> : <Loading {...(lines ? { lines } : {})} />;
  return (
    <>
      {of.error !== null && <Failure error={of.error} retry={of.reload} />}
      {children(of.data)}
    </>
  );
}
