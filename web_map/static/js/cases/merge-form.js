/** The form that merges a case into the one it repeats: a reason, and Enter. */
import {ApiError} from '../api.js';
import {element} from '../element.js';
import {reasonOf, t} from '../i18n.js';

/**
 * @param {{send: (reason: string) => Promise<void>, stale: () => Promise<void>, leave: () => void}} acts what merges; what reads a case again
 *   that has changed meanwhile, so that the next attempt is about it as it is; what takes the form away
 * @returns {HTMLFormElement}
 */
export function mergeForm({send, stale, leave}) {
  const reason = element('input', {type: 'text', id: 'merge-reason', maxLength: 400, value: t('merge.same'), autocomplete: 'off'});
  const error = element('p.field-error', {role: 'alert'});
  const sent = async event => {
    event.preventDefault();
    try {
      await send(reason.value.trim());
    } catch (failed) {
      if (!(failed instanceof ApiError)) throw failed;
      error.textContent = failed.status === 412 ? t('merge.stale') : reasonOf(failed);
      if (failed.status === 412) await stale();
    }
  };
  const keys = event => { if (event.key === 'Escape') { event.stopPropagation(); leave(); } };
  return element('form.move-form', {onsubmit: sent, noValidate: true, onkeydown: keys},
    element('label', {htmlFor: 'merge-reason'}, t('merge.reason')), reason, error,
    element('div.move-form-end', {}, element('button.primary', {type: 'submit'}, t('merge.send'), element('kbd', {}, '⏎')), element('button', {type: 'button', onclick: leave}, t('moves.leave'), element('kbd', {}, 'Esc'))));
}
