// The caller: name and permissions. The server checks every request; the page only hides what would be refused.

import { signal } from '@preact/signals';
import { get } from '../api/client';
import type { Operator } from '../api/types';

export const operator = signal<Operator | null>(null);
export const operatorError = signal<unknown>(null);

export async function loadOperator(): Promise<void> {
  try {
    operator.value = await get<Operator>('');
    operatorError.value = null;
  } catch (error) {
    operatorError.value = error;
  }
}

/** Returns whether the application has routes for an operator action, and the caller may read with it. */
export function maySee(action: string): boolean {
  const me = operator.value;
  return (me?.actions?.includes(action) ?? true) && (me?.parts?.includes(action) ?? true);
}

/** Returns whether the caller may make decisions with an operator action. */
export function mayDecide(action: string): boolean {
  const me = operator.value;
  return me !== null && me.mayDecide && (me.actions?.includes(`${action}.decide`) ?? true);
}
