// The audit trail, newest first, with filters; the reports; one entry with the proof that a seal covers it.

import { get } from './api.js';
import { button, card, empty, h, replace, table } from './dom.js';
import { number, time } from './format.js';
import { link } from './route.js';

const PageSize = 50;
const Results = ['succeeded', 'denied', 'failed'];
const Filters = ['user', 'action', 'resource', 'result'];

export async function showAudit(root, { query, signal }) {
  const wanted = Object.fromEntries(Filters.map(name => [name, query.get(name) ?? '']));
  const before = query.get('before') ?? '';
  const given = Object.entries({ ...wanted, before }).filter(([, value]) => value);
  const found = await get(`/millrace/audit?${new URLSearchParams([...given, ['limit', PageSize]])}`, signal);
  root.replaceChildren(reports(signal), card('Audit trail', { id: 'auditTitle' },
    search(wanted),
    found.entries.length ? list(found.entries) : empty('No entry matches.'),
    h('p', { class: 'pages' },
      before && h('a', { href: link(['audit'], wanted) }, '← Newest'),
      found.next && h('a', { href: link(['audit'], { ...wanted, before: found.next }), rel: 'next' }, 'Older →'))));
}

const Reports = [
  ['gdpr', 'Personal data (GDPR)'],
  ['sox', 'Financial data (SOX)'],
  ['retention', 'Retention'],
];

/** Links to the reports, and the dry run of the retention policies. */
function reports(signal) {
  const plan = h('div', { id: 'plan', role: 'status' },
    button('Show what retention would remove now', () => showPlan(plan, signal), { class: 'quiet' }));
  return card('Reports', { id: 'reportsTitle' },
    h('ul', { class: 'plain' }, Reports.map(([kind, name]) => h('li', null,
      h('a', { href: `/millrace/reports/${kind}?format=html`, target: '_blank', rel: 'noopener' }, name)))),
    h('p', { class: 'message' }, 'Each opened report is an entry of the audit trail.'),
    plan);
}

async function showPlan(root, signal) {
  replace(root, h('p', { class: 'message' }, 'The log is being read …'));
  try {
    const plan = await get('/millrace/retention/plan', signal);
    replace(root,
      h('p', { class: 'message' }, 'Nothing was changed. A run would now do this:'),
      h('dl', { class: 'facts' }, plan.results.map(result => fact(result.policy, effectOf(result)))));
  } catch (error) {
    if (!signal.aborted) replace(root, h('p', { class: 'message' }, error.message));
  }
}

const effectOf = result => [
  `${number(result.events)} events in ${number(result.streams)} streams`,
  result.erasedSubjects > 0 && `${number(result.erasedSubjects)} people erased`,
  ...result.kept.map(kept => `kept ${number(kept.count)}: ${kept.reason}`),
].filter(Boolean).join(' · ');

function search(wanted) {
  const text = (name, label, placeholder) => h('label', { class: 'inline' }, `${label} `,
    h('input', { name, value: wanted[name], placeholder, autocomplete: 'off', spellcheck: 'false' }));
  const result = h('select', { name: 'result' },
    h('option', { value: '' }, 'all'), Results.map(name => h('option', { value: name, selected: name === wanted.result }, name)));
  const form = h('form', {
    class: 'actions', id: 'auditSearch', onsubmit: event => {
      event.preventDefault();
      location.hash = link(['audit'], Object.fromEntries(new FormData(form)));
    },
  },
  text('user', 'User', 'all'), text('action', 'Action', 'command.*'), text('resource', 'Resource', 'all'),
  h('label', { class: 'inline' }, 'Result ', result),
  h('button', { type: 'submit', class: 'quiet' }, 'Search'));
  return form;
}

const list = entries => table(
  [['Entry', 'keep'], ['Time', 'spare'], ['User'], ['Action', 'keep'], ['Resource', 'spare'], ['Result']],
  entries.map(entry => ({
    key: entry.position,
    cells: [
      h('a', { href: link(['audit', entry.position]) }, number(entry.position)),
      time(entry.time),
      entry.user ?? h('i', null, 'none'),
      entry.action,
      entry.resource,
      entry.result,
    ],
  })),
  'Entries, newest first');

export async function showEntry(root, { id, signal }) {
  const position = Number(id);
  const { entries } = await get(`/millrace/audit?${new URLSearchParams({ before: position + 1, limit: 1 })}`, signal);
  const entry = entries[0]?.position === position ? entries[0] : null;
  const proof = h('div', { id: 'proof', role: 'status' });
  root.replaceChildren(
    h('p', { class: 'crumbs' }, h('a', { href: link(['audit']) }, 'Audit trail')),
    entry
      ? card(`Entry ${number(position)}`, { id: 'entryTitle' }, details(entry))
      : card('Audit trail', { id: 'entryTitle' }, empty(`There is no entry at position ${number(position)}.`)),
    ...(entry ? [card('Proof', { id: 'proofTitle' }, proof)] : []));
  if (entry) await prove(proof, position, signal);
}

const fact = (name, value) => value !== undefined && value !== null && h('div', null, h('dt', null, name), h('dd', null, value));

const details = entry => h('dl', { class: 'facts tight' },
  fact('Time', time(entry.time)),
  fact('User', entry.user ?? 'none: the system'),
  fact('Action', entry.action),
  fact('Resource', entry.resource),
  fact('Result', entry.result),
  fact('Reason', entry.reason),
  fact('Address', entry.address),
  fact('Program', entry.userAgent),
  fact('Conversation', entry.correlationId && h('code', null, entry.correlationId)));

/** Shows the seal that covers the entry. A seal is made at most a second after the entry. */
async function prove(root, position, signal) {
  const path = `/api/audit/${position}/proof`;
  try {
    const proof = await get(path, signal);
    const sealed = Object.fromEntries(proof.signedText.split('\n').filter(Boolean).map(line => {
      const [name, ...rest] = line.split(' ');
      return [name, rest.join(' ')];
    }));
    root.replaceChildren(
      h('p', { class: 'message' }, `Seal ${sealed.number} covers this entry: a later change of it can be detected.`),
      h('dl', { class: 'facts tight' },
        fact('Sealed', sealed.time),
        fact('Events in the seal', number(proof.size)),
        fact('Root', h('code', null, proof.root)),
        fact('Key', h('code', null, proof.key))),
      h('p', null, h('a', { href: path, download: `proof-${position}.json`, id: 'download' }, 'Download the proof'),
        ', which a script checks without the shop and without its database.'));
  } catch (error) {
    if (signal.aborted) return;
    root.replaceChildren(h('p', { class: 'message' }, error.message),
      button('Try again', () => prove(root, position, signal), { class: 'quiet' }));
  }
}
