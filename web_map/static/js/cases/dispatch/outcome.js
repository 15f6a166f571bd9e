/** What became of a batch: which cases went to whom, which were refused and why; a wrong one is taken back. */
import {ApiError, actOn, getJson} from '../../api.js';
import {element} from '../../element.js';
import {reasonOf, t} from '../../i18n.js';

/**
 * @param {{done: object[], refused: object[], cases: object[]}} result
 * @param {{path: string, context: object, queue: object, proposed: import('./proposed.js').Proposed, open: () => void}} batch
 * @returns {HTMLElement}
 */
export function outcome({done, refused, cases}, batch) {
  const named = id => batch.context.names.category(cases.find(one => one.id === id)?.properties.category) || String(id);
  return element('div.batch-body', {},
    element('p.batch-result', {role: 'status'}, t('batch.result', {done: done.length, refused: refused.length})),
    element('ul.rows.batch-outcome', {},
      ...refused.map(({id, detail, ...why}) => element('li.refused-case', {data: {id}}, element('span', {}, named(id)), element('span.field-error', {title: detail}, reasonOf({...why, message: detail})))),
      ...done.map(one => doneLine(one, named(one.id), batch))),
    element('div.batch-foot', {}, element('button.primary', {type: 'button', onclick: () => batch.open()}, t('batch.again'))));
}

function doneLine({id, version, post, unit}, name, batch) {
  const said = element('span.small.muted', {}, t('batch.sent', {who: batch.proposed.nameOf(id, [post, unit])}));
  const undo = element('button', {type: 'button', onclick: () => takeBack(id, version, {batch, said, undo})}, t('batch.undo'));
  return element('li.done-case', {data: {id}}, element('span', {}, name), said, undo);
}

/** Take a dispatch back: the move of the case's procedure that returns it, with the reason that says so. */
async function takeBack(id, version, {batch, said, undo}) {
  const address = `${batch.path}/items/${id}`;
  undo.disabled = true;
  try {
    const {moves} = await getJson(`${address}/moves`);
    const move = moves.find(({effect, allowed}) => effect === 'return' && allowed);
    if (!move) {
      said.textContent = moves.find(({effect}) => effect === 'return')?.why ?? t('batch.no_return');
      return;
    }
    await actOn(`${address}/steps`, {move: move.code, reason: t('batch.undo_reason')}, version);
    said.textContent = t('batch.undone');
    batch.queue.touch();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    said.textContent = reasonOf(error);
    undo.disabled = false;
  }
}
