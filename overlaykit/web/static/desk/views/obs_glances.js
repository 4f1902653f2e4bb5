// What every OBS looks like: pictures of program and preview, its scenes to switch to, its texts. Asked for only while they are looked at.

import { element, fill, keepChildren, write } from "../dom.js";
import { onPress } from "../press.js";

const EVERY = 1500;
const OLD = 10000; // a picture that was not renewed for so long is no picture of now
const SIDES = ["program", "preview"];

/** `place(name)`: the part of its card; `controls(name)` when its state is another one; `tick()` while the view is open. */
export function glancesOf({ words: say, session, may, send, ask, clock, room, plan }) {
  const places = new Map();
  const last = new Map();
  const shownBy = new WeakMap(); // figure → the number of the look by which it is what it is
  let lookedAt = 0;
  let looks = 0;
  let asking = false;

  function place(name) {
    const part = element("div", "glance");
    const pictures = element("div", "pictures");
    for (const side of SIDES) {
      const figure = element("figure", side);
      const picture = element("img");
      picture.alt = "";
      figure.append(picture, element("figcaption"));
      figure.hidden = true;
      pictures.append(figure);
    }
    const scenes = element("div", "scenes");
    scenes.setAttribute("role", "group");
    scenes.setAttribute("aria-label", say.obs_scenes);
    const scenesOf = element("small", "scenes-of");
    const texts = element("details", "texts");
    texts.append(element("summary", "", say.obs_texts), element("dl"));
    const alarm = element("p", "alarm");
    alarm.setAttribute("role", "alert");
    const take = element("button", "take yes");
    take.type = "button";
    take.hidden = true;
    // The scene is named: what the button says goes on air, though somebody puts another one into preview at this moment.
    onPress(take, alarm, () => send({ type: "obs.do", obs: name, request: "SetCurrentProgramScene", data: { sceneName: take.dataset.scene } }));
    part.append(pictures, take, scenesOf, scenes, texts, alarm);
    places.set(name, part);
    show(name, null);
    return part;
  }

  /** A picture that is there only after a later look has shown its own is none any more. */
  async function paint(name, side, figure, scene, at) {
    const look = looks;
    const picture = new Image();
    picture.src = `/desk/obs/${encodeURIComponent(name)}/${side}.jpg?${new URLSearchParams({ session, at })}`;
    try {
      await picture.decode();
    } catch {
      return; // it is gone already: the next one comes
    }
    if (look < (shownBy.get(figure) ?? 0)) return;
    shownBy.set(figure, look);
    const label = `${say[`obs_side_${side}`]} · ${scene}`;
    picture.alt = label;
    figure.querySelector("img").replaceWith(picture);
    write(figure.querySelector("figcaption"), label);
    figure.hidden = false;
  }

  function show(name, glance) {
    const part = places.get(name);
    last.set(name, glance);
    for (const side of SIDES) {
      const figure = part.querySelector(`.${side}`);
      const scene = glance?.[side] ?? null;
      if (scene !== null) {
        paint(name, side, figure, scene, glance.at_ms);
        continue;
      }
      shownBy.set(figure, looks);
      figure.hidden = true;
    }
    controls(name);
    const texts = Object.entries(glance?.texts ?? {});
    part.querySelector(".texts").hidden = texts.length === 0;
    keepChildren(part.querySelector(".texts dl"), texts, {
      key: ([source]) => source,
      make: ([source]) => {
        const pair = element("div");
        pair.append(element("dt", "", source), element("dd"));
        return pair;
      },
      update: (pair, [, text]) => write(pair.querySelector("dd"), text || "—"),
    });
  }

  /** What can be pressed: as OBS says it is now, whenever the pictures are from. */
  function controls(name) {
    const [part, state] = [places.get(name), room.direction?.obs[name]];
    if (!part) return;
    const scenes = may && state?.connected ? last.get(name)?.scenes ?? [] : [];
    const { scene: program, preview } = state ?? {};
    const take = part.querySelector(".take");
    take.hidden = !may || !state?.connected || !state.studio_mode || !preview || preview === program;
    if (!take.hidden && !take.dataset.busy) {
      take.dataset.scene = preview;
      write(take, fill(say.obs_take, { scene: preview }));
    }
    const scenesLabel = state?.studio_mode ? say.obs_scenes_preview : say.obs_scenes;
    part.querySelector(".scenes").setAttribute("aria-label", scenesLabel);
    write(part.querySelector(".scenes-of"), scenes.length ? scenesLabel : "");
    const request = state?.studio_mode ? "SetCurrentPreviewScene" : "SetCurrentProgramScene";
    keepChildren(part.querySelector(".scenes"), scenes.map((scene) => ({ scene, request })), {
      key: ({ scene, request: how }) => `${how} ${scene}`,
      make: ({ scene, request: how }) => {
        const button = element("button", "scene", scene);
        button.type = "button";
        onPress(button, part.querySelector(".alarm"), () => send({ type: "obs.do", obs: name, request: how, data: { sceneName: scene } }));
        return button;
      },
      update: (button, { scene }) => {
        if (program === scene) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
        button.dataset.next = String(Boolean(state.studio_mode) && preview === scene);
      },
    });
  }

  async function look() {
    asking = true;
    const { body } = await ask("/desk/obs.json");
    asking = false;
    if (!body) return;
    const { obs } = body;
    looks += 1;
    for (const { name } of plan.obs) {
      const glance = obs[name] && clock.now() - obs[name].at_ms < OLD ? obs[name] : null;
      if (places.has(name)) show(name, glance);
    }
  }

  return {
    place,
    controls,
    tick() {
      if (asking || Date.now() - lookedAt < EVERY) return;
      lookedAt = Date.now();
      look();
    },
  };
}
