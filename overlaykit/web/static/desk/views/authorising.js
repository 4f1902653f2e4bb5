// The owner of a shop lets the platform's app act for it, anew when that ended: a link is made when it is asked for.

import { element, fill, write } from "../dom.js";
import { onPress, request } from "../press.js";

/** `place()`: an app's part of the page; `update(line, app)` with the app of a line, null for one without. */
export function authorisingOf({ words: say, session, lang }) {
  function place() {
    const details = element("details", "authorise");
    const [button, alarm, link, help] = [element("button", "", say.authorise_ask), element("p", "alarm"), element("a", "button", say.authorise_open), element("p", "help")];
    button.type = "button";
    alarm.setAttribute("role", "alert");
    Object.assign(link, { target: "_blank", rel: "noopener noreferrer", hidden: true });
    onPress(button, alarm, async () => {
      const path = `/desk/authorise/${encodeURIComponent(details.dataset.app)}?${new URLSearchParams({ session, lang })}`;
      const answer = await request("POST", path, {}, say);
      const url = answer.ok ? answer.outcome.url : "";
      link.hidden = !/^https?:/.test(url);
      link.href = link.hidden ? "" : url;
      write(help, answer.ok ? fill(say.authorise_help, answer.outcome) : "");
      return answer;
    });
    details.append(element("summary", "", say.authorise), button, link, help, alarm);
    return details;
  }

  function update(line, app) {
    const details = line.querySelector(".authorise");
    details.hidden = !app?.authorises;
    details.dataset.app = app?.name ?? "";
  }

  return { place, update };
}
