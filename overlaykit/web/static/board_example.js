// The board feed without a library: the number and the bar of one item, true or said to be old.
// Open board_example.html?token=TOKEN where the room serves it, or a copy of both files on a disk, with &room=http://HOST:PORT.
// Also in the address: sku (without one, the item on air) and session (without one, whichever is current).
const asked = new URLSearchParams(location.search);
const number = document.querySelector("output"), bar = document.querySelector("progress"), note = document.querySelector("span");
const SILENT_MS = 3000; // the room speaks at least once a second

let board = null; // the whole board, as we know it
let stale = true; // whether the numbers may be old
let retryMs = 250, silence = 0;

function show() {
  const item = board?.items[asked.get("sku") ?? board.on_air];
  number.value = item ? item.available : "–";
  bar.max = item?.opening || 1;
  bar.value = item?.available ?? 0;
  const old = stale || item?.stale === true;
  document.documentElement.dataset.stale = old;
  note.textContent = old ? "数据获取中 · getting data" : item?.title ?? "";
}

function receive(message) {
  if (message.type === "board") board = message;
  // A change has whole items and products, those that changed; every other field is there only when it changed, and then whole.
  if (message.type === "change") {
    const items = { ...board.items, ...message.items }, products = { ...board.products, ...message.products };
    board = { ...board, ...message, items, products };
  }
  if ("stale" in message) stale = message.stale; // in board and tick: whether the room does not reach its own store
  show();
}

function connect() {
  const url = new URL("/ws/board", asked.get("room") ?? location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("token", asked.get("token"));
  url.searchParams.set("session", asked.get("session") ?? "current");
  if (board) url.searchParams.set("since", board.seq); // only what changed after it; the whole board if that cannot be told
  const socket = new WebSocket(url);
  const drop = () => { // at once: where the network swallows everything, the close event comes a minute later
    clearTimeout(silence);
    socket.onmessage = socket.onclose = null, socket.close();
    stale = true;
    show();
    setTimeout(connect, retryMs);
    retryMs = Math.min(4000, retryMs * 2);
  };
  const listen = () => {
    clearTimeout(silence), silence = setTimeout(drop, SILENT_MS);
  };
  listen();
  socket.onmessage = ({ data }) => {
    listen();
    retryMs = 250;
    receive(JSON.parse(data));
  };
  socket.onclose = drop;
}

connect();
