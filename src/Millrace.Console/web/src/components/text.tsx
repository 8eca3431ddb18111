// Text of users: control characters and characters that change the direction of a line are shown as codes.

import type { ComponentChildren, JSX } from 'preact';

const Unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/;
const EachUnsafe = new RegExp(`(${Unsafe.source})`);

const codeOf = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** Returns a text with unsafe characters as codes, for places that allow only text, such as titles. */
export const safe = (text: string): string =>
  Unsafe.test(text) ? text.split(EachUnsafe).map((part, index) => (index % 2 ? codeOf(part) : part)).join('') : text;

/** A text of users. It cannot change the text around it. */
export function Text({ value, class: name }: { value: string; class?: string }): JSX.Element {
  if (!Unsafe.test(value)) return <bdi class={name}>{value}</bdi>;
  const parts: ComponentChildren[] = value.split(EachUnsafe)
    .map((part, index) => (index % 2 ? <span class="code-point" key={index}>{codeOf(part)}</span> : part));
  return <bdi class={name}>{parts}</bdi>;
}
