/** The server's events, from one stream shared by all tabs of the browser. */
import {lead} from './leader.js';
import {openStream} from './stream.js';

/**
 * Call `receive` with every message of the stream, whichever tab holds it. After `open` that follows
 * a `lost`, and after `reset`, live layers must be fetched again.
 * @param {string} url
 * @param {(message: import('./stream.js').Message) => void} receive
 */
export function watchEvents(url, receive) {
  const channel = new BroadcastChannel(`gis.events.${url}`);
  let lastId = '';
  let state = null;
  let leading = false;
  const take = message => {
    lastId = message.id || lastId;
    if (message.type === 'open' || message.type === 'lost') state = message;
    receive(message);
  };
  channel.onmessage = ({data}) => {
    if (data.type !== 'hello') take(data);
    else if (leading && state) channel.postMessage(state);
  };
  channel.postMessage({type: 'hello'});
  lead(`gis.events.${url}`, () => {
    leading = true;
    const close = openStream(url, () => lastId, message => {
      take(message);
      channel.postMessage(message);
    });
    return () => { leading = false; close(); };
  });
}
