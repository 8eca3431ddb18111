// The read models: the current version, its lag, and a running rebuild.

import { get, operator } from './api.js';
import { card, empty, h, table } from './dom.js';
import { count, decimal, duration, number, words } from './format.js';
import { link } from './route.js';
import { update } from './update.js';

const Pause = 1000;

export async function showProjections(root, { signal }) {
  const me = await operator();
  const body = h('div');
  await draw(body, signal);
  root.replaceChildren(card('Read models', {
    id: 'modelsTitle',
    head: h('p', { class: 'muted' }, me.mayDecide ? 'Choose one to rebuild, compare and switch it.' : 'You have read access.'),
  }, body));
  follow(() => draw(body, signal), signal);
}

async function draw(body, signal) {
  const models = await get('/millrace/projections', signal);
  update(body, models.length ? table(
    [['Read model', 'keep'], ['State'], ['Documents', 'number'], ['Lag', 'number'], ['Held', 'number spare'], ['Beside it']],
    models.map(rowOf), 'Read models')
    : empty('No projection has run yet.'));
}

function rowOf(model) {
  const consumer = model.live?.consumer;
  const cells = [
    h('a', { href: link(['projections', model.name]) }, model.name),
    consumer ? stateOf(consumer) : '–',
    model.live ? number(model.live.documents) : '–',
    consumer ? lagOf(consumer) : '–',
    consumer?.openLetters ? h('a', { href: link(['dead-letters'], { consumer: consumer.name }) }, number(consumer.openLetters)) : '0',
    besideOf(model),
  ];
  return { key: model.name, cells };
}

export const stateOf = consumer => h('span', { class: `state ${consumer.state}`, title: consumer.error }, words(consumer.state));

export const lagOf = consumer => consumer.lagEvents === 0 ? '0' : h('span', { title: `${decimal(consumer.lagSeconds)} s` }, number(consumer.lagEvents));

function besideOf({ building, kept }) {
  if (building) return building.consumer.isPaused ? 'a build, paused' : building.progress.isReady ? 'a build, ready' : `a build, ${share(building.progress)}`;
  return kept ? 'previous version' : 'nothing';
}

/** Formats the progress: "42 %". */
export const share = ({ done, total }) => total === 0 ? '100 %' : `${number(Math.floor(done / total * 100))} %`;

/** Formats the progress and speed of a rebuild. */
export function paceOf({ done, total, eventsPerSecond, secondsLeft, isReady }) {
  if (isReady) return `${count(done, 'event')} read. It has caught up, and follows the log.`;
  const pace = eventsPerSecond ? `, ${number(Math.round(eventsPerSecond))} a second` : '';
  const left = secondsLeft ? `, ${duration(secondsLeft)} left` : '';
  return `${number(done)} of ${count(total, 'event')} read${pace}${left}`;
}

/** Draws repeatedly while the view is shown. A failed attempt is retried, because the shop may come back. */
export async function follow(draw, signal, pause = Pause) {
  while (!signal.aborted) {
    await new Promise(resolve => setTimeout(resolve, pause));
    if (signal.aborted || document.hidden) continue;
    try {
      await draw();
    } catch {
      // Retried by the loop.
    }
  }
}
