/** A stacked area chart of rates by class over the last minutes. Knows nothing of where the rates come from. */
import { bits, element, packets } from './words.js';

export const classes = ['tcp-syn', 'tcp-answer', 'tcp-other', 'udp', 'icmp', 'fragment', 'other'];
const labels = {
  'tcp-syn': 'TCP SYN', 'tcp-answer': 'TCP SYN-ACK, RST', 'tcp-other': 'other TCP', udp: 'UDP', icmp: 'ICMP', fragment: 'fragments', other: 'other',
};
const span = 180;
const axis = 78;

export class Chart {
  constructor(canvas, legend) {
    this.canvas = canvas;
    this.points = [];
    this.field = 'packetsPerSecond';
    legend.replaceChildren(...classes.map((name) => {
      const swatch = element('span');
      swatch.style.background = `var(--${name})`;
      return element('li', {}, swatch, labels[name]);
    }));
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw());
  }

  /** Takes one second: its time and the rates by class. */
  add(time, rates) {
    const second = new Date(time) / 1000;
    const last = this.points.at(-1);
    if (last && second < last.second) this.points = [];
    if (last && second === last.second) this.points.pop();
    this.points.push({ second, rates });
    while (this.points.length > 0 && this.points[0].second < second - span) this.points.shift();
    this.draw();
  }

  show(field) {
    this.field = field;
    this.draw();
  }

  draw() {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext('2d');
    pen.scale(ratio, ratio);
    const style = getComputedStyle(canvas);
    const stacks = this.points.map(({ rates }) => {
      let sum = 0;
      return classes.map((name) => sum += rates[name]?.[this.field] ?? 0);
    });
    const top = niceAbove(Math.max(1, ...stacks.map((stack) => stack.at(-1))));
    this.drawGrid(pen, style, width, height, top);
    if (this.points.length < 2) return;
    const end = this.points.at(-1).second;
    const x = (i) => axis + (width - axis) * (1 - (end - this.points[i].second) / span);
    const y = (value) => height - 18 - (height - 26) * (value / top);
    for (let layer = classes.length - 1; layer >= 0; layer--) {
      pen.fillStyle = colour(style, classes[layer]);
      pen.beginPath();
      pen.moveTo(x(0), y(0));
      stacks.forEach((stack, i) => pen.lineTo(x(i), y(stack[layer])));
      pen.lineTo(x(stacks.length - 1), y(0));
      pen.fill();
    }
  }

  drawGrid(pen, style, width, height, top) {
    pen.font = '11px system-ui, sans-serif';
    pen.strokeStyle = colour(style, 'line');
    pen.fillStyle = colour(style, 'quiet');
    for (const share of [0, 0.5, 1]) {
      const y = Math.round(height - 18 - (height - 26) * share) + 0.5;
      pen.beginPath();
      pen.moveTo(axis, y);
      pen.lineTo(width, y);
      pen.stroke();
      pen.textAlign = 'right';
      pen.fillText(this.field === 'bitsPerSecond' ? bits(top * share) : packets(top * share), axis - 6, y + 4);
    }
    pen.textAlign = 'left';
    pen.fillText('3 min ago', axis, height - 4);
    pen.textAlign = 'right';
    pen.fillText('now', width, height - 4);
  }
}

/** The colour that a custom property has in the reader's scheme: a canvas does not know light-dark(). */
function colour(style, name) {
  const parts = /^light-dark\((.*),(.*)\)$/.exec(style.getPropertyValue(`--${name}`).trim());
  if (!parts) return style.getPropertyValue(`--${name}`);
  return (matchMedia('(prefers-color-scheme: dark)').matches ? parts[2] : parts[1]).trim();
}

/** The next of 1, 2, 5 times a power of ten. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value * 0.999);
}
