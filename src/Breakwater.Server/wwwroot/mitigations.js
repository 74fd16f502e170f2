/** What is done about attacks, and the few buttons that change it. */
import { get, post } from './events.js';
import { element, percent, table, when } from './words.js';

const maxShown = 200;
const isOver = (m) => ['withdrawn', 'expired', 'failed', 'refused'].includes(m.state);
const tones = { active: 'good', approved: 'warn', proposed: 'info', failed: 'bad', refused: 'bad' };

/** The newest mitigations: those that are not over first. */
export class MitigationList {
  constructor(box, all, onProblem) {
    this.box = box;
    this.all = all;
    this.onProblem = onProblem;
    this.known = new Map();
    this.pausedBy = null;
    all.addEventListener('click', () => this.ask('withdraw-all', 'Withdraw everything and pause. Why?'));
  }

  async load() {
    const page = await get('mitigations?limit=200');
    this.pausedBy = page.pausedBy;
    this.known.clear();
    this.put(page.mitigations);
  }

  put(mitigations) {
    for (const m of mitigations) this.known.set(m.id, m);
    this.draw();
  }

  draw() {
    const sorted = [...this.known.values()].sort((a, b) => isOver(a) - isOver(b) || new Date(b.created) - new Date(a.created)).slice(0, maxShown);
    this.all.hidden = sorted.every(isOver);
    const paused = this.pausedBy === null ? [] : [element('p', { class: 'notice' },
      `Paused: ${this.pausedBy} withdrew everything, and nothing begins by itself. `,
      element('button', { type: 'button', onclick: () => this.send('resume') }, 'Resume'))];
    this.box.replaceChildren(...paused, sorted.length === 0
      ? element('p', { class: 'empty' }, 'Nothing is done about any attack. Modes decide what may be: observe, suggest, approve, automatic.')
      : table(['State', 'Action', 'Rule', '#Stops', '#Costs', 'Expires', 'Why', ''], sorted.map((m) => this.row(m))));
  }

  row(m) {
    return [
      element('span', { class: `badge ${tones[m.state] ?? ''}`, title: m.outcome }, m.state),
      m.action === 'blackhole' ? element('span', { title: 'A blackhole drops everything to its target: it completes the attack for the victim, to spare the others.' }, 'blackhole ⚠') : m.action,
      m.rule,
      m.attackShare === null ? '' : percent(m.attackShare),
      m.collateralShare === null ? '' : percent(m.collateralShare),
      isOver(m) ? '' : when(m.expires),
      m.refusedBy === null ? (m.outcome || m.reason) : `${m.refusedBy}: ${m.outcome}`,
      element('span', {}, ...this.buttons(m)),
    ];
  }

  buttons(m) {
    if (isOver(m)) return [];
    const button = (verb, label, question) => element('button', { type: 'button', onclick: () => this.ask(`${m.id}/${verb}`, question) }, label);
    return m.state === 'proposed'
      ? [button('approve', 'Approve', 'Approve it. Why?'), button('reject', 'Reject', 'Say no to it. Why?')]
      : [button('withdraw', 'Withdraw', 'Take it back. Why?')];
  }

  ask(path, question) {
    const why = window.prompt(question, '');
    if (why !== null) this.send(`${path}?why=${encodeURIComponent(why)}`);
  }

  async send(path) {
    try {
      await post(`mitigations/${path}`);
      await this.load();
    } catch (problem) {
      this.onProblem(problem);
    }
  }
}
