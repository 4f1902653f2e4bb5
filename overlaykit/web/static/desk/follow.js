// A page's line to the room: a socket that comes back by itself and says when what is shown may be old.

const FIRST_RETRY = 250;
const LAST_RETRY = 3000;
const SILENCE = 3500; // the server ticks each second
const REVOKED = 1008;

/**
 * Calls `onFrame(frame)` for all that the feed says, and `onLink(true | false | null)`: live, old, or no connection. Without `path`
 * and `query` it is the desk's board.
 */
export function follow(session, { onFrame, onLink, path = "/ws/board", query = { desk: "1" } }) {
  let retry = FIRST_RETRY;
  let silence = 0;

  function listen(socket) {
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), SILENCE);
  }

  function connect() {
    const address = new URL(path, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("session", session);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
    const socket = new WebSocket(address);
    socket.onopen = () => {
      retry = FIRST_RETRY;
      listen(socket);
    };
    socket.onmessage = ({ data }) => {
      listen(socket);
      const frame = JSON.parse(data);
      onFrame(frame);
      if ("stale" in frame) onLink(!frame.stale);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(silence);
      onLink(null);
      if (code === REVOKED) location.reload(); // the login comes
      setTimeout(connect, retry);
      retry = Math.min(LAST_RETRY, retry * 2);
    };
  }
  connect();
}
