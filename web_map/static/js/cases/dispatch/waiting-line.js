/** One line of the cases that wait: a box, what it is, where, and to whom it would go. */
import {element} from '../../element.js';
import {t} from '../../i18n.js';
import {entryOf} from '../entry.js';
import {caseIcon} from '../symbols.js';

/** @param {object} feature @param {{context: object, chosen: boolean, proposal: object | null | undefined, change: () => void, open: () => void}} parts */
export function waitingLine(feature, {context, chosen, proposal, change, open}) {
  const entry = entryOf(feature, context.names);
  const place = [entry.gridName ?? t('case.unlocated'), entry.address].filter(Boolean).join(' · ');
  const id = `batch-${entry.id}`;
  return element('li.batch-line', {},
    element('input', {type: 'checkbox', id, checked: chosen, data: {key: id}, onchange: change}),
    element('label.batch-label', {htmlFor: id}, caseIcon(entry),
      element('span.line-title.ellipsis', {title: entry.title}, entry.title),
      element('time.line-time.small', {dateTime: entry.at}, context.format.moment(entry.at)),
      element('span.line-place.muted.small.ellipsis', {title: place}, place),
      element('span.batch-to.small.ellipsis', {}, proposalWords(feature, proposal, context.format))),
    element('button.icon-button', {type: 'button', 'aria-label': t('batch.open', {what: entry.title}), title: t('batch.open', {what: entry.title}), data: {key: `open-${entry.id}`}, onclick: open}, '›'));
}

function proposalWords({geometry}, proposal, format) {
  if (!geometry) return t('batch.unplaced');
  if (proposal === undefined) return '…';
  if (proposal === null) return t('proposals.none');
  const who = proposal.holder || proposal.title || proposal.unit_name || proposal.unit;
  return t('batch.to', {who, chance: typeof proposal.probability === 'number' ? format.percent(proposal.probability) : ''});
}
