/** The list of incidents and the view of one. */
import { get, getFile, token } from './events.js';
import { badge, bits, count, duration, element, packets, percent, protocolName, table, tiles, when } from './words.js';

const subject = (incident) => incident.target ?? incident.host ?? 'several';

const maxEnded = 1000;

/** The incidents known to the page, newest start first. */
export class IncidentList {
  constructor(box, dialog) {
    this.box = box;
    this.dialog = dialog;
    this.known = new Map();
    dialog.addEventListener('close', () => history.replaceState(null, '', location.pathname + location.search));
  }

  put(incidents) {
    for (const incident of incidents) this.known.set(incident.id, incident);
    // A page left open for months must not grow for months.
    const ended = this.newestFirst().filter((incident) => incident.state === 'ended');
    for (const incident of ended.slice(maxEnded)) this.known.delete(incident.id);
    this.draw();
  }

  newestFirst() {
    return [...this.known.values()].sort((a, b) => new Date(b.start) - new Date(a.start) || (a.id < b.id ? -1 : 1));
  }

  draw() {
    const sorted = this.newestFirst();
    this.box.replaceChildren(sorted.length === 0 ? this.empty() : table(
      ['Severity', 'What', 'Target', 'Vectors', '#Peak', '#Sources', 'Start', 'Lasted', 'State'],
      sorted.map((incident) => this.row(incident))));
  }

  row(incident) {
    return [
      badge(incident.severity),
      incident.kind,
      element('button', { class: 'plain', type: 'button', onclick: () => this.open(incident.id) }, subject(incident)),
      incident.vectors.join(', '),
      peak(incident),
      count(incident.sourceCount),
      when(incident.start),
      duration(incident.start, incident.end ?? incident.lastSeen),
      badge(incident.state),
    ];
  }

  empty() {
    return element('div', { class: 'empty' },
      element('p', {}, 'No incidents so far. Breakwater watches this machine’s own interfaces and listens for flow records.'),
      element('p', {}, 'To see your network, let a router send NetFlow, IPFIX or sFlow here: ports 2055, 4739 and 6343 by default, on the addresses that the configuration names.'),
      element('p', {}, 'To see attacks at once, start with ', element('code', {}, './run --simulate'), ', or look into a capture with ', element('code', {}, './breakwater analyze FILE'), '.'));
  }

  async open(id) {
    history.replaceState(null, '', `#incident=${encodeURIComponent(id)}`);
    this.dialog.replaceChildren(element('p', {}, 'Loading …'));
    if (!this.dialog.open) this.dialog.showModal();
    try {
      this.dialog.replaceChildren(...details(await get(`incidents/${encodeURIComponent(id)}`), () => this.dialog.close()));
    } catch (problem) {
      this.dialog.replaceChildren(element('p', { class: 'bad' }, problem.message), element('button', { type: 'button', onclick: () => this.dialog.close() }, 'Close'));
    }
  }
}

/** What a host did is not told by a rate. */
const peak = (incident) => incident.peak.packetsPerSecond > 0 ? `${bits(incident.peak.bitsPerSecond)}, ${packets(incident.peak.packetsPerSecond)}` : '–';

function details(incident, close) {
  const error = incident.relativeError > 0 ? ` ± ${percent(incident.relativeError)}` : '';
  return [
    element('header', {},
      element('h2', { id: 'details-title' }, `${incident.kind} · ${subject(incident)}`),
      element('button', { type: 'button', onclick: close }, 'Close')),
    element('p', {}, badge(incident.severity), ' ', badge(incident.state), ' ', element('span', { class: 'quiet' }, incident.id)),
    element('p', {}, incident.explanation),
    element('dl', { class: 'tiles' }, ...tiles([
      ['Vectors', incident.vectors.join(', ')],
      ['Peak', peak(incident) + (incident.peak.packetsPerSecond > 0 ? error : '')],
      ['Start', when(incident.start)],
      [incident.end ? 'End' : 'Last seen', when(incident.end ?? incident.lastSeen)],
      ['Detected', when(incident.detectedAt)],
      ['Confidence', percent(incident.confidence)],
      ['Data quality', incident.quality],
      ...(incident.hostGroup ? [['Host group', incident.hostGroup]] : []),
      ...(incident.pulses > 1 ? [['Pulses', count(incident.pulses)]] : []),
    ])),
    ...sources(incident),
    element('h3', {}, 'Findings'),
    ...[...incident.findings].sort((a, b) => weighed(b) - weighed(a)).map(finding),
    exception(incident),
    element('h3', {}, 'Rules that would have helped'),
    mitigations(incident),
    element('h3', {}, 'Evidence'),
    evidence(incident),
    element('h3', {}, 'For others'),
    forOthers(incident),
  ].filter(Boolean);
}

/** Of a host that does something by itself there are none. */
function sources(incident) {
  if (incident.sourceCount === 0) return [];
  const shown = incident.sources.slice(0, 20);
  return [
    element('h3', {}, `Sources: about ${count(incident.sourceCount)}${incident.sourceCountError > 0 ? ` ± ${percent(incident.sourceCountError)}` : ''}${incident.forgedShare > 0 ? ' addresses, forged' : ''}`),
    incident.sourcePrefixes.length === 0 ? null
      : element('p', { class: 'addresses' }, incident.sourcePrefixes.slice(0, 10).map((s) => `${s.prefix} ${percent(s.share)}`).join(' · ')),
    element('p', { class: 'addresses quiet' }, shown.join(', ') + (incident.sources.length > shown.length ? ` and ${incident.sources.length - shown.length} more in the JSON` : '')),
  ].filter(Boolean);
}

const input = (f, name) => f.inputs.find((i) => i.name === name)?.value ?? null;

