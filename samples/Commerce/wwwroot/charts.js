// Charts without a library: columns for values, and bars with names.

const Svg = 'http://www.w3.org/2000/svg';
const CharacterWidth = 6.2;

function make(name, attributes, parent) {
  const element = document.createElementNS(Svg, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

/** A round step, so that an axis has about `count` of them. */
function stepOf(span, count) {
  const rough = Math.max(span, 1e-9) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * [1, 2, 2.5, 5, 10].find(factor => factor * power >= rough);
}

/**
 * Draws columns into a box.
 * @param {HTMLElement} box the container
 * @param {{key: string, label: string, value: number}[]} values from left to right
 * @param {{short: (value: number) => string, long: (value: number) => string, tick: (key: string, before?: string) => string, ticks: number, least?: number, describe: string, choose?: (key: string) => void, say?: (text: string) => void}} options
 */
export function drawColumns(box, values, options) {
  const width = box.clientWidth, height = box.clientHeight;
  const drawing = JSON.stringify([width, height, options.ticks, values]);
  if (!width || !values.length || box.drawing === drawing) return;
  box.drawing = drawing;
  const left = 46, bottom = 20, top = 8;
  const most = Math.max(0, ...values.map(item => item.value)), least = Math.min(0, ...values.map(item => item.value));
  const step = stepOf(most - least, 4);
  const high = Math.ceil(most / step) * step || step, low = Math.floor(least / step) * step;
  const y = value => top + (height - top - bottom) * (high - value) / (high - low);
  const band = (width - left) / Math.max(values.length, options.least ?? 1);
  const gap = band > 6 ? Math.min(4, band * 0.2) : band > 3 ? 1 : 0;

  const svg = make('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': options.describe });
  for (let value = low; value <= high + step / 2; value += step) {
    make('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }, svg);
    make('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, svg).textContent = options.short(value);
  }
  const every = Math.max(1, Math.ceil((width - left) / options.ticks / band));
  let before, end = -Infinity;
  values.forEach((item, index) => {
    const x = left + index * band;
    const hover = make('rect', { class: 'band', x, y: top, width: band, height: height - top - bottom }, svg);
    hover.dataset.tip = `${item.label}: ${options.long(item.value)}`;
    if (item.value !== 0 && options.choose) hover.addEventListener('click', () => options.choose(item.key));
    if (item.value !== 0) make('rect', {
      class: item.value < 0 ? 'column below' : 'column',
      x: x + gap / 2,
      y: Math.min(y(item.value), y(0)),
      width: Math.max(band - gap, 0.6),
      height: Math.max(Math.abs(y(item.value) - y(0)), 0.5),
      rx: Math.min(3, band / 5),
      'pointer-events': 'none',
    }, svg);
    if (index % every !== 0) return;
    const label = options.tick(item.key, before), isFirst = index === 0 && band < 24;
    const start = isFirst ? x : x + band / 2 - label.length * CharacterWidth / 2;
    if (start < end + CharacterWidth) return; // Labels have different lengths, and the first one is to the right of its column.
    make('text', { x: x + band / 2, y: height - 4, 'text-anchor': isFirst ? 'start' : 'middle' }, svg).textContent = label;
    [before, end] = [item.key, start + label.length * CharacterWidth];
  });
  box.replaceChildren(svg);
  if (options.choose) chooseByKeys(box, values, options);
}

/** Arrow keys move between columns, and Enter chooses one. The box keeps its listeners when it is drawn again. */
function chooseByKeys(box, values, options) {
  const mark = () => {
    for (const column of box.querySelectorAll('.now')) column.classList.remove('now');
    const at = values.findIndex(item => item.key === box.dataset.at);
    box.querySelectorAll('.band')[at]?.classList.add('now');
    return at;
  };
  mark();
  box.tabIndex = 0;
  box.onkeydown = event => {
    const at = mark(), last = values.length - 1;
    const next = { ArrowLeft: at < 0 ? last : Math.max(0, at - 1), ArrowRight: at < 0 ? 0 : Math.min(last, at + 1), Home: 0, End: last }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      box.dataset.at = values[next].key;
      mark();
      options.say(`${values[next].label}: ${options.long(values[next].value)}`);
    } else if (event.key === 'Enter' && at >= 0 && values[at].value !== 0) {
      options.choose(values[at].key);
    }
  };
}

/** Draws bars with names and amounts into a list; the longest has full width, and a click shows details. */
export function drawBars(list, values, format) {
  const most = Math.max(1, ...values.map(item => item.value));
  const rows = new Map([...list.children].map(row => [row.dataset.key, row]));
  const wanted = new Set(values.map(item => item.key));
  for (const [key, row] of rows) if (!wanted.has(key)) row.remove();
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  values.forEach((item, index) => {
    const row = rows.get(item.key) ?? newBar(item.key);
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
    row.querySelector('.name').textContent = item.label;
    row.querySelector('.name').title = item.label;
    const amount = row.querySelector('.amount');
    amount.textContent = format(item.value);
    amount.onclick = item.choose;
    amount.setAttribute('aria-label', `${format(item.value)}: why?`);
    row.querySelector('.fill').style.width = `${Math.max(0, item.value / most * 100)}%`;
  });
  if (focused?.isConnected) focused.focus({ preventScroll: true }); // A bar that changed its rank was moved.
}

function newBar(key) {
  const row = document.createElement('li');
  row.dataset.key = key;
  row.innerHTML = '<span class="name"></span><button type="button" class="amount figure"></button><span class="track"><span class="fill"></span></span>';
  return row;
}

/** Shows the tooltip of a mark while the pointer is over it. */
export function showTips(tip) {
  document.addEventListener('pointermove', event => {
    const text = event.target.dataset?.tip;
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    const box = tip.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - box.width - 8)}px`;
    tip.style.top = `${Math.max(event.clientY - box.height - 10, 8)}px`;
  });
}
