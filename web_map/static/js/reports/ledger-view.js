/** The ledger of a period: cases handed over, and cases written off, in order of time. */
import {element} from '../element.js';
import {t} from '../i18n.js';
import {table} from '../procedures/tables.js';

/** @param {object} content @param {object} format */
export function ledgerView(content, format) {
  const heads = ['report.ledger.at', 'report.ledger.number', 'report.ledger.item', 'report.ledger.move', 'report.ledger.from', 'report.ledger.to', 'report.ledger.reason'].map(key => t(key));
  const row = ({at, id, number, item, move, from, to, reason}) => [format.moment(at), element('a', {href: `/cases?q=${encodeURIComponent(number)}${id ? `#case-${id}` : ''}`}, number), item, move, from ?? '', to ?? '', reason ?? ''];
  const part = kind => (content[kind].length ? filled(kind) : element('p.muted', {}, t('report.ledger.none', {what: t(`report.ledger.${kind}`)})));
  const filled = kind => table(`${t(`report.ledger.${kind}`)} · ${t('list.count', {count: format.number(content.counts[kind])})}`, heads, content[kind].map(row));
  return [part('handed_over'), part('written_off')];
}
