'use strict';

// Light or dark: what the system says, until somebody chooses.
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

const wordsOf = text => text.toLowerCase().match(/[\p{L}\p{N}_@]+/gu) || [];

// Each word of the question must begin a word of the section; where it does says how much the section is worth.
function worth(entry, words) {
  const [url, title, heading, text] = entry.lower || (entry.lower = entry.map(part => part.toLowerCase()));
  let sum = url.startsWith('adr/') ? -4 : url.startsWith('reference/diagnostics/') || url.startsWith('changelog') ? -2 : 0;
  for (const word of words) {
    const at = part => part === word ? 3 : new RegExp('(^|[^\\p{L}\\p{N}])' + word, 'u').test(part) ? 1 : 0;
    const found = 12 * at(title) + 8 * at(heading) + 2 * at(text);
    if (found === 0) return 0;
    sum += found + Math.min(3, text.split(word).length - 1);
  }
  return Math.max(1, sum - (heading ? 1 : 0));
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
  const found = words.length === 0 ? [] : window.searchIndex
    .map(entry => [worth(entry, words), entry]).filter(([value]) => value > 0)
    .sort((one, other) => other[0] - one[0]).slice(0, most);
  list.replaceChildren(...found.map(([, entry], index) => {
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
