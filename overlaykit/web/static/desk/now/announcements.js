// The announcements that stand on the overlays.

import { element, keepChildren, write } from "../dom.js";

/** Keeps `list` true to them. */
export function announcementsNow(list, { room }) {
  return {
    show(changes) {
      if (!changes.announcements && !changes.all) return;
      keepChildren(list, room.announcements, {
        key: ({ id }) => id,
        make: () => element("li"),
        update: (line, { text, level }) => {
          line.dataset.level = level;
          write(line, text);
        },
      });
    },
  };
}
