/** Why two cases may be one, in words. */
import {hasWord, t} from '../i18n.js';

/**
 * @param {{probability?: number, hours?: number | null, why?: string[], words?: number}} judged
 * @param {object} format
 * @returns {string} the chance, hours between the two, what they share, and how alike their words are
 */
export function likenessWords({probability, hours, why = [], words}, format) {
  return [
    typeof probability === 'number' ? format.percent(probability) : '',
    hours === undefined || hours === null ? '' : t('nearby.hours', {hours: format.number(hours)}),
    ...why.filter(code => code !== 'words' && hasWord(`nearby.why.${code}`)).map(code => t(`nearby.why.${code}`)),
    typeof words === 'number' && why.includes('words') ? t('nearby.words', {share: format.percent(words)}) : '',
  ].filter(Boolean).join(' · ');
}
