// What a phone shows after it has opened a button's address. That address presses whenever it is loaded, also when a browser opens its
// tabs again; so the page gives itself another one, which presses nothing, and keeps the token behind the #, which is sent to nobody.

const PATIENCE = 15_000; // milliseconds: a network that swallows everything would keep the button waiting for ever

const byId = (id) => document.getElementById(id);
const [main, again] = [document.querySelector("main"), byId("again")];

const asked = new URLSearchParams(location.pathname === "/press" ? location.search : location.hash.slice(1));
if (location.pathname === "/press" && asked.has("token")) history.replaceState(null, "", `/press/again${langOf(asked)}#${asked}`);

function langOf(query) {
  return query.has("lang") ? `?${new URLSearchParams({ lang: query.get("lang") })}` : "";
}

function tell(state, text, detail = "") {
  byId("state").dataset.state = state;
  byId("state").textContent = text;
  byId("detail").textContent = detail;
}

async function press() {
  again.disabled = true;
  tell("wait", main.dataset.wait);
  const query = new URLSearchParams(asked);
  query.delete("token");
  query.set("lang", document.documentElement.lang);
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), PATIENCE);
  try {
    const headers = { Authorization: `Bearer ${asked.get("token")}`, Accept: "application/json" };
    const answer = await fetch(`/press?${query}`, { method: "POST", headers, signal: waiting.signal });
    const said = await answer.json();
    if (answer.ok) {
      byId("title").textContent = document.title = said.title;
      tell("done", main.dataset[said.status]);
    } else if (answer.status === 409) {
      tell("failed", said.detail);
    } else {
      tell("failed", main.dataset.refused, [401, 403].includes(answer.status) ? main.dataset.unknown : said.detail);
    }
  } catch {
    tell("failed", main.dataset.failed);
  }
  clearTimeout(timer);
  again.disabled = false;
}

if (asked.has("token")) {
  again.hidden = false;
  again.addEventListener("click", press);
} else {
  tell("failed", main.dataset.refused, main.dataset.lost);
}
