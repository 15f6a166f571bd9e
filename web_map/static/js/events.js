/** The server's events, from one stream shared by all tabs of the browser. */
import {lead} from './leader.js';
import {openStream} from './stream.js';

const nameOf = url => `gis.events.${url}`;

/** Let the tab that holds the stream open it anew, as somebody else has signed in by this browser. */
export function renewEvents(url) {
  const channel = new BroadcastChannel(nameOf(url));
  channel.postMessage({type: 'renew'});
  channel.close();
}

/**
 * Call `receive` with every message of the stream, whichever tab holds it. After `open` that follows
 * a `lost`, and after `reset`, live layers must be fetched again.
 * @param {string} url
 * @param {(message: import('./stream.js').Message) => void} receive
 */
export function watchEvents(url, receive) {
  const channel = new BroadcastChannel(nameOf(url));
  let lastId = '';
  let state = null;
  let close = null;
  const take = message => {
    lastId = message.id || lastId;
    if (message.type === 'open' || message.type === 'lost') state = message;
    receive(message);
  };
  channel.onmessage = ({data}) => {
    if (data.type === 'hello') answer();
    else if (data.type === 'renew') renew();
    else take(data);
  };
  const answer = () => { if (close && state) channel.postMessage(state); };
  const send = message => {
    take(message);
    channel.postMessage(message);
  };
  const open = () => { close = openStream(url, () => lastId, send); };
  const renew = () => {
    if (!close) return;
    close();
    send({type: 'lost'});
    open();
  };
  channel.postMessage({type: 'hello'});
  lead(nameOf(url), () => {
    open();
    return () => { close(); close = null; };
  });
}
