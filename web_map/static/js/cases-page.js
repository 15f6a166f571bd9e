/** The list of cases: fetches what its address asks for, and wires the parts together. */
import {whoIsHere, showAccount} from './account.js';
import {ApiError, getJson} from './api.js';
import {Batch} from './caselist/batch.js';
import {showChips} from './caselist/chips.js';
import {FilterPanel} from './caselist/filter-panel.js';
import {ListFilters} from './caselist/filters.js';
import {makeHelp} from './caselist/help.js';
import {listenForKeys} from './caselist/keys.js';
import {Pairs} from './caselist/pairs.js';
import {CaseList} from './caselist/list.js';
import {ListNames} from './caselist/names.js';
import {SideCard} from './caselist/side-card.js';
import {showState} from './caselist/state.js';
import {CaseTable} from './caselist/table.js';
import {Views} from './caselist/views.js';
import {viewStore} from './caselist/view-store.js';
import {DataAge} from './data-age.js';
import {follow} from './follow.js';
import {reasonOf, t} from './i18n.js';
import {Notices} from './notices.js';
import {startPage} from './page.js';
import {writeFilter} from './cases/filter-object.js';

const PATH = '/collections/incidents';
const TICK_MS = 30000;
const SEARCH_MS = 350;
const at = id => document.getElementById(id);

startPage(async context => {
  Object.assign(context, {names: new ListNames(), notices: new Notices(at('notices')), account: await whoIsHere()});
  showAccount(at('account'), context.account);
  const filters = new ListFilters(() => new Date());
  const parts = {context, filters};
  const list = new CaseList(PATH, {...parts, open: id => card.open(id)});
  const table = new CaseTable(at('frame'), list);
  const card = new SideCard(at('drawer'), PATH, {context, behind: [at('list'), at('filters')], closed: () => table.focus(table.current)});
  const batch = new Batch(at('batch'), list, context);
  showState({list, table, filters, context, nodes: {count: at('count'), fresh: at('fresh'), end: at('end')}});
  showChips(at('chips'), parts);
  at('filters').open = matchMedia('(min-width: 1000px)').matches;
  new FilterPanel(at('filter-fields'), parts);
  new Views(at('views'), viewStore(context.account), parts);
  const pairs = new Pairs({panel: at('pairs'), button: at('pairs-button')}, list, context);
  linkWorkbook(filters);
  listenToSearch(filters);
  const help = makeHelp();
  at('keys').addEventListener('click', help.show);
  listenForKeys({table, list, search: at('q'), help, card, dispatch: () => batch.dispatch(), pairs: () => pairs.toggle()});
  watch(list, table, card, context);
  loadNames(context);
  await list.refresh();
  card.follow();
  await pairs.refresh();
});

function watch(list, table, card, context) {
  list.addEventListener('rows', () => table.draw());
  for (const event of ['words', 'theme']) document.addEventListener(event, () => table.redraw());
  context.names.addEventListener('named', () => table.redraw());
  table.node.addEventListener('focusin', () => { if (table.current !== null) list.seen(table.current); });
  setInterval(() => table.tick(), TICK_MS);
  const live = {
    refresh: () => { list.catchUp(); context.card?.heard(); },
    changed: changes => { list.hear(changes); if (changes.some(({id}) => id === context.card?.id)) context.card.heard(); },
  };
  const age = new DataAge(context, {clock: at('clock'), text: at('age-text'), reason: at('reason')});
  follow(new Map([['incidents', live]]), {refresh: () => {}, sources: []}, age);
}

/** The workbook of the same rows. */
function linkWorkbook(filters) {
  const link = () => { at('workbook').href = `${PATH}/items.xlsx${writeFilter(filters.query(), '')}`; };
  filters.addEventListener('change', link);
  link();
}

function listenToSearch(filters) {
  const input = at('q');
  const show = () => { if (document.activeElement !== input) input.value = filters.filter.q ?? ''; };
  const words = () => { input.placeholder = t('cases.search'); input.setAttribute('aria-label', t('cases.search')); };
  let timer;
  const ask = () => { clearTimeout(timer); filters.set({q: input.value.trim() || null}); };
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, SEARCH_MS); });
  input.addEventListener('keydown', event => {
    if (event.key === 'Enter') ask();
    if (event.key === 'Escape') input.blur();
  });
  filters.addEventListener('change', show);
  document.addEventListener('words', words);
  words();
  show();
}

/** Rows show codes until the names have come. */
async function loadNames({names, notices}) {
  try {
    await names.load(PATH);
    notices.clear('names');
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    notices.failed('names', t('state.failed', {reason: reasonOf(error)}), () => loadNames({names, notices}));
  }
}
