// A page's line to the room: a socket that comes back by itself and says when what is shown may be old.

const FIRST_RETRY = 250;
const LAST_RETRY = 3000;
const SILENCE = 3500; // the server ticks each second
const CONNECTING = 8000; // a network that swallows everything would keep it waiting for minutes
const REVOKED = 1008;

/**
 * Calls `onFrame(frame)` for all that the feed says, and `onLink(true | false | null)`: live, old, or no connection. Without `path`
 * and `query` it is the desk's board.
 */
export function follow(session, { onFrame, onLink, path = "/ws/board", query = { desk: "1" } }) {
  let socket = null;
  let retry = FIRST_RETRY;
  let due = 0; // milliseconds since 1970 when it is given up, unless something comes
  let [silence, next] = [0, 0];

  function waitFor(duration) {
    clearTimeout(silence);
    silence = setTimeout(drop, duration);
    due = Date.now() + duration;
  }

  function connect() {
    clearTimeout(next);
    next = 0;
    const address = new URL(path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("session", session);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    socket = new WebSocket(address);
    waitFor(CONNECTING);
    socket.onopen = () => {
      retry = FIRST_RETRY;
      waitFor(SILENCE);
    };
    socket.onmessage = ({ data }) => {
      waitFor(SILENCE);
      const frame = JSON.parse(data);
      onFrame(frame);
      if ("stale" in frame) onLink(!frame.stale);
    };
    socket.onclose = ({ code }) => {
      if (code === REVOKED) location.reload(); // the login comes
      drop();
    };
  }

  /** The line is no good. Of one that died a browser hears only a minute after it was closed: that is not waited for. */
  function drop() {
    clearTimeout(silence);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    onLink(null);
    next = setTimeout(connect, retry);
    retry = Math.min(LAST_RETRY, retry * 2);
  }

  /** Somebody looks again, or the network is back: what died while timers slept is found out now. */
  function wake() {
    if (document.hidden) return;
    if (!next && Date.now() > due) drop();
    if (next) connect();
  }

  document.addEventListener("visibilitychange", wake);
  for (const kind of ["pageshow", "focus", "online"]) addEventListener(kind, wake);
  connect();
}
