/** The issued reports, newest first, by pages. */
import {ApiError, getJson} from '../api.js';
import {element, stateLine} from '../element.js';
import {reasonOf, t, wordFor} from '../i18n.js';
import {table} from '../procedures/tables.js';
import {periodOf, titleOfReport} from './report-head.js';

const PATH = '/collections/reports/items';
const PAGE = 50;
const PERIODS = ['day', 'week', 'month', 'quarter'];

export class ReportList {
  #reports = [];
  #next = null;
  #failed = '';
  #loaded = false;

  /** @param {HTMLElement} node @param {object} context */
  constructor(node, context) {
    Object.assign(this, {node, context});
    this.asked = Object.fromEntries([...new URLSearchParams(location.search)].filter(([name]) => ['period', 'area', 'kind'].includes(name)));
    document.addEventListener('words', () => this.draw());
  }

  async refresh() {
    Object.assign(this, {asked: this.asked});
    this.#reports = [];
    await this.#fetch(PATH, {...this.asked, limit: PAGE});
  }

  async #fetch(address, query) {
    this.#failed = '';
    this.#loaded = false;
    this.draw();
    try {
      const {features, links} = await getJson(address, query);
      this.#reports.push(...features.map(({id, properties}) => ({id, ...properties})));
      this.#next = links.find(({rel}) => rel === 'next')?.href ?? null;
      this.#loaded = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#failed = reasonOf(error);
    }
    this.draw();
  }

  #ask(name, value) {
    this.asked = Object.fromEntries(Object.entries({...this.asked, [name]: value}).filter(([, given]) => given));
    history.replaceState(null, '', `${location.pathname}?${new URLSearchParams(this.asked)}`);
    this.refresh();
  }

  draw() {
    this.node.replaceChildren(this.#choices(), ...(this.#reports.length ? [this.#table()] : []), this.#end());
  }

  #choices() {
    const select = element('select', {id: 'report-period', onchange: event => this.#ask('period', event.target.value)}, element('option', {value: ''}, t('filter.any')), ...PERIODS.map(period => element('option', {value: period}, t(`report.kind.${period}`))));
    select.value = this.asked.period ?? '';
    return element('p.choices', {}, element('label', {htmlFor: 'report-period'}, t('report.period')), select);
  }

  #table() {
    const {format} = this.context;
    const rows = this.#reports.map(report => [element('a', {href: `/reports/${report.id}`}, titleOfReport(report, format)), wordFor('report.kind', report.kind === 'ledger' ? 'ledger' : report.period), report.area_name ?? report.area, periodOf(report, format),
      format.stamp(report.issued_at), report.issued_by ?? t('report.by_clock')]);
    return table(t('reports.issued'), ['report.name', 'report.period', 'report.area', 'report.days', 'report.issued_at', 'report.issued_by'].map(key => t(key)), rows);
  }

  #end() {
    if (this.#failed) return stateLine('failed', t('state.failed', {reason: this.#failed}), {label: t('state.retry'), act: () => this.refresh()});
    if (!this.#loaded) return stateLine('loading', t('state.loading'));
    if (this.#next) return element('p', {}, element('button', {type: 'button', onclick: () => this.#fetch(this.#next, {})}, t('cases.more')));
    return this.#reports.length ? element('p.muted.small', {}, t('reports.count', {count: this.context.format.number(this.#reports.length)})) : stateLine('empty', t(this.context.account.account ? 'reports.none' : 'reports.none_visible'));
  }
}
