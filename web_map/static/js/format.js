/** Numbers, times and measures as people read them. Pure: language and zone are given. */

/** @param {{language: string, timeZone: string}} locale */
export function makeFormat({language, timeZone}) {
  const whole = new Intl.NumberFormat(language, {maximumFractionDigits: 0});
  const tenth = new Intl.NumberFormat(language, {maximumFractionDigits: 1, minimumFractionDigits: 1});
  const percent = new Intl.NumberFormat(language, {style: 'percent', maximumFractionDigits: 1});
  const rate = new Intl.NumberFormat(language, {style: 'percent', minimumFractionDigits: 2, maximumFractionDigits: 2});
  const signed = new Intl.NumberFormat(language, {signDisplay: 'exceptZero', maximumFractionDigits: 1});
  const unit = (value, name) => new Intl.NumberFormat(language, {style: 'unit', unit: name, unitDisplay: language === 'en' ? 'short' : 'long'}).format(value);
  const time = options => {
    const format = new Intl.DateTimeFormat(language, {timeZone, hourCycle: 'h23', ...options});
    return at => format.format(typeof at === 'string' ? new Date(at) : at);
  };
  const hm = {hour: '2-digit', minute: '2-digit'};
  return {
    number: value => whole.format(value),
    signed: value => signed.format(value),
    percent: value => percent.format(value),
    /** A rate as reports print it, such as 93.72% */
    rate: value => rate.format(value),
    /** @param {number} metres below 1 km in metres, else in km with one decimal */
    distance: metres => metres < 1000 ? `${whole.format(metres)} m` : `${tenth.format(metres / 1000)} km`,
    /** @param {number} m2 below 0.1 km² in m², else in km² */
    area: m2 => m2 < 100000 ? `${whole.format(m2)} m²` : `${tenth.format(m2 / 1e6)} km²`,
    /** @param {[string, number][]} parts a length of time such as [['day', 1], ['hour', 3]] */
    span: parts => parts.map(([name, value]) => unit(value, name).replace(' ', language === 'en' ? ' ' : '')).join(language === 'en' ? ' ' : ''),
    minutes: time(hm),
    seconds: time({...hm, second: '2-digit'}),
    moment: time({month: '2-digit', day: '2-digit', ...hm}),
    /** A day with its year, and a moment with its day and year: for what is kept. */
    day: time({year: 'numeric', month: '2-digit', day: '2-digit'}),
    stamp: time({year: 'numeric', month: '2-digit', day: '2-digit', ...hm}),
    date: time({month: '2-digit', day: '2-digit', weekday: 'short'}),
  };
}

/**
 * When the present day began in a zone (to the second; on the day of a clock change to the hour).
 * @param {Date} now @param {string} timeZone
 */
export function startOfDay(now, timeZone) {
  const clock = new Intl.DateTimeFormat('en', {timeZone, hourCycle: 'h23', hour: 'numeric', minute: 'numeric', second: 'numeric'});
  const part = Object.fromEntries(clock.formatToParts(now).map(({type, value}) => [type, Number(value)]));
  const sinceMs = ((part.hour * 60 + part.minute) * 60 + part.second) * 1000 + now.getMilliseconds();
  return new Date(now.getTime() - sinceMs);
}
