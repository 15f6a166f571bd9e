/** One EventSource that comes back by itself and says how it fares. */

const RETRY_S = [1, 2, 4, 5];

/**
 * @typedef {object} Message
 * @property {'changes' | 'heartbeat' | 'reset' | 'open' | 'lost'} type
 * @property {string} [id] where to resume
 * @property {object} [data] what the server sent
 */

/**
 * Open the stream and keep it open. The browser's own retry gives up on an HTTP error (503 while the
 * database is away), so each failure closes the source and a new one resumes by the last id.
 * @param {string} url
 * @param {() => string} lastId
 * @param {(message: Message) => void} receive
 * @returns {() => void} stop
 */
export function openStream(url, lastId, receive) {
  let source;
  let timer;
  let failures = 0;
  const connect = () => {
    const id = lastId();
    source = new EventSource(id ? `${url}?last_event_id=${encodeURIComponent(id)}` : url);
    source.onopen = () => { failures = 0; receive({type: 'open'}); };
    source.onerror = retry;
    for (const type of ['changes', 'heartbeat', 'reset']) source.addEventListener(type, pass);
  };
  const pass = event => receive({type: event.type, id: event.lastEventId, data: JSON.parse(event.data || '{}')});
  const retry = () => {
    source.close();
    receive({type: 'lost'});
    timer = setTimeout(connect, RETRY_S[Math.min(failures, RETRY_S.length - 1)] * 1000);
    failures += 1;
  };
  connect();
  return () => { clearTimeout(timer); source.close(); };
}
