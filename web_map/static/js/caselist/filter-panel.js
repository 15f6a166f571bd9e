/** The panel that narrows the list: each choice is taken at once and stands in the address. */
import {byClass} from '../cases/report-body.js';
import {element} from '../element.js';
import {t, titleOf, wordFor} from '../i18n.js';
import {AreaField} from './area-field.js';
import {askedDay, shownDay} from './days.js';

const SOURCES = ['12345', 'grid_worker', 'patrol', 'snap', 'mailbox', 'chat', 'video_ai', 'sensor', 'public', 'api'];
const FIGURES = ['filed', 'due', 'closed', 'closed_due', 'on_time', 'overdue', 'returned', 'reworked', 'delayed', 'in_grid', 'open'];
const STAGES = ['reported', 'accepted', 'handling', 'closed'];

export class FilterPanel {
  /** @param {HTMLElement} node @param {{filters: import('./filters.js').ListFilters, context: object}} parts */
  constructor(node, {filters, context}) {
    Object.assign(this, {node, filters, context, area: new AreaField({filters, context})});
    filters.addEventListener('change', () => this.#take());
    context.names.addEventListener('named', () => this.#fill());
    document.addEventListener('words', () => this.draw());
    this.draw();
  }

  draw() {
    this.selects = Object.fromEntries(['stage', 'class', 'category', 'severity', 'source', 'unit', 'procedure', 'step', 'level', 'overdue', 'located', 'live', 'figure'].map(name => [name, this.#select(name)]));
    this.dates = {from: this.#date('from'), to: this.#date('to')};
    const {stage, class: group, category, severity, source, unit, procedure, step, level, overdue, located, live, figure} = this.selects;
    this.node.replaceChildren(
      ...[live, stage, overdue, group, category, severity].map(field), ...this.area.nodes().map(field), ...[unit, source, procedure, step, level, located].map(field),
      ...Object.values(this.dates).map(field), field(figure));
    this.#fill();
  }

  #select(name) {
    return element('select', {id: `filter-${name}`, name, onchange: event => this.filters.set({...this.#along(name), [name]: event.target.value || null})});
  }

  /** What changes with a choice: an item belongs to a class, a step to a procedure; a figure keeps the days that are chosen. */
  #along(name) {
    const {from = null, to = null} = this.filters.filter;
    return {class: {category: null}, procedure: {step: null}, figure: {from, to}}[name] ?? {};
  }

  #date(name) {
    return element('input', {id: `filter-${name}`, name, type: 'date', onchange: event => this.filters.set({[name]: askedDay(name, event.target.value)})});
  }

  /** Fill the choices with what is known by now, then show what is chosen. */
  #fill() {
    const {names} = this.context;
    const {filter} = this.filters;
    const yesNo = name => ['true', 'false'].map(value => option(value, t(`filter.${name}.${value === 'true' ? 'yes' : 'no'}`)));
    const classes = byClass(names.categories);
    const choices = {
      stage: STAGES.map(stage => option(stage, wordFor('stage', stage))),
      severity: [1, 2, 3, 4].map(value => option(String(value), wordFor('severity', value))),
      source: SOURCES.map(source => option(source, wordFor('source', source))),
      class: classes.map(({items: [{class_code: code}], ...group}) => option(code, titleOf({title_zh: group.class, title_en: group.class_en}))),
      category: classes.filter(({items}) => !filter.class || items[0].class_code === filter.class).map(categoryGroup),
      unit: [...names.units.values()].filter(({kind}) => kind !== 'property').map(({code, name}) => option(code, name)),
      procedure: [...new Set(names.procedures.map(({code}) => code))].map(code => option(code, names.procedure(code))),
      step: stepsOf(filter.procedure, names).map(step => option(step.code, titleOf({title_zh: step.title, title_en: step.title_en}))),
      level: levelsOf(names).map(level => option(level.code, titleOf({title_zh: level.title, title_en: level.title_en}))),
      figure: FIGURES.map(figure => option(figure, t(`figure.${figure}`))),
      ...Object.fromEntries(['live', 'overdue', 'located'].map(name => [name, yesNo(name)])),
    };
    for (const [name, select] of Object.entries(this.selects)) select.replaceChildren(option('', t('filter.any')), ...choices[name]);
    this.#show();
  }

  #take() {
    this.#fill();
    this.area.take();
  }

  /** A value that is not among the choices, such as two at once, is shown as it is. */
  #show() {
    const {filters: {filter}, context: {town: {time_zone: zone}}} = this;
    for (const [name, select] of Object.entries(this.selects)) {
      const value = filter[name] ?? '';
      if (![...select.options].some(choice => choice.value === value)) select.append(option(value, value));
      select.value = value;
    }
    for (const [side, input] of Object.entries(this.dates)) input.value = shownDay(side, filter[side], zone);
  }
}

const option = (value, words) => element('option', {value}, words);
const field = control => element('p.field', {}, element('label', {htmlFor: control.id}, wordFor('filter', control.name)), control);

function categoryGroup({items, ...group}) {
  const lines = items.map(({code, item, item_en: english}) => option(code, titleOf({title_zh: item, title_en: english})));
  return element('optgroup', {label: titleOf({title_zh: group.class, title_en: group.class_en})}, ...lines);
}

const levelsOf = ({procedures}) => [...new Map(procedures.flatMap(({definition}) => definition.levels).map(level => [level.code, level])).values()];

function stepsOf(procedure, {procedures}) {
  const steps = procedures.filter(({code}) => !procedure || code === procedure).flatMap(({definition}) => definition.steps);
  return [...new Map(steps.map(step => [step.code, step])).values()];
}
