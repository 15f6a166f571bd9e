/** Asking the server: JSON and tiles in, problems out as ApiError. */

/** What the server, or the way to it, said no with. Status 0 means that no answer came. */
export class ApiError extends Error {
  /** @param {number} status @param {{title?: string, detail?: string, member?: string, code?: string, params?: Record<string, unknown>}} problem */
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    Object.assign(this, {member: problem.member, code: problem.code, params: problem.params});
  }
}

async function ask(url, options) {
  let reply;
  try {
    reply = await fetch(url, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, {code: 'unreachable', detail: error.message});
  }
  if (!reply.ok) throw new ApiError(reply.status, await problemOf(reply));
  return reply;
}

async function problemOf(reply) {
  const isJson = reply.headers.get('content-type')?.includes('json');
  return isJson ? reply.json() : {title: reply.statusText};
}

const withQuery = (path, query) => {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
};

/**
 * @param {string} path
 * @param {Record<string, unknown>} [query] empty members are left out
 * @param {AbortSignal} [signal]
 */
export async function getJson(path, query = {}, signal) {
  return (await ask(withQuery(path, query), {signal, priority: 'high', headers: {accept: 'application/json'}})).json();
}

/** @param {string} path @param {unknown} body @param {Record<string, string>} [more] headers */
export async function postJson(path, body, more = {}) {
  const headers = {'content-type': 'application/json', accept: 'application/json', ...more};
  return (await ask(path, {method: 'POST', headers, body: JSON.stringify(body)})).json();
}

/** @param {string} path of what is to go */
export async function remove(path) {
  await ask(path, {method: 'DELETE', headers: {accept: 'application/json'}});
}

/**
 * A feature with the version that an edit is based on.
 * @typedef {{feature: object, version: number | null}} Versioned
 */

/** @param {string} path of one feature @param {AbortSignal} [signal] @returns {Promise<Versioned>} */
export async function getFeature(path, signal) {
  return versioned(await ask(path, {signal, priority: 'high', headers: {accept: 'application/geo+json, application/json'}}));
}

/**
 * Do something to a feature that is as it was when its version was read; a changed one is refused with 412.
 * @param {string} path @param {unknown} body @param {number | null} version
 * @returns {Promise<Versioned>} the feature afterwards
 */
export async function actOn(path, body, version) {
  const headers = {'content-type': 'application/json', accept: 'application/geo+json, application/json', ...(version === null ? {} : {'if-match': `"${version}"`})};
  return versioned(await ask(path, {method: 'POST', headers, body: JSON.stringify(body)}));
}

async function versioned(reply) {
  const [version] = reply.headers.get('etag')?.match(/\d+/) ?? [null];
  return {feature: await reply.json(), version: version === null ? null : Number(version)};
}

/**
 * Fetch a vector tile. A browser has six connections to a server: what is urgent goes first.
 * @param {string} collection
 * @param {{z: number, x: number, y: number}} tile
 * @param {{query?: Record<string, string>, signal: AbortSignal, priority?: 'high' | 'low'}} how
 * @returns {Promise<ArrayBuffer | null>} null when the tile is empty
 */
export async function getTile(collection, {z, x, y}, {query = {}, signal, priority = 'low'}) {
  const path = `/collections/${encodeURIComponent(collection)}/tiles/${z}/${x}/${y}`;
  const reply = await ask(withQuery(path, query), {signal, priority});
  return reply.status === 204 ? null : reply.arrayBuffer();
}
