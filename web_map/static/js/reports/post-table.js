/** The figures by post, which are many: drawn when somebody asks. Reports of before they were kept have them counted then. */
import {ApiError, getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t} from '../i18n.js';
import {groupTable} from './figures-view.js';

/** @param {object[] | undefined} kept groups of the report @param {Record<string, string>} frame of it @param {object} format @returns {HTMLDetailsElement} */
export function postTable(kept, frame, format) {
  const body = element('div.posts', {});
  const load = async () => {
    body.replaceChildren(stateLine('loading', t('state.loading')));
    try {
      const {groups} = kept ? {groups: kept} : await getJson('/collections/incidents/figures', {by: 'post', ...frame});
      body.replaceChildren(groupTable('post', groups, {frame, format}));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      body.replaceChildren(stateLine('failed', t('state.failed', {reason: reasonOf(error)}), {label: t('state.retry'), act: load}));
    }
  };
  const opened = ({target}) => { if (target.open && !body.childElementCount) load(); };
  return element('details.post-table', {ontoggle: opened}, element('summary', {}, t('report.posts')), body);
}
