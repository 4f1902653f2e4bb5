// The page of buttons: what can be made into one, those that there are, and the address of a new one, which is shown once.

import { element, keepChildren, write } from "/static/desk/dom.js";
import { answerAt, copiesOnClick, onPress, onPressTwice, request } from "/static/desk/press.js";
import { themeSwitch } from "/static/desk/theme.js";

const given = JSON.parse(document.getElementById("buttons-data").textContent);
const { words: say } = given;
const byId = (id) => document.getElementById(id);
const query = `?${new URLSearchParams({ session: given.session, lang: given.lang })}`;
const OPEN_AT_FIRST = 20; // a group with more offers begins closed
const AGAIN = 3000;

const times = new Intl.DateTimeFormat(given.lang, {
  timeZone: given.timezone,
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
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
  summary.append(element("span", "what", group.title), element("span", "count", String(group.offers.length)));
  const list = element("ul");
  details.append(summary, list);
  const wanted = byId("search").value.trim().toLowerCase();
  const found = group.offers.filter((offer) => offer.title.toLowerCase().includes(wanted));
  const fillIn = () => keepChildren(list, found, { key: (offer) => JSON.stringify(offer.action), make: madeOffer, update() {} });
  details.addEventListener("toggle", () => details.open && fillIn());
  details.hidden = found.length === 0;
  details.open = wanted !== "" || group.offers.length <= OPEN_AT_FIRST;
  write(summary.querySelector(".count"), found.length);
  return details;
}

function showOffers() {
  const groups = given.answer.groups.map(madeGroup);
  byId("groups").replaceChildren(...groups);
  byId("nothing").hidden = groups.some((each) => !each.hidden);
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
  const answer = await answerAt(`/desk/buttons.json${query}&only=buttons`);
  if (!answer) return;
  given.answer.buttons = answer.buttons;
  showButtons();
}

themeSwitch(byId("theme-switch"), say);
byId("search").addEventListener("input", showOffers);
showOffers();
showButtons();
setInterval(look, AGAIN);
