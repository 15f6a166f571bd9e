import assert from 'node:assert/strict';
import {test} from 'node:test';
import {frameOf, rowsOf, shareOf} from '../../web_map/static/js/reports/report-model.js';

const report = {area: '441900109', starts_at: '2026-10-31T16:00:00+00:00', ends_at: '2026-11-30T16:00:00+00:00', as_of: '2026-12-01T00:00:00+08:00', last_case: 1800, title: '月报'};
const asked = address => Object.fromEntries(new URL(address, 'http://localhost').searchParams);

test('a figure leads to the rows of its period, as of its moment', () => {
  assert.deepEqual(asked(rowsOf('due', frameOf(report, 'Asia/Shanghai'))), {
    figure: 'due', area: '441900109', from: '2026-11-01', to: '2026-12-01', as_of: '2026-11-30T16:00:00.000Z', last_case: '1800',
  });
});
test('no address holds a plus sign, which would be read as a space', () => assert.ok(!rowsOf('due', frameOf(report, 'Asia/Shanghai')).includes('+')));
test('a figure of a village leads to the rows of the village', () => assert.equal(asked(rowsOf('open', frameOf(report, 'Asia/Shanghai'), {area: '441900109212'})).area, '441900109212'));
test('a figure of a department keeps the area', () => {
  const {area, unit} = asked(rowsOf('open', frameOf(report, 'Asia/Shanghai'), {unit: 'D1'}));
  assert.deepEqual([area, unit], ['441900109', 'D1']);
});
test('a rate of nothing fills no bar', () => assert.deepEqual([null, 0.5, 1.2].map(shareOf), [0, 0.5, 1]));
