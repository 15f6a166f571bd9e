/** How a procedure's parts are called, in the language in use. */
import {currentLanguage, t, titleOf, wordFor} from '../i18n.js';

/** @param {object} thing with title in Chinese and title_en */
export const nameOf = thing => titleOf({title_zh: thing.title, title_en: thing.title_en});

/** @returns {string} between the words of a list */
export const comma = () => (currentLanguage() === 'zh-CN' ? '、' : ', ');

/** @param {{limit: {amount: number | null, unit: string} | null}} step @returns {string} '' without a limit */
export function limitWords({limit}) {
  return limit ? t(`limit.${limit.unit}`, {amount: limit.amount}) : '';
}

/** @param {{body: string}} level its title and the body that answers */
export const levelLines = level => [nameOf(level), wordFor('body', level.body)];

/** Say who may make a move: `micro/micro_leader` by level and post, `*` for any, or a party of the case. */
export function byWords(pattern) {
  const [level, post] = pattern.split('/');
  if (post === undefined) return wordFor('party', pattern);
  const where = level === '*' ? '' : wordFor('tier', level);
  if (post === '*') return t('procedure.by_any', {tier: where || t('tier.any')});
  return [where, wordFor('post', post)].filter(Boolean).join(currentLanguage() === 'zh-CN' ? '' : ' ');
}

/** @param {string} need @returns {string} */
export const needWords = need => wordFor('need', need);
