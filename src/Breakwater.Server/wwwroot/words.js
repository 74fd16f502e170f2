/** Numbers and times as people read them, and the few DOM helpers that keep everybody's text text. */

const scales = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']];

/** 1234567 → "1.23 M"; null, where JSON could not hold the number, → "?". */
export function scaled(value, unit = '') {
  if (value === null || value === undefined) return '?';
  for (const [size, letter] of scales) {
    if (Math.abs(value) >= size * 0.9995) return `${(value / size).toPrecision(3)} ${letter}${unit}`;
  }
  const text = value !== 0 && Math.abs(value) < 10 ? String(Number(value.toPrecision(2))) : value.toFixed(0);
  return unit ? `${text} ${unit}` : text;
}

export const bits = (value) => scaled(value, 'bit/s');
export const packets = (value) => scaled(value, 'pkt/s');
export const count = (value) => value === null || value === undefined ? '?' : value.toLocaleString('en');

/** 0.987 → "98.7 %"; null → "unknown". */
export function percent(share) {
  if (share === null || share === undefined) return 'unknown';
  const value = share * 100;
  return `${value !== 0 && value !== 100 && (value < 10 || value > 90) ? value.toFixed(1) : value.toFixed(0)} %`;
}

/** An RFC 3339 time in the reader's own zone: the hour alone for today. */
export function when(text) {
  if (!text) return '';
  const time = new Date(text);
  const clock = time.toLocaleTimeString('en-GB');
  return time.toDateString() === new Date().toDateString() ? clock : `${time.toLocaleDateString('en-CA')} ${clock}`;
}

/** "3 min ago"; a clock that runs ahead counts as now. */
export function ago(text) {
  const seconds = Math.max(0, (Date.now() - new Date(text)) / 1000);
  if (seconds < 90) return `${seconds.toFixed(0)} s ago`;
  if (seconds < 5400) return `${(seconds / 60).toFixed(0)} min ago`;
  return seconds < 172800 ? `${(seconds / 3600).toFixed(0)} h ago` : `${(seconds / 86400).toFixed(0)} days ago`;
}

/** How long an attack lasted, from two times. */
export function duration(from, to) {
  const seconds = Math.max(0, (new Date(to) - new Date(from)) / 1000);
  if (seconds < 1) return `${(seconds * 1000).toFixed(0)} ms`;
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** An element with attributes and children; strings become text nodes, so nothing in a record is ever markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A word in a coloured frame; the tone is the word's own unless another is given. */
export const badge = (name, tone = name) => element('span', { class: `badge ${tone}` }, name);

/** IANA protocol numbers as people call them. */
export const protocolName = (number) => ({ 1: 'ICMP', 6: 'TCP', 17: 'UDP', 47: 'GRE', 58: 'ICMPv6' })[number] ?? `protocol ${number}`;

/** A table in a box that scrolls; a column whose title starts with "#" holds numbers. */
export function table(titles, rows) {
  const numeric = titles.map((title) => title.startsWith('#'));
  const kind = (index) => numeric[index] ? { class: 'number' } : {};
  return element('div', { class: 'table' }, element('table', {},
    element('thead', {}, element('tr', {}, ...titles.map((title, i) => element('th', kind(i), title.replace('#', ''))))),
    element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((cell, i) => element('td', kind(i), cell)))))));
}

/** A definition list of tiles from pairs. */
export const tiles = (pairs) => pairs.map(([term, value]) => element('div', {}, element('dt', {}, term), element('dd', {}, value)));
