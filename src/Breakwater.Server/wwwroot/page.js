/** Puts the page together: fetches the lists, follows the events, and shows both. */
import { CaseList } from './cases.js';
import { Chart } from './chart.js';
import { follow, get, setToken } from './events.js';
import { IncidentList } from './incidents.js';
import { MitigationList } from './mitigations.js';
import { loadFeeds, loadShared } from './sharing.js';
import { ago, bits, count, element, packets, scaled, table, tiles } from './words.js';

const byId = (id) => document.getElementById(id);
const status = byId('status');
const chart = new Chart(byId('chart'), byId('legend'));
const incidents = new IncidentList(byId('incidents'), byId('details'));
const mitigations = new MitigationList(byId('mitigations'), byId('withdraw-all'), refused);
const cases = new CaseList(byId('cases'), byId('details'), (id) => incidents.open(id), refused);
let next = null;

function say(text, bad = false) {
  status.textContent = text;
  status.className = bad ? 'bad' : '';
}

function askForToken() {
  byId('token-form').hidden = false;
  say('A token is needed.', true);
}

function refused(problem) {
  if (problem.status === 401 || problem.status === 403) askForToken();
  else say(problem.message, true);
}

function showTraffic(traffic) {
  byId('rates').replaceChildren(...tiles([
    ['In', bits(traffic.in.bitsPerSecond)],
    ['In', packets(traffic.in.packetsPerSecond)],
    ['Out', bits(traffic.out.bitsPerSecond)],
    ['Out', packets(traffic.out.packetsPerSecond)],
    ['Flows', scaled(traffic.in.flowsPerSecond + traffic.out.flowsPerSecond + traffic.internal.flowsPerSecond + traffic.transit.flowsPerSecond, '/s')],
    ['Hosts', count(traffic.hosts) + (traffic.hostsRefused > 0 ? ` (${count(traffic.hostsRefused)} refused)` : '')],
    ['Open incidents', count(traffic.openIncidents)],
  ]));
  if (new Date(traffic.time).getFullYear() > 1970) chart.add(traffic.time, traffic.inByClass);
  byId('talkers').replaceChildren(traffic.topHosts.length === 0
    ? element('p', { class: 'empty' }, 'No traffic of the home network yet.')
    : table(['Host', 'Group', '#In', '#In, packets', '#Out', '#Out, packets'], traffic.topHosts.map((host) => [
      host.host, host.hostGroup, bits(host.in.bitsPerSecond), packets(host.in.packetsPerSecond), bits(host.out.bitsPerSecond), packets(host.out.packetsPerSecond),
    ])));
}

function showExporters({ exporters }) {
  byId('exporters').replaceChildren(exporters.length === 0
    ? element('p', { class: 'empty' }, 'No device has sent flow records yet.')
    : table(['Address', 'Protocol', 'Last seen', '#Flows/s', '#Lost', '#No template', '#Errors', 'Sampling', '#Clock'], exporters.map((e) => [
      e.address, e.protocol, ago(e.lastSeen), scaled(e.flowsPerSecond), warn(e.lost), warn(e.droppedWithoutTemplate), errors(e.errors), sampling(e), skew(e.clockSkewSeconds),
    ])));
}

const warn = (value) => value > 0 ? element('span', { class: 'warn' }, count(value)) : '0';

function errors(byKind) {
  const kinds = Object.entries(byKind).filter(([, value]) => value > 0);
  if (kinds.length === 0) return '0';
  return element('span', { class: 'warn', title: kinds.map(([kind, value]) => `${kind}: ${count(value)}`).join(', ') }, count(kinds.reduce((sum, [, value]) => sum + value, 0)));
}

/** Unknown sampling must not be overlooked: every number of such an exporter may be too low. */
const sampling = (e) => e.sampling === 'unknown'
  ? element('span', { class: 'badge warn', title: 'It announced no rate: counts may be too low. Set it in the configuration.' }, 'unknown')
  : `${e.samplingRates.length > 0 ? e.samplingRates.slice(0, 3).map((rate) => `1:${rate}`).join(', ') : '1:1'} (${e.sampling})`;

function skew(seconds) {
  if (seconds === null) return '';
  return Math.abs(seconds) > 5 ? element('span', { class: 'warn' }, `${seconds.toFixed(0)} s off`) : `${seconds.toFixed(1)} s`;
}

async function loadIncidents(cursor) {
  const page = await get(`incidents?limit=50${cursor ? `&cursor=${cursor}` : ''}`);
  incidents.put(page.incidents);
  if (cursor || next === null) next = page.next;
  byId('more').hidden = next === null;
}

async function refresh() {
  try {
    await Promise.all([loadIncidents(), get('exporters').then(showExporters), mitigations.load(), cases.load(), loadFeeds(byId('feeds')), loadShared(byId('shared'), (id) => incidents.open(id))]);
  } catch (problem) {
    if (problem.status === 401) askForToken();
    else say(problem.message, true);
  }
}

function start() {
  refresh();
  follow({
    onConnected: () => {
      say('Live');
      refresh();
    },
    onEvent: (name, data) => name === 'traffic' ? showTraffic(data) : name === 'mitigation' ? mitigations.put([data]) : incidents.put([data]),
    onLost: (problem) => problem.status === 401 ? askForToken() : say(`Not connected (${problem.message}); trying again …`, true),
  });
}

byId('more').addEventListener('click', () => loadIncidents(next).catch((problem) => say(problem.message, true)));
byId('unit').addEventListener('click', (event) => {
  const toBits = event.target.getAttribute('aria-pressed') === 'false';
  event.target.setAttribute('aria-pressed', toBits);
  event.target.textContent = toBits ? 'Show packets' : 'Show bits';
  chart.show(toBits ? 'bitsPerSecond' : 'packetsPerSecond');
});
byId('token-form').addEventListener('submit', (event) => {
  event.preventDefault();
  setToken(byId('token').value.trim());
  byId('token-form').hidden = true;
  start();
});
setInterval(() => { if (byId('token-form').hidden) refresh(); }, 15000);
start();
const wanted = /^#(incident|case)=(.+)$/.exec(location.hash);
if (wanted) (wanted[1] === 'case' ? cases : incidents).open(decodeURIComponent(wanted[2]));
