'use strict';

// Light or dark: what the system says, until the reader chooses.
const page = document.documentElement;
document.getElementById('theme').addEventListener('click', () => {
  const isDark = page.dataset.theme ? page.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  page.dataset.theme = isDark ? 'light' : 'dark';
  try { localStorage.setItem('theme', page.dataset.theme); } catch { /* A browser may keep nothing for files. */ }
});

const menu = document.getElementById('menu');
menu.addEventListener('click', () => {
  const isOpen = document.body.classList.toggle('menu');
  menu.setAttribute('aria-expanded', isOpen);
});

for (const heading of document.querySelectorAll('main h2[id], main h3[id]')) {
  const link = document.createElement('a');
  link.href = '#' + heading.id;
  link.className = 'anchor';
  link.textContent = '#';
  link.setAttribute('aria-label', 'Link to ' + heading.textContent);
  heading.append(link);
}

const input = document.getElementById('search');
const list = document.getElementById('found');
const most = 12;
let chosen = -1;

// Words of questions that say nothing about what is asked.
const fillers = new Set(('a an and are as at be by can do does for from get have how i if in is it my of on or should ' +
  'that the there this to use want what when where which why will with you').split(' '));
const split = text => text.toLowerCase().match(/[\p{L}\p{N}_@]+/gu) || [];

// One form for 'rebuild', 'rebuilds', 'rebuilding', 'rebuilt'-like endings; identifiers stay as they are.
const stem = word => word.length > 4 ? word.replace(/(?:ies|ying)$/, 'y').replace(/(?:ing|ed|es|s)$/, '') : word;
const wordsOf = text => {
  const words = split(text);
  const meaning = words.filter(word => !fillers.has(word));
  return meaning.length > 0 ? meaning : words;
};

let index;
function search(words) {
  if (!index) {
    index = new MiniSearch({
      fields: ['title', 'heading', 'text'],
      tokenize: split,
      processTerm: stem,
      searchOptions: { boost: { title: 6, heading: 4 }, prefix: term => term.length > 2, fuzzy: term => term.length > 5 ? 0.2 : 0 },
    });
    index.addAll(window.searchIndex.map(([, title, heading, text], id) => ({ id, title, heading, text })));
  }
  // Guides come before decisions and the pages of diagnostics.
  const boostDocument = id => {
    const url = window.searchIndex[id][0];
    return url.startsWith('adr/') || url.startsWith('samples/') ? 0.4
      : url.startsWith('reference/diagnostics/') || url.startsWith('changelog') ? 0.6
      : url.startsWith('how-to/') || url.startsWith('tutorial/') ? 1.3 : 1;
  };
  // A section with all words comes before sections with some of them, unless those are far better.
  return index.search(words.join(' '), { boostDocument })
    .map(found => [found.score * (found.queryTerms.length === words.length ? 1.7 : 1), window.searchIndex[found.id]])
    .sort((one, other) => other[0] - one[0]).slice(0, most).map(([, entry]) => entry);
}

function around(text, words) {
  const place = words.map(word => text.toLowerCase().indexOf(word)).filter(at => at >= 0).sort((a, b) => a - b)[0] || 0;
  const begin = Math.max(0, place - 40);
  return (begin > 0 ? '…' : '') + text.slice(begin, begin + 130) + (begin + 130 < text.length ? '…' : '');
}

function mark(element, text, words) {
  const parts = words.length === 0 ? [text] : text.split(new RegExp('(' + words.join('|') + ')', 'giu'));
  for (const part of parts) {
    const isWord = words.includes(part.toLowerCase());
    element.append(isWord ? Object.assign(document.createElement('mark'), { textContent: part }) : part);
  }
}

function show() {
  const words = wordsOf(input.value);
  const found = words.length === 0 ? [] : search(words);
  list.replaceChildren(...found.map((entry, index) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = document.body.dataset.root + entry[0];
    const title = document.createElement('b');
    mark(title, entry[2] ? `${entry[1]} › ${entry[2]}` : entry[1], words);
    const text = document.createElement('span');
    mark(text, around(entry[3], words), words);
    link.append(title, text);
    item.append(link);
    item.id = 'found-' + index;
    return item;
  }));
  if (words.length > 0 && found.length === 0) {
    const none = document.createElement('li');
    none.className = 'none';
    none.textContent = 'Nothing has these words.';
    list.append(none);
  }
  choose(-1);
  list.hidden = words.length === 0;
  input.setAttribute('aria-expanded', words.length > 0);
}

function choose(index) {
  const links = [...list.querySelectorAll('a')];
  chosen = links.length === 0 ? -1 : Math.min(index, links.length - 1);
  links.forEach((link, at) => link.classList.toggle('chosen', at === chosen));
  if (chosen >= 0) links[chosen].scrollIntoView({ block: 'nearest' });
}

input.addEventListener('input', show);
input.addEventListener('keydown', event => {
  if (event.key === 'ArrowDown') choose(chosen + 1);
  else if (event.key === 'ArrowUp') choose(Math.max(0, chosen - 1));
  else if (event.key === 'Enter') list.querySelectorAll('a')[Math.max(0, chosen)]?.click();
  else if (event.key === 'Escape') { input.value = ''; show(); }
  else return;
  event.preventDefault();
});
document.addEventListener('keydown', event => {
  if (event.key === '/' && document.activeElement !== input) { input.focus(); event.preventDefault(); }
});
document.addEventListener('click', event => {
  if (!event.target.closest('.search')) list.hidden = true;
  // A link within the page leaves the answers of the search behind.
  else if (event.target.closest('#found a')) list.hidden = true;
});
