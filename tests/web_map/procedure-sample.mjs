/** A procedure with everything a diagram must show: returns, a skip, moves that stay, three levels, two ends. */
const step = (code, title, stage, more = {}) => ({code, title, title_en: code, stage, limit: null, unit: null, first: false, final: false, ...more});
const move = (code, title, effect, from, to, more = {}) => ({code, title, title_en: code, key: code[0], effect, from, to, by: ['*/dispatcher'], needs: [], ...more});

export const sample = {
  code: 'whistle', title: '三级吹哨', title_en: 'Three whistles', separate: true, posts: [],
  levels: [
    {code: 'daily', title: '日常哨', title_en: 'Everyday', body: 'grid'},
    {code: 'major', title: '重点哨', title_en: 'Major', body: 'village'},
    {code: 'hard', title: '疑难哨', title_en: 'Hard', body: 'town'},
    {code: 'petition', title: '信访', title_en: 'Petition', body: 'petition'},
  ],
  steps: [
    step('registered', '登记', 'reported', {first: true, limit: 2, unit: 'hours'}),
    step('dispatched', '派遣', 'accepted', {limit: 4, unit: 'working_hours'}),
    step('handling', '处置', 'handling', {unit: 'case'}),
    step('verified', '核实', 'handling', {limit: 1, unit: 'working_days'}),
    step('archived', '归档', 'closed', {final: true}),
    step('void', '作废', 'closed', {final: true}),
  ],
  moves: [
    move('dispatch', '派单', 'assign', ['registered'], 'dispatched', {needs: ['unit']}),
    move('claim', '接单', 'claim', ['dispatched'], 'handling'),
    move('self', '自行处置', 'advance', ['registered'], 'handling'),
    move('done', '办结反馈', 'advance', ['handling'], 'verified', {needs: ['photo', 'evidence']}),
    move('close', '核实结案', 'write_off', ['verified'], 'archived', {needs: ['evidence']}),
    move('void', '作废', 'advance', ['registered'], 'void', {needs: ['reason']}),
    move('return', '退回', 'return', ['dispatched', 'handling'], 'registered', {needs: ['reason']}),
    move('redo', '返工', 'return', ['verified'], 'handling', {needs: ['reason'], by: ['town/dispatcher', 'reporter']}),
    move('reopen', '重开', 'reopen', ['archived'], 'handling', {needs: ['reason']}),
    move('raise', '吹哨升级', 'raise', ['handling'], null, {needs: ['reason']}),
    move('lower', '降级', 'lower', ['handling'], null, {needs: ['reason']}),
    move('supervise', '督办', 'supervise', ['*'], null, {needs: ['reason']}),
    move('delay', '申请延期', 'ask_delay', ['handling'], null, {needs: ['reason', 'until']}),
    move('join', '会办', 'join', ['handling'], null, {needs: ['unit']}),
    move('rate', '评价', 'rate', ['archived'], null, {needs: ['rating']}),
  ],
};
