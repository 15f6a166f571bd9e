/** The issued reports, and the form that issues one. */
import {showAccount, whoIsHere} from './account.js';
import {element} from './element.js';
import {startPage} from './page.js';
import {showIssueForm} from './reports/issue-form.js';
import {ReportList} from './reports/report-list.js';

const at = id => document.getElementById(id);

startPage(async context => {
  context.account = await whoIsHere();
  showAccount(at('account'), context.account);
  const [issue, list] = [element('section.issue-frame', {}), element('section.report-list', {})];
  at('content').replaceChildren(issue, list);
  await Promise.all([showIssueForm(issue, context), new ReportList(list, context).refresh()]);
});
