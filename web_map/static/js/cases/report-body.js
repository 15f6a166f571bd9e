/** What a report from /where says, and which of its parts a refusal is about. Pure. */

/** Members of a report that the form has a field for. */
const FIELDS = ['category', 'description'];

/**
 * @param {{lon: number, lat: number, accuracyM: number | null, crs: string | null, address: string}} place as it was found, in its own CRS
 * @param {{category: string, description: string}} told
 * @param {string} gridCode of the grid that the reporter chose, or ''
 * @returns {object} the GeoJSON feature to post; what is not known is left out
 */
export function reportBody({lon, lat, accuracyM, crs, address}, {category, description}, gridCode) {
  const given = {category, description: description.trim(), address, accuracy_m: accuracyM, crs, grid_code: gridCode, source: 'public'};
  const known = Object.entries(given).filter(([, value]) => value !== null && value !== '');
  return {type: 'Feature', geometry: {type: 'Point', coordinates: [lon, lat]}, properties: Object.fromEntries(known)};
}

/** @param {string} [member] of a problem, such as properties.category @returns {string} the field that it is about, or '' */
export function fieldOf(member) {
  return FIELDS.find(name => member === `properties.${name}`) ?? '';
}

/** Categories by class, each in the order of the table. @returns {{name: string, items: object[]}[]} */
export function byClass(categories) {
  const classes = new Map();
  for (const category of categories) {
    const {class_code: code} = category;
    if (!classes.has(code)) classes.set(code, {class: category.class, class_en: category.class_en, items: []});
    classes.get(code).items.push(category);
  }
  return [...classes.values()];
}

/** Keeps one key per report: the same words sent again carry the key they had. */
export class Keys {
  #sent = {words: '', key: ''};

  /** @param {() => string} make a new key */
  constructor(make = randomKey) {
    this.make = make;
  }

  /** @param {object} body @returns {string} */
  keyOf(body) {
    const words = JSON.stringify(body);
    if (words !== this.#sent.words) this.#sent = {words, key: this.make()};
    return this.#sent.key;
  }

  /** It was taken: the same words are a new report from now on. */
  taken() {
    this.#sent = {words: '', key: ''};
  }
}

/** Not randomUUID, which a page has only over https. */
const randomKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
