/** What others tell us, and what they were told. */
import { get } from './events.js';
import { ago, badge, count, element, percent, table, when } from './words.js';

export async function loadFeeds(box) {
  const { feeds, prefixes, names } = await get('feeds');
  box.replaceChildren(...(feeds.length === 0
    ? [element('p', { class: 'empty' }, 'No feed is configured: ', element('code', {}, 'feeds.sources'), ' names lists of known-bad addresses and names.')]
    : [
      element('p', { class: 'quiet' }, `${count(prefixes)} addresses and networks, ${count(names)} names. They raise suspicion and never block alone.`),
      table(['Feed', 'Format', '#Believed', 'Read', 'Counts until', '#Entries', '#Not understood', 'State'], feeds.map((feed) => [
        feed.name, feed.format, percent(feed.reliability), feed.read ? ago(feed.read) : 'never', when(feed.expires), count(feed.entries) + (feed.overflow > 0 ? ` (${count(feed.overflow)} too many)` : ''),
        count(feed.skipped), feed.problem ? element('span', { class: 'warn' }, feed.problem) : badge(feed.read ? 'good' : 'waiting', feed.read ? 'good' : 'info'),
      ])),
    ]));
}

export async function loadShared(box, openIncident) {
  const { enabled, tlp, objects, told } = await get('sharing');
  const state = enabled ? `Recipients can fetch ${count(objects)} objects by TAXII, marked ${tlp}.` : 'Nothing can be fetched: sharing.enabled is off.';
  box.replaceChildren(element('p', { class: told.length === 0 ? 'empty' : 'quiet' }, state), ...(told.length === 0 ? [] : [
    table(['Incident', '#Objects', 'Last', 'State'], told.map((item) => [
      item.incident ? element('button', { class: 'plain', type: 'button', onclick: () => openIncident(item.incident) }, item.incident) : `${item.reference} (older)`,
      count(item.objects), when(item.last), item.revoked ? badge('taken back', 'warn') : badge('told', 'good'),
    ])),
  ]));
}
