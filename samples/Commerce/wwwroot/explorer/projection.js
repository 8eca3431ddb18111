// One read model: rebuild it beside the current version, compare, switch, and switch back.

import { get, operator, post, remove } from './api.js';
import { button, card, empty, h, table } from './dom.js';
import { decide } from './decide.js';
import { count, duration, number } from './format.js';
import { change } from './json.js';
import { act } from './deadLetters.js';
import { follow, lagOf, paceOf, stateOf } from './projections.js';
import { link } from './route.js';
import { update } from './update.js';
import { toWhy } from './why.js';

const Pause = 400;

export async function showProjection(root, { id, signal }) {
  const [model, me] = await Promise.all([get(`/millrace/projections/${encodeURIComponent(id)}`, signal), operator()]);
  const view = new ProjectionView(model, me);
  root.replaceChildren(h('p', { class: 'crumbs' }, h('a', { href: link(['projections']) }, '← Projections')), view.element);
  follow(async () => view.update(await get(view.path, signal)), signal, Pause);
}

/** Events that are dead letters in the new collection and visible in the current one would disappear: the user must confirm that. */
const heldChoice = next => next.openLetters === 0 ? undefined : {
  label: `It has ${count(next.openLetters, 'dead letter')}`,
  options: [['', 'switch if the current version shows none of their events'], ['even so', 'switch anyway']],
};

const takeOver = ({ choice }) => ({ waitSeconds: 20, ...(choice ? { evenWithDeadLetters: true } : {}) });

/** The partitions of a read model, with their nodes and checkpoints. */
const partitionsOf = (name, partitions) => table(
  [[`Partition of ${name}`, 'keep'], ['State', 'keep'], ['Node', 'sparer'], ['Position', 'number'], ['Dead letters', 'number spare']],
  partitions.map(one => ({
    key: one.partition,
    cells: [number(one.partition), stateOf(one), one.node ?? 'none', number(one.checkpoint), number(one.openLetters)],
  })),
  `Partitions of ${name}`);

class ProjectionView {
  #me;
  #collections = h('div');
  #progress = h('div', { class: 'progress', hidden: true });
  #actions = h('div', { class: 'actions' });
  #outcome = h('div', { class: 'outcome', id: 'outcome' });
  #comparison = h('div', { id: 'comparison' });

