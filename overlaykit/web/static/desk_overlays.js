// The overlays of the room on the desk: which are open, how each does, and which were closed just now.

const EVERY = 2000;
const JUST_NOW = 3; // seconds: a page speaks once a second, and is asked about every other
const NEEDS_A_LOOK = ["closed", "error", "late", "behind"];

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function named(overlay, say) {
  const link = overlay.link === null ? null : `${say.link} ${overlay.link}`;
  const asked = [overlay.sku, link, overlay.product, overlay.channel, overlay.region];
  return [overlay.layout, ...asked.filter((each) => each !== null)].join(" · ");
}

function told(overlay, say) {
  if (overlay.state === "behind" && overlay.behind) return fill(say.overlay_behind, { entries: overlay.behind });
  if (overlay.state === "behind") return fill(say.overlay_slow, { seconds: (overlay.lag_ms / 1000).toFixed(1) });
  return say[`overlay_${overlay.state}`];
}

function ago(seconds, say) {
  if (seconds < JUST_NOW) return say.overlay_now;
  if (seconds < 60) return fill(say.overlay_seconds, { n: Math.round(seconds) });
  return fill(say.overlay_minutes, { n: Math.floor(seconds / 60) });
}

function card(overlay, now, say) {
  const made = document.createElement("li");
  made.dataset.state = overlay.state;
  made.dataset.page = overlay.page;
  const heard = (Date.parse(now) - Date.parse(overlay.heard_at)) / 1000;
  made.append(element("b", "name", named(overlay, say)), element("small", "size", `${overlay.width}×${overlay.height}`));
  made.append(element("span", "told", told(overlay, say)), element("small", "heard", ago(heard, say)));
  if (overlay.state === "error") made.append(element("p", "error", overlay.error));
  return made;
}

// What did not change stays as it is: it may be selected, or read aloud.
function replaceChanged(parent, wanted) {
  wanted.forEach((each, place) => {
    const there = parent.childNodes[place];
    if (!there) parent.append(each);
    else if (!there.isEqualNode(each)) there.replaceWith(each);
  });
  while (parent.childNodes.length > wanted.length) parent.lastChild.remove();
}

/** Keeps `section` true to the overlays of `session`, from now on. `say`: the desk's words, by key. */
export function watchOverlays(section, session, say) {
  const [list, summary] = [section.querySelector("ul"), section.querySelector(".summary")];

  function show({ overlays, server_time: now }) {
    const open = overlays.filter((each) => each.state !== "closed").length;
    const look = overlays.filter((each) => NEEDS_A_LOOK.includes(each.state)).length;
    const counts = [element("span", "open", overlays.length ? fill(say.overlays_open, { open }) : say.overlays_none)];
    if (look) counts.push(element("strong", "look", fill(say.overlays_look, { look })));
    replaceChanged(summary, counts);
    replaceChanged(list, overlays.map((each) => card(each, now, say)));
  }

  async function look() {
    try {
      const answer = await fetch(`/api/v1/sessions/${encodeURIComponent(session)}/overlays`);
      section.dataset.known = answer.ok;
      if (answer.ok) show(await answer.json());
    } catch {
      section.dataset.known = false;
    }
    setTimeout(look, EVERY);
  }
  look();
}
