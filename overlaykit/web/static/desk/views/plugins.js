// Plugins and themes: what each brings, and which is set aside, with the reason and what to do.

import { element, fill, keepChildren, write } from "../dom.js";
import { inLanguage } from "../language.js";

const EVERY = 15000;
const OWN = "overlaykit itself"; // where what comes with it says that it is from

/** Keeps `section` true to them, from now on. */
export function watchPlugins(section, { words: say, ask, lang }) {
  const list = section.querySelector("ul");
  const summary = section.querySelector(".summary");

  /** "theme classic": its kind in the page's language. */
  const broughtText = (thing) => thing.replace(/^\S+/, (kind) => say[`plugin_brings_${kind}`] ?? kind);

  function made() {
    const line = element("li");
    line.append(element("b", "name"), element("span", "told"), element("small", "provides"));
    line.append(element("p", "reason"), element("p", "remedy"), element("small", "where"));
    return line;
  }

  function update(line, plugin) {
    line.dataset.state = plugin.state === "active" && plugin.reason ? "complaining" : plugin.state;
    write(line.querySelector(".name"), plugin.name);
    write(line.querySelector(".told"), say[`plugin_${line.dataset.state}`] ?? plugin.state);
    write(line.querySelector(".provides"), plugin.provides.map(broughtText).join(say.plugin_comma));
    write(line.querySelector(".reason"), inLanguage(plugin.reason ?? "", lang));
    write(line.querySelector(".remedy"), inLanguage(plugin.remedy ?? "", lang));
    write(line.querySelector(".where"), plugin.where === OWN ? say.plugin_own : plugin.where);
  }

  async function look() {
    const { body: found, text } = await ask("/api/v1/plugins");
    if (found) {
      const { plugins } = found;
      const amiss = plugins.filter(({ reason }) => reason).length;
      section.dataset.amiss = amiss > 0;
      write(summary, amiss ? fill(say.plugin_amiss, { n: amiss }) : fill(say.plugin_count, { n: plugins.length }));
      plugins.sort((a, b) => Number(!a.reason) - Number(!b.reason));
      keepChildren(list, plugins, { key: ({ kind, name, where, state }) => `${kind} ${name} ${where} ${state}`, make: made, update });
    } else {
      write(summary, text);
    }
    setTimeout(look, EVERY);
  }
  look();
}
