// The page of buttons: what can be made into one, those that there are, and the address of a new one, which is shown once.

import { askerOf } from "/static/desk/asking.js";
import { element, fill, keepChildren, write } from "/static/desk/dom.js";
import { coloursSwitch } from "/static/desk/colours.js";
import { copiesOnClick, onPress, onPressTwice, request } from "/static/desk/press.js";
import { onlyWhatIsMeant } from "/static/desk/steady.js";

const given = JSON.parse(document.getElementById("buttons-data").textContent);
const { words: say } = given;
const byId = (id) => document.getElementById(id);
const ask = askerOf(given, say);
const query = `?${new URLSearchParams({ session: given.session, lang: given.lang })}`;
const OPEN_AT_FIRST = 20; // a group with more offers begins closed, but for the items on air
const opens = ({ key, count }) => key === "on_air" || count <= OPEN_AT_FIRST;
const AGAIN = 3000;

let typed = ""; // what is searched
let { groups } = given.answer;

const times = new Intl.DateTimeFormat(given.lang, {
  timeZone: given.timezone,
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

// ------------------------------------------------------------------------------------------- what can be made into one

function madeOffer(offer) {
  const line = element("li", "offer");
  const name = element("span", "name", offer.title);
  if (offer.dangerous) name.append(" ", element("b", "mark", say.buttons_dangerous));
  const button = element("button", offer.dangerous ? "danger" : "", say.buttons_make);
  button.type = "button";
  button.setAttribute("aria-label", `${say.buttons_make}: ${offer.title}`);
  if (offer.dangerous) onPressTwice(button, byId("make-alarm"), say.buttons_sure, () => make(offer));
  else onPress(button, byId("make-alarm"), () => make(offer));
  line.append(name, button);
  return line;
}

function madeGroup(group) {
  const details = element("details", "group");
  details.dataset.group = group.key;
  const summary = element("summary");
  summary.append(element("span", "what", group.title), element("span", "count"));
  const more = element("button", "more");
  more.type = "button";
  onPress(more, byId("make-alarm"), () => showMore(details, more));
  details.append(summary, element("ul"), more);
  details.open = opens(group);
  return details;
}

function updateGroup(details, group) {
  write(details.querySelector(".count"), group.count.toLocaleString(given.lang));
  keepChildren(details.querySelector("ul"), group.offers, { key: (offer) => JSON.stringify(offer.action), make: madeOffer, update() {} });
  const left = group.count - group.offers.length;
  write(details.querySelector(".more"), fill(say.buttons_more, { n: left.toLocaleString(given.lang) }));
  details.querySelector(".more").hidden = left === 0;
}

/** The group `key` from its offer number `from` on, for what is searched now. */
const asked = (values) => ask("/desk/buttons.json", { only: "offers", q: typed, ...values });

async function showMore(details, more) {
  const [group, searched] = [groups.find(({ key }) => key === details.dataset.group), typed];
  const { body, text } = await asked({ group: group.key, from: group.offers.length });
  if (searched !== typed || !groups.includes(group)) return { ok: true, text: "" };
  if (!body) return { ok: false, text };
  const [next] = body.groups;
  const fresh = details.querySelector("ul").children.length;
  Object.assign(group, { count: next?.count ?? group.offers.length, offers: [...group.offers, ...(next?.offers ?? [])] });
  updateGroup(details, group);
  if (document.activeElement === more || more.hidden) details.querySelectorAll(".offer button")[fresh]?.focus();
  return { ok: true, text: "" };
}

function showOffers() {
  keepChildren(byId("groups"), groups, { key: ({ key }) => key, make: madeGroup, update: updateGroup });
  byId("nothing").hidden = groups.length > 0;
}

async function search() {
  const wanted = byId("search").value.trim();
  if (wanted === typed) return;
  typed = wanted;
  const { body, text } = wanted === "" ? { body: given.answer } : await asked({});
  if (wanted !== typed) return; // more was typed meanwhile
  write(byId("make-alarm"), body ? "" : text);
  if (!body) return;
  groups = body.groups;
  showOffers();
  for (const group of groups) byId("groups").querySelector(`[data-group="${group.key}"]`).open = wanted !== "" || opens(group);
}

async function make(offer) {
  const answer = await request("POST", `/desk/buttons${query}`, { action: offer.action }, say);
  if (answer.ok) {
    showMade(answer.outcome);
    look();
  }
  return answer;
}

// ------------------------------------------------------------------------------------------------ the new one, shown once

const isLocal = (url) => ["localhost", "[::1]"].includes(new URL(url).hostname) || new URL(url).hostname.startsWith("127.");

function madeAddress({ url, qr }) {
  const line = element("li");
  const code = element("code", "url", url);
  if (isLocal(url)) line.append(element("strong", "where", say.buttons_this_computer));
  else line.append(element("strong", "where", say.buttons_any_device));
  code.tabIndex = 0;
  line.append(code, copiesOnClick(element("button", "copy yes", say.copy), say, () => url));
  if (isLocal(url)) return line; // a phone that scans it would look for the room in itself
  const picture = element("img", "qr");
  Object.assign(picture, { src: qr, alt: say.buttons_qr });
  line.prepend(picture);
  line.className = "with-qr";
  return line;
}

function showMade(made) {
  const dialog = byId("made");
  write(byId("made-title"), `${say.buttons_made}: ${made.title}`);
  dialog.querySelector(".addresses").replaceChildren(...made.addresses.map(madeAddress));
  dialog.querySelector(".danger-note").hidden = !made.dangerous;
  dialog.querySelector(".local").hidden = !made.addresses.every(({ url }) => isLocal(url));
  dialog.showModal();
}

byId("made").addEventListener("close", () => byId("made").querySelector(".addresses").replaceChildren());

// ------------------------------------------------------------------------------------------------------ those that exist

function madeButton(button) {
  const line = element("li", "button-line");
  line.append(element("span", "does"), element("code", "name", button.name), element("span", "when"), element("p", "unknown error"));
  const revoke = element("button", "danger", say.buttons_revoke);
  revoke.type = "button";
  revoke.setAttribute("aria-label", `${say.buttons_revoke}: ${button.name}`);
  onPressTwice(revoke, byId("revoke-alarm"), say.buttons_revoke_sure, async () => {
    const answer = await request("DELETE", `/desk/buttons${query}&${new URLSearchParams({ name: button.name })}`, {}, say);
    look();
    return answer;
  });
  line.append(revoke);
  return line;
}

function updateButton(line, button) {
  write(line.querySelector(".does"), button.title);
  line.dataset.dangerous = button.dangerous;
  const used = button.used_at ? times.format(new Date(button.used_at)) : say.buttons_never;
  write(line.querySelector(".when"), `${say.buttons_used} ${used}`);
  line.querySelector(".when").title = `${say.buttons_created} ${times.format(new Date(button.created_at))}`;
  write(line.querySelector(".unknown"), button.unknown ?? "");
  line.querySelector(".unknown").hidden = !button.unknown;
}

function showButtons() {
  keepChildren(byId("existing"), given.answer.buttons, { key: ({ name }) => name, make: madeButton, update: updateButton });
  byId("none").hidden = given.answer.buttons.length > 0;
}

async function look() {
  const { body } = await ask("/desk/buttons.json", { only: "buttons" });
  if (!body) return;
  given.answer.buttons = body.buttons;
  showButtons();
}

onlyWhatIsMeant(document);
coloursSwitch(byId("colours"), say);
byId("search").addEventListener("input", search);
showOffers();
showButtons();
setInterval(look, AGAIN);
