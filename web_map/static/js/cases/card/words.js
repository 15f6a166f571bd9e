/** Names for the codes that a case's card shows: posts, units, levels, moves, accounts. */
import {hasWord, t, titleOf, wordFor} from '../../i18n.js';

const titled = ({title, title_en: english}) => titleOf({title_zh: title, title_en: english});

/** Who may make a move, such as `town/dispatcher` or `handler`. */
function bodyWords(pattern) {
  const [tier, post] = pattern.split('/');
  if (!post) return wordFor('party', tier);
  return [tier === '*' ? '' : wordFor('tier', tier), post === '*' ? t('party.anyone') : wordFor('post', post)].join('');
}

export class CaseWords {
  #named = new Map();

  /** @param {import('../case-card.js').CaseCard} card */
  constructor(card) {
    this.card = card;
  }

  /** Learn the names of posts and units. @param {Iterable<[string, string]>} names */
  learn(names) {
    for (const [code, name] of names) this.#named.set(code, name);
    this.card.drawHead();
  }

  /** @param {string} code of a post or a unit @returns {string} its name, or the code while unknown */
  nameOf(code) {
    const known = ['post', 'source'].map(family => `${family}.${code}`).find(hasWord);
    return this.#named.get(code) ?? (known ? t(known) : code);
  }

  /** @returns {string} who must act now, '' for nobody */
  answering() {
    const {post, unit} = this.card.feature.properties;
    return [post, unit].filter(Boolean).map(code => this.nameOf(code)).join(' · ');
  }

  /** @param {string} code @returns {string} the title of a whistle level */
  level(code) {
    const level = this.card.procedure?.levels?.find(one => one.code === code);
    return level ? titled(level) : code;
  }

  /** @param {string} code @returns {string} the title that the procedure gives a move, or '' */
  move(code) {
    const {procedure, view} = this.card;
    const move = [...(procedure?.moves ?? []), ...(view?.moves ?? [])].find(one => one.code === code);
    return move ? titled(move) : '';
  }

  /** @param {{code: string, why?: string | null, why_code?: string | null}} move @returns {string} why it cannot be made now */
  hindrance({code, why, why_code: reason}) {
    const by = this.card.procedure?.moves?.find(one => one.code === code)?.by;
    if (reason === 'not_yours' && by) return t('moves.why.not_yours', {by: by.map(bodyWords).join('、')});
    return hasWord(`moves.why.${reason}`) && reason !== 'not_yours' ? t(`moves.why.${reason}`) : why ?? t('moves.not_now');
  }

  /** @param {{on_behalf?: {post: string | null, unit: string | null}}} move @returns {string | null} for whom the reader writes it down */
  behalf({on_behalf: other}) {
    const who = other && [other.post, other.unit].filter(Boolean).map(code => this.nameOf(code)).join(' · ');
    return who ? t('moves.behalf', {who}) : null;
  }

  /** @param {string} name @returns {string} the title of an account: the reader's own is known */
  account(name) {
    const {account} = this.card.context;
    return name === account?.account ? account.title || name : name;
  }

  /** @param {{name: string, to: unknown}} change @returns {string} what somebody changed, in words */
  change({name, to}) {
    return t('moves.change', {what: t(`moves.changed.${name}`), to: to === null ? t('moves.none') : this.#value(name, to)});
  }

  #value(name, value) {
    const {format, names} = this.card.context;
    if (/_at$|_until$/.test(name)) return format.moment(value);
    if (typeof value === 'boolean') return t(value ? 'value.yes' : 'value.no');
    const step = name === 'step' && this.card.procedure?.steps.find(({code}) => code === value);
    if (step) return titled(step);
    const known = {
      unit: code => this.nameOf(code), post: code => this.nameOf(code), level: code => this.level(code),
      grid_code: code => names.grid(code), category: code => names.category(code), stage: code => wordFor('stage', code),
    };
    return known[name]?.(value) ?? String(value);
  }
}
