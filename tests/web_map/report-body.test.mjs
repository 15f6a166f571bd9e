import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Keys, byClass, fieldOf, reportBody} from '../../web_map/static/js/cases/report-body.js';

const place = {lon: 113.94, lat: 22.99, accuracyM: 20, crs: 'gcj02', address: ''};
const told = {category: '101', description: '  '};

test('a report gives its position on in its own CRS, with its accuracy and the chosen grid', () => {
  const {geometry, properties} = reportBody(place, told, 'G1');
  assert.deepEqual(geometry.coordinates, [113.94, 22.99]);
  assert.deepEqual(properties, {category: '101', accuracy_m: 20, crs: 'gcj02', grid_code: 'G1', source: 'public'});
});

test('what is not known is left out', () => {
  const {properties} = reportBody({...place, accuracyM: null, crs: null, address: '黄屋路 12 号'}, told, '');
  assert.deepEqual(properties, {category: '101', address: '黄屋路 12 号', source: 'public'});
});

test('a refusal is shown at the field that it names', () => assert.equal(fieldOf('properties.category'), 'category'));
test('a refusal about something else has no field', () => assert.equal(fieldOf('geometry.coordinates[1]'), ''));

test('categories stand under their class', () => {
  const rows = [{class_code: '1', class: '甲', code: '101'}, {class_code: '2', class: '乙', code: '201'}, {class_code: '1', class: '甲', code: '102'}];
  assert.deepEqual(byClass(rows).map(({class: name, items}) => [name, items.map(({code}) => code)]), [['甲', ['101', '102']], ['乙', ['201']]]);
});

test('the same words sent again carry the same key', () => {
  const keys = new Keys();
  assert.equal(keys.keyOf({a: 1}), keys.keyOf({a: 1}));
});

test('other words carry another key', () => {
  const keys = new Keys();
  assert.notEqual(keys.keyOf({a: 1}), keys.keyOf({a: 2}));
});

test('after a report was taken the same words are a new one', () => {
  const keys = new Keys();
  const first = keys.keyOf({a: 1});
  keys.taken();
  assert.notEqual(keys.keyOf({a: 1}), first);
});