/** What a sign adds to the log-odds that a host is infected, before it ages; 0 for what is no sign. */
const weighed = (f) => (input(f, 'weight') ?? 0) * f.confidence;

const finding = (f) => element('div', { class: 'finding' },
  element('p', {}, element('strong', {}, f.vector), ` by ${f.detector}: ${f.because}`),
  element('p', { class: 'quiet' }, `${f.counterfactual}. ${[
    `Confidence ${percent(f.confidence)}`,
    ...(f.share > 0 ? [`share of the target’s packets ${percent(f.share)}`] : []),
    ...(weighed(f) > 0 ? [`weight ${input(f, 'weight').toFixed(1)}: adds ${weighed(f).toFixed(1)} to the log-odds of an infection`] : []),
    ...(input(f, 'worksToSampling') > 1 ? [`works to sampling of 1:${input(f, 'worksToSampling')}`] : []),
    `data ${f.quality}`,
  ].join(', ')}.`),
  f.inputs.length === 0 ? null : element('details', {},
    element('summary', {}, 'Numbers'),
    table(['What', '#Value'], f.inputs.map((i) => [i.name, i.value === null ? '?' : String(Number(i.value.toPrecision(6)))]))));

const ofHosts = ['infected-host', 'scan', 'brute-force', 'reflector', 'spoofing', 'exposure'];

/** How to say that a host may do this. It is a line of the configuration, so that it is on record who may do what. */
function exception(incident) {
  if (!ofHosts.includes(incident.kind) || incident.host === null || incident.state === 'ended' && incident.severity === 'info') return null;
  const line = `behaviour:\n  exceptions:\n    - {host: "${incident.host}", signs: [${incident.vectors.join(', ')}]}`;
  return element('details', {},
    element('summary', {}, `${incident.host} may do this?`),
    element('p', {}, 'Put this into the configuration and have it read again (SIGHUP). What was said before is withdrawn as well, and its case closed.'),
    element('pre', {}, line),
    element('button', { type: 'button', onclick: (event) => navigator.clipboard?.writeText(line).then(() => { event.target.textContent = 'Copied'; }) }, 'Copy'));
}

/** What the policy of sharing lets others read of it, in their formats; or why nothing. */
function forOthers(incident) {
  const shown = element('div', { role: 'status' });
  const show = async (format) => {
    try {
      shown.replaceChildren(element('pre', { tabindex: '0' }, JSON.stringify(await get(`incidents/${encodeURIComponent(incident.id)}/shared?format=${format}`), null, 2)));
    } catch (problem) {
      shown.replaceChildren(element('p', {}, problem.message));
    }
  };
  const formats = [['stix', 'STIX'], ['xarf', 'X-ARF'], ['misp', 'MISP'], ['ddosdb', 'DDoS-DB']];
  return element('div', {},
    element('p', { class: 'actions' }, 'What they would read:', ...formats.map(([format, label]) => element('button', { type: 'button', onclick: () => show(format) }, label))),
    shown);
}

function mitigations(incident) {
  if (incident.mitigations.length === 0) return element('p', { class: 'quiet' }, 'None proposed.');
  return table(['Action', 'Traffic', '#Stops of the attack', '#Stops of ordinary traffic'], incident.mitigations.map((m) => [
    m.action + (m.rateBitsPerSecond === undefined ? '' : ` to ${bits(m.rateBitsPerSecond)}`), match(m.match), percent(m.attackShare), percent(m.collateralShare),
  ]));
}

const ranges = (list) => list.map((r) => r.from === r.to ? `${r.from}` : `${r.from}–${r.to}`).join(', ');

/** A match in words; a component that is not there matches anything. */
function match(m) {
  const parts = [];
  if (m.protocols) parts.push(m.protocols.map(protocolName).join(', '));
  if (m.source) parts.push(`from ${m.source}`);
  if (m.sourcePorts) parts.push(`source port ${ranges(m.sourcePorts)}`);
  if (m.destination) parts.push(`to ${m.destination}`);
  if (m.destinationPorts) parts.push(`port ${ranges(m.destinationPorts)}`);
  if (m.icmpTypes) parts.push(`ICMP type ${ranges(m.icmpTypes)}`);
  if (m.icmpCodes) parts.push(`ICMP code ${ranges(m.icmpCodes)}`);
  if (m.tcpFlags) parts.push(`TCP flags ${m.tcpFlags.value}/${m.tcpFlags.mask}`);
  if (m.packetLengths) parts.push(`length ${ranges(m.packetLengths)}`);
  if (m.dscp) parts.push(`DSCP ${ranges(m.dscp)}`);
  if (m.fragment !== undefined) parts.push(m.fragment ? 'fragments' : 'no fragments');
  return parts.join(', ') || 'everything';
}

function evidence(incident) {
  const path = `incidents/${encodeURIComponent(incident.id)}/evidence`;
  const packetCount = incident.evidencePackets.packets.length;
  return element('p', {},
    incident.evidence.length > 0 ? download(`${path}.jsonl`, `${incident.evidence.length} ${incident.evidence.length === 1 ? 'flow' : 'flows'} (JSON lines)`) : 'No flows kept.',
    packetCount > 0 ? ' · ' : null,
    packetCount > 0 ? download(`${path}.pcap`, `${packetCount} ${packetCount === 1 ? 'packet' : 'packets'} (pcap)`) : null);
}

/** A link; where a token is needed, which a link cannot send, the file is fetched first. */
const download = (path, label) => element('a', {
  href: `api/v1/${path}`,
  download: '',
  onclick: async (event) => {
    if (!token()) return;
    event.preventDefault();
    const address = URL.createObjectURL(await getFile(path));
    element('a', { href: address, download: path.split('/').slice(-2).join('-') }).click();
    URL.revokeObjectURL(address);
  },
}, label);
