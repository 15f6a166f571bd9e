/** The form that issues a report of a period that has ended. */
import {ApiError, getJson, postJson} from '../api.js';
import {dayOf, shifted} from '../caselist/days.js';
import {element} from '../element.js';
import {reasonOf, t} from '../i18n.js';

const PERIODS = ['day', 'week', 'month', 'quarter'];
const ISSUERS = ['dispatcher', 'administrator'];
const MOST = 1000;
const TOWN_DIGITS = 9;

/** @param {HTMLElement} node @param {object} context account, town */
export async function showIssueForm(node, context) {
  const may = context.account.roles.some(role => ISSUERS.includes(role));
  const areas = may ? await areasOf() : [];
  const draw = () => node.replaceChildren(...(may ? [form(areas, context)] : [element('p.muted.small', {}, t('issue.who'))]));
  document.addEventListener('words', draw);
  draw();
}

/** Towns and villages, each with the digits of its code that say so. */
async function areasOf() {
  const levels = await Promise.all([2, 3].map(level => getJson('/collections/areas/items', {level, limit: MOST})));
  return levels.flatMap(({features}) => features).map(({properties: {code, name, level}}) => ({code: level === 2 ? code.slice(0, TOWN_DIGITS) : code, name})).sort((a, b) => a.code.localeCompare(b.code));
}

function form(areas, {town}) {
  const option = (value, words) => element('option', {value}, words);
  const today = dayOf(new Date(), town.time_zone);
  const controls = {
    period: element('select', {name: 'period'}, ...PERIODS.map(period => option(period, t(`report.kind.${period}`)))),
    date: element('input', {name: 'date', type: 'date', required: true, max: today, value: shifted(today, -1)}),
    area: element('select', {name: 'area'}, option('', t('issue.whole')), ...areas.map(({code, name}) => option(code, name))),
    kind: element('select', {name: 'kind'}, ...['figures', 'ledger'].map(kind => option(kind, t(`issue.kind.${kind}`)))),
  };
  const error = element('p.field-error', {role: 'alert'});
  const fields = Object.entries(controls).map(([name, control]) => element('p.field', {}, element('label', {htmlFor: Object.assign(control, {id: `issue-${name}`}).id}, t(`issue.${name}`)), control));
  const button = element('button.primary', {type: 'submit'}, t('issue.send'));
  return element('form.issue', {onsubmit: event => send(event, {controls, error, button})}, element('h2', {}, t('issue.title')), element('div.issue-fields', {}, ...fields, button), error);
}

async function send(event, {controls, error, button}) {
  event.preventDefault();
  const body = Object.fromEntries(Object.entries(controls).map(([name, {value}]) => [name, value]).filter(([, value]) => value));
  error.textContent = '';
  button.disabled = true;
  try {
    const {id} = await postJson('/collections/reports/issue', body);
    location.assign(`/reports/${id}`);
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    error.textContent = t('issue.refused', {reason: reasonOf(problem)});
    controls[problem.member]?.focus();
  }
  button.disabled = false;
}
