import assert from 'node:assert/strict';
import {test} from 'node:test';
import {changed, chipsOf, placeOf, queryOf, readFilter, writeFilter} from '../../web_map/static/js/cases/filter-object.js';

test('a filter is read from an address, and what is no filter is left out', () => {
  assert.deepEqual(readFilter('?lang=en&area=441900109207&category=404&stage='), {area: '441900109207', category: '404'});
});

test('a filter written into an address is read back as it was, and the rest stays', () => {
  const filter = {figure: 'due', bbox: '113.9,22.9,114,23', area: '441900109207'};
  const search = writeFilter(filter, '?lang=en&category=101');
  assert.deepEqual([readFilter(search), new URLSearchParams(search).get('lang')], [filter, 'en']);
});

test('no filter leaves no question mark', () => assert.equal(writeFilter({}, '?area=4419'), ''));

test('without a word on time only live cases are asked for', () => {
  assert.deepEqual(queryOf({area: '4419'}), {area: '4419', live: 'true'});
});

for (const own of [{figure: 'due'}, {stage: 'closed'}, {since: '2026-11-22T00:00:00Z'}, {live: 'false'}]) {
  test(`a filter by ${Object.keys(own)} says itself which time is meant`, () => assert.deepEqual(queryOf(own), own));
}

test('another figure takes its own period and extent along', () => {
  const before = {figure: 'filed', from: '2026-11-22T00:00:00Z', bbox: '1,2,3,4', area: '4419'};
  assert.deepEqual(changed(before, {figure: 'open'}), {figure: 'open', area: '4419'});
});

test('a change beside the figure leaves its period', () => {
  const before = {figure: 'filed', from: '2026-11-22T00:00:00Z'};
  assert.deepEqual(changed(before, {area: '4419'}), {...before, area: '4419'});
});

test('a member set to nothing goes', () => assert.deepEqual(changed({area: '4419', stage: 'closed'}, {area: null}), {stage: 'closed'}));

test('figures are counted for the place, not for the figure that is shown', () => {
  assert.deepEqual(placeOf({figure: 'due', from: 'a', to: 'b', bbox: '1,2,3,4', area: '4419'}), {area: '4419'});
});

test('the period of a figure has no chip of its own', () => {
  assert.deepEqual(chipsOf({figure: 'filed', from: 'a', bbox: '1,2,3,4', area: '4419'}).map(([name]) => name), ['figure', 'area']);
});

test('a period without a figure has its chips', () => assert.deepEqual(chipsOf({from: 'a', to: 'b'}).map(([name]) => name), ['from', 'to']));

test('a condition stays with how it is written, in an address too', () => {
  const filter = {figure: 'due', ids: '1,2', filter: "severity >= 2 AND address LIKE '50%'", 'filter-lang': 'cql2-text', 'filter-crs': 'a'};
  assert.deepEqual(readFilter(writeFilter(filter, '')), filter);
});

test('how a condition is written goes with it, and has no chip of its own', () => {
  const filter = {bbox: '1,2,3,4', filter: 'severity > 1', 'filter-lang': 'cql2-text', 'bbox-crs': 'a'};
  assert.deepEqual(changed(filter, {filter: null}), {bbox: '1,2,3,4', 'bbox-crs': 'a'});
  assert.deepEqual(chipsOf(filter).map(([name]) => name), ['bbox', 'filter']);
});
