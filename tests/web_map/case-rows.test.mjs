import assert from 'node:assert/strict';
import {test} from 'node:test';
import {CaseRows, MOST} from '../../web_map/static/js/caselist/rows-model.js';

const row = (id, more = {}) => ({id, properties: {...more}});
const down = (from, to) => Array.from({length: from - to + 1}, (_, index) => row(from - index));

function begun(features = down(20, 11), next = '/next') {
  const rows = new CaseRows();
  rows.begin(features, next);
  return rows;
}

test('a new case waits, and moves no row', () => {
  const rows = begun();
  assert.deepEqual(rows.take([21], [row(21)]), []);
  assert.deepEqual([[...rows.fresh], rows.rows.length], [[21], 10]);
});
test('a row that changed is replaced where it stands', () => {
  const rows = begun();
  assert.deepEqual(rows.take([15], [row(15, {stage: 'closed'})]), [15]);
  assert.equal(rows.rows[5].properties.stage, 'closed');
});
test('a row that belongs to the list no more stays, and is marked', () => {
  const rows = begun();
  rows.take([15], []);
  assert.deepEqual([[...rows.gone], rows.rows.length], [[15], 10]);
});
test('a row that belongs to the list again loses its mark', () => {
  const rows = begun();
  rows.take([15], []);
  rows.take([15], [row(15)]);
  assert.equal(rows.gone.size, 0);
});
test('an older case that was not fetched yet does not count as new', () => {
  const rows = begun();
  rows.take([5], [row(5)]);
  assert.equal(rows.fresh.size, 0);
});
test('an older case that came to belong to a list that is complete counts as new', () => {
  const rows = begun(down(20, 11), null);
  rows.take([5], [row(5)]);
  assert.deepEqual([...rows.fresh], [5]);
});
test('a new case that left the list before it was shown is forgotten', () => {
  const rows = begun();
  rows.take([21], [row(21)]);
  rows.take([21], []);
  assert.equal(rows.fresh.size, 0);
});
test('the list keeps no more rows than it may', () => {
  const rows = begun(down(2000, 2000 - MOST + 1));
  const left = rows.extend(down(2000 - MOST, 1901 - MOST), null);
  assert.deepEqual([rows.rows.length, left.length, rows.dropped, rows.rows[0].id], [MOST, 100, 100, 1900]);
});
test('a row that left at the top is not taken for a new case', () => {
  const rows = begun(down(2000, 2000 - MOST + 1));
  rows.extend(down(2000 - MOST, 1901 - MOST), null);
  rows.take([1950, 2001], [row(1950), row(2001)]);
  assert.deepEqual([...rows.fresh], [2001]);
});
test('a page that overlaps the one before doubles nothing', () => {
  const rows = begun();
  rows.extend(down(12, 8), null);
  assert.deepEqual(rows.rows.map(({id}) => id), down(20, 8).map(({id}) => id));
});
test('a range is selected from the row that was toggled last', () => {
  const rows = begun();
  rows.toggle(18);
  rows.selectTo(15);
  assert.deepEqual([...rows.selected], [18, 17, 16, 15]);
});
test('toggling twice selects nothing', () => {
  const rows = begun();
  rows.toggle(18);
  rows.toggle(18);
  assert.equal(rows.selected.size, 0);
});
test('one moves from row to row and stops at the ends', () => {
  const rows = begun();
  assert.deepEqual([rows.neighbour(null, 1), rows.neighbour(20, 1), rows.neighbour(20, -1), rows.neighbour(11, 1)], [20, 19, 20, 11]);
});
test('beginning anew forgets marks and selection', () => {
  const rows = begun();
  rows.take([21, 15], [row(21)]);
  rows.toggle(14);
  rows.begin(down(21, 12), null);
  assert.deepEqual([rows.fresh.size, rows.gone.size, rows.selected.size], [0, 0, 0]);
});