  constructor(model, me) {
    [this.model, this.#me, this.path] = [model, me, `/millrace/projections/${encodeURIComponent(model.name)}`];
    this.bar = h('progress', { max: 1, 'aria-label': 'Progress of the rebuild' });
    this.pace = h('p', { class: 'muted', id: 'pace' });
    this.#progress.append(this.bar, this.pace);
    this.element = h('div', { class: 'stack' },
      card(model.name, { id: 'modelTitle' }, this.#collections, this.#progress, this.#actions, this.#outcome),
      this.#comparison);
    this.update(model);
  }

  update(model) {
    this.model = model;
    const rows = [['in use', model.live], ['built beside', model.building], ['kept', model.kept]].filter(([, collection]) => collection);
    update(this.#collections, rows.length ? table(
      [['Collection', 'keep'], ['It is', 'keep'], ['State', 'sparer'], ['Documents', 'number'], ['Position', 'number spare'], ['Lag', 'number']],
      rows.map(([role, { name, documents, consumer }]) => ({
        key: name,
        cells: [h('code', null, name), role, stateOf(consumer), number(documents), number(consumer.checkpoint), lagOf(consumer)],
      })),
      'Collections') : empty('Its consumer has not run yet.'),
      rows.filter(([, { consumer }]) => consumer.partitions.length > 1).map(([, { name, consumer }]) => partitionsOf(name, consumer.partitions)),
      rows.filter(([, { consumer }]) => consumer.error).map(([, { name, consumer }]) => h('p', { class: 'remark' }, `${name}: ${consumer.error}`)));
    const { building } = model;
    this.#progress.hidden = !building;
    if (building) {
      const { done, total } = building.progress;
      this.bar.value = total === 0 ? 1 : done / total;
      this.pace.textContent = building.consumer.isPaused ? `Paused at ${number(done)} of ${count(total, 'event')}.` : paceOf(building.progress);
    }
    this.#drawActions();
  }

  /** Updates the actions in place, so that buttons do not move. */
  #drawActions() {
    const { model: { live, building, kept, canBuild, switchesItself } } = this;
    const mayDecide = this.#me.mayDecide;
    update(this.#actions,
      mayDecide && canBuild && live && !building && button('Build beside …', () => this.#build(), { id: 'build' }),
      building?.progress.isReady && button('Compare', () => this.#compare(), { id: 'compare', class: 'quiet' }),
      !building && kept && button('Compare', () => this.#compare(), { id: 'compare', class: 'quiet' }),
      mayDecide && building?.progress.isReady && !switchesItself && button('Switch to the rebuild …', () => this.#switch(), { id: 'switch' }),
      mayDecide && building && !building.progress.isReady && this.#pauseOrResume(building),
      mayDecide && live?.consumer.isPaused && this.#resumeLive(live),
      mayDecide && building && button('Cancel the rebuild …', () => this.#cancel(), { id: 'cancel', class: 'danger' }),
      mayDecide && kept && button('Go back …', () => this.#goBack(), { id: 'goBack' }),
      mayDecide && kept && button('Delete the previous version …', () => this.#drop(), { id: 'drop', class: 'danger' }),
      !canBuild && h('p', { class: 'muted' }, 'Its documents are written in the same commit as the events, so it cannot be rebuilt beside.'));
  }

  #pauseOrResume({ name, consumer: { isPaused } }) {
    const word = isPaused ? 'resume' : 'pause';
    return button(isPaused ? 'Resume' : 'Pause', () => this.#do(async () => {
      await post(`/millrace/consumers/${encodeURIComponent(name)}/${word}`);
      return this.#say(isPaused ? 'The rebuild continues.' : 'The rebuild is paused until it is resumed, also after a restart.');
    }), { id: `${word}Build`, 'data-key': 'pauseOrResume', class: 'quiet' });
  }

  /** Resumes the read model. While it is paused, readers see its last state. */
  #resumeLive({ name }) {
    return button(`Resume ${name}`, () => this.#do(async () => {
      await post(`/millrace/consumers/${encodeURIComponent(name)}/resume`);
      return this.#say(`${name} continues.`);
    }), { id: 'resumeLive', class: 'quiet' });
  }

  async #build() {
    const decided = await decide({
      title: `Rebuild ${this.model.name} beside the current version?`,
      says: ['All events are applied again from the first one, in a separate collection. Readers are not affected.'],
      choice: { label: 'Switch', options: [['manual', 'manually, after a comparison'], ['automatic', 'automatically, as soon as it has caught up']] },
      action: 'Build',
    });
    if (!decided) return;
    this.#comparison.replaceChildren();
    await this.#do(async () => {
      this.update(await post(`${this.path}/build`, { switch: decided.choice }));
      return this.#say(decided.choice === 'manual' ? 'The rebuild has started.' : 'The rebuild has started. The switch is automatic.');
    });
  }

  async #switch() {
    const { live, building } = this.model;
    const decided = await decide({
      title: 'Switch to the rebuild?',
      says: [h('p', null, 'Readers then get ', h('code', null, building.name), '. ', h('code', null, live.name), ' is kept up to date, so that you can switch back.')],
      action: 'Switch',
      choice: heldChoice(building.consumer),
    });
    if (decided) await this.#change(() => post(`${this.path}/switch`, takeOver(decided)), model => `Readers get ${model.live.name} now.`);
  }

  async #goBack() {
    const { kept, live } = this.model;
    const decided = await decide({
      title: 'Go back?',
      says: [h('p', null, 'Readers get ', h('code', null, kept.name), ' again. The current version is kept instead.')],
      action: 'Go back',
      choice: heldChoice(kept.consumer),
    });
    if (decided) await this.#change(() => post(`${this.path}/go-back`, takeOver(decided)), model => `Readers get ${model.live.name} again.`);
  }

  async #cancel() {
    const decided = await decide({ title: 'Cancel the rebuild?', says: ['The new collection is removed. The current version does not change.'], action: 'Cancel the rebuild', danger: true });
    if (decided) await this.#change(() => remove(`${this.path}/build`), () => 'The rebuild was cancelled.');
  }

  async #drop() {
    const decided = await decide({ title: 'Delete the previous version?', says: ['Its documents are removed. You cannot switch back then.'], action: 'Delete', danger: true });
    if (decided) await this.#change(() => remove(`${this.path}/kept`), () => 'It was deleted.');
  }

  #change(what, says) {
    this.#comparison.replaceChildren();
    return this.#do(async () => {
      const model = await what();
      this.update(model);
      return this.#say(says(model));
    });
  }

  #do(what) {
    return act(this.#outcome, what);
  }

  #say(text) {
    return h('p', null, h('b', null, text));
  }

  async #compare() {
    const started = performance.now();
    let found;
    const isDone = await this.#do(async () => {
      found = await get(`${this.path}/comparison?examples=20`);
      return this.#say(found.isSame ? `Nothing differs: ${count(found.same, 'document is', 'documents are')} the same.` : 'They differ.');
    });
    if (isDone) this.#comparison.replaceChildren(this.#compared(found, (performance.now() - started) / 1000));
  }

  #compared(found, seconds) {
    const figures = [['the same', found.same], ['added', found.added], ['changed', found.changed], ['missing', found.gone], ['changed in the meantime', found.changedMeanwhile]];
    return card('Comparison', { id: 'comparisonTitle', head: h('p', { class: 'muted' }, `took ${duration(seconds)}`) },
      h('p', null, h('code', null, found.before), ' with ', h('code', null, found.after)),
      h('dl', { class: 'facts' }, figures.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, number(value))))),
      found.examples.map(one => h('article', { class: 'group' },
        h('h3', null, h('button', { type: 'button', class: 'figure', title: 'Why?', onclick: () => toWhy(this.model.name, one.key) }, one.key), ` ${one.kind}`),
        one.fields.length > 0 && table([['Member'], ['Value']], one.fields.map(field => [
          h('code', null, field.path), change(field.before, field.after, text => text)]), `Differences in ${one.key}`))));
  }
}
