/** Pictures that belong to a case: shown when they lie on this server, named when they lie elsewhere. */
import {element} from '../../element.js';
import {t} from '../../i18n.js';

/** @param {(string | {href?: string, ref?: string})[]} photos @returns {HTMLElement} */
export function pictures(photos) {
  return element('ul.photos', {}, ...photos.map((photo, index) => element('li', {}, picture(typeof photo === 'string' ? photo : photo.href ?? photo.ref ?? '', index))));
}

function picture(address, index) {
  const words = t('photo.of', {number: index + 1});
  if (!address.startsWith('/')) return element('span.photo-name.small', {title: address}, address);
  return element('a', {href: address, target: '_blank'}, element('img', {src: address, alt: words, loading: 'lazy'}));
}
