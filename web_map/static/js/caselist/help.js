/** The keys of the list, in a dialog. */
import {element} from '../element.js';
import {t} from '../i18n.js';

const KEYS = [['j', '↓'], ['k', '↑'], ['Enter'], ['x'], ['Shift+X'], ['d'], ['m'], ['/'], ['?'], ['Esc']];
const NAMES = ['down', 'up', 'open', 'select', 'range', 'dispatch', 'pairs', 'search', 'help', 'escape'];

/** @returns {{show: () => void}} */
export function makeHelp() {
  const dialog = element('dialog.keys', {});
  document.body.append(dialog);
  const show = () => {
    const rows = KEYS.flatMap((keys, index) => [element('dt', {}, ...keys.map(key => element('kbd', {}, key))), element('dd', {}, t(`keys.${NAMES[index]}`))]);
    dialog.setAttribute('aria-label', t('keys.title'));
    dialog.replaceChildren(element('h2', {}, t('keys.title')), element('dl.key-list', {}, ...rows), element('button.primary', {type: 'button', onclick: () => dialog.close()}, t('drawer.close')));
    dialog.showModal();
  };
  return {show};
}
