/** Who holds which post, as a list. */
import {element} from './element.js';
import {currentLanguage, t, wordFor} from './i18n.js';

/** @param {{post: string, title: string, holder: string, phone: string, organisation: string, rank: number}[]} duties */
export function dutyList(duties) {
  if (!duties?.length) return element('p.state', {}, t('duties.none'));
  return element('ul.duties', {}, ...duties.map(dutyLine));
}

/** The name of a post: the town's own title in Chinese, the known word in English. */
export const postName = ({post, title}) => (currentLanguage() === 'zh-CN' ? title || wordFor('post', post) : wordFor('post', post ?? title));

function dutyLine(duty) {
  const holder = duty.holder
    ? element('span.duty-holder', {}, duty.holder)
    : element('span.duty-holder.vacant', {}, t('duties.vacant'));
  const phone = duty.phone ? element('a.duty-phone', {href: `tel:${duty.phone}`}, duty.phone) : null;
  const place = element('span.duty-organisation.ellipsis', {title: duty.organisation ?? ''}, duty.organisation ?? '');
  return element('li.duty', {}, element('span.duty-post', {}, duty.rank ? t('duties.substitute', {post: postName(duty)}) : postName(duty)), holder, phone, place);
}
