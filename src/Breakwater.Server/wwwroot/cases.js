/** Hosts of ours that are infected or attack others, and what is done so that they are cleaned. */
import { get, getText, post } from './events.js';
import { badge, count, element, percent, protocolName, table, tiles, when } from './words.js';

const tones = { open: 'bad', notified: 'warn', walled: 'warn', recheck: 'info', watching: 'info', closed: 'good' };
const labels = { notify: 'Subscriber was told', wall: 'Into the walled garden', release: 'Out of it', claim: 'Subscriber says it is cleaned', close: 'Close the case' };

/** The newest cases; those that are not closed first. */
export class CaseList {
  constructor(box, dialog, openIncident, onProblem) {
    this.box = box;
    this.dialog = dialog;
    this.openIncident = openIncident;
    this.onProblem = onProblem;
  }

  async load() {
    const { cases } = await get('cases?limit=200');
    const sorted = cases.sort((a, b) => (a.state === 'closed') - (b.state === 'closed'));
    this.box.replaceChildren(sorted.length === 0
      ? element('p', { class: 'empty' }, 'No host of ours has to be cleaned.')
      : table(['State', 'Host', 'What', 'Since', 'Last seen', '#Came back'], sorted.map((item) => [
        badge(item.state, tones[item.state]),
        element('button', { class: 'plain', type: 'button', onclick: () => this.open(item.id) }, item.host),
        item.kinds.join(', '),
        when(item.since),
        when(item.lastSeen),
        count(item.reinfections),
      ])));
  }

  async open(id) {
    history.replaceState(null, '', `#case=${encodeURIComponent(id)}`);
    this.dialog.replaceChildren(element('p', {}, 'Loading …'));
    if (!this.dialog.open) this.dialog.showModal();
    const path = `cases/${encodeURIComponent(id)}`;
    try {
      const [item, letter] = await Promise.all([get(path), getText(`${path}/notice`)]);
      this.dialog.replaceChildren(...this.details(item, letter));
    } catch (problem) {
      this.dialog.replaceChildren(element('p', { class: 'bad' }, problem.message), element('button', { type: 'button', onclick: () => this.dialog.close() }, 'Close'));
    }
  }

  details(item, letter) {
    return [
      element('header', {},
        element('h2', { id: 'details-title' }, `Case of ${item.host}`),
        element('button', { type: 'button', onclick: () => this.dialog.close() }, 'Close')),
      element('p', {}, badge(item.state, tones[item.state]), ' ', element('span', { class: 'quiet' }, item.id)),
      element('dl', { class: 'tiles' }, ...tiles([
        ['What', item.kinds.join(', ')],
        ['Opened', when(item.opened)],
        ['In this state since', when(item.since)],
        ['Last seen', when(item.lastSeen)],
        ['Confidence', percent(item.confidence)],
        ['Came back', count(item.reinfections)],
        ...(item.hostGroup ? [['Host group', item.hostGroup]] : []),
      ])),
      element('h3', {}, 'What next'),
      element('p', { class: 'actions' }, item.steps.length === 0 ? 'Nothing: it is over.' : null, ...item.steps.map((step) =>
        element('button', { type: 'button', onclick: () => this.take(item, step) }, labels[step]))),
      element('h3', {}, 'Incidents'),
      element('p', { class: 'actions' }, item.incidents.length === 0 ? 'None is left.' : null, ...item.incidents.slice(-20).reverse().map((id) =>
        element('button', { class: 'plain', type: 'button', onclick: () => this.openIncident(id) }, id))),
      element('h3', {}, 'Traffic by which the device can be found'),
      item.traffic.length === 0 ? element('p', { class: 'quiet' }, 'None was kept.')
        : table(['When', 'What', 'Protocol', '#Port of the host', 'To', '#Port there'], [...item.traffic].reverse().map((t) => [
          when(t.at), t.kind, protocolName(t.protocol), t.sourcePort || '', t.destination, t.destinationPort || '',
        ])),
      element('h3', {}, 'Letter to the subscriber'),
      element('details', {}, element('summary', {}, 'Read it'), element('pre', { tabindex: '0' }, letter)),
      element('h3', {}, 'What happened'),
      table(['When', 'What', 'Who', 'Why'], [...item.history].reverse().map((h) => [when(h.at), h.what, h.who, h.why])),
    ];
  }

  async take(item, step) {
    const why = window.prompt(`${labels[step]}. Why?`, '');
    if (why === null) return;
    try {
      await post(`cases/${encodeURIComponent(item.id)}/${step}?why=${encodeURIComponent(why)}`);
      await Promise.all([this.load(), this.open(item.id)]);
    } catch (problem) {
      this.dialog.close();
      this.onProblem(problem);
    }
  }
}
