// How many alerts are open, where it is seen while another window covers the page: in the title of the tab, and on its icon.

import { fill } from "../../dom.js";

const SIZE = 32;

/** `mark(count, level)` writes it; 0: nothing is the matter. */
export function tabMark(say) {
  const icon = document.querySelector('link[rel="icon"]');
  const [title, plain] = [document.title, icon.href];
  let marked = "0";

  function picture(count, level) {
    const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
    const pen = canvas.getContext("2d");
    const colours = getComputedStyle(document.documentElement);
    pen.fillStyle = colours.getPropertyValue(level === "urgent" ? "--red-fill" : level === "warning" ? "--yellow-fill" : "--grey");
    pen.beginPath();
    pen.arc(SIZE / 2, SIZE / 2, SIZE / 2, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = colours.getPropertyValue("--on-fill");
    pen.font = `bold ${count > 9 ? 18 : 22}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(count > 99 ? "99" : String(count), SIZE / 2, SIZE / 2 + 2);
    return canvas.toDataURL();
  }

  return function mark(count, level) {
    const wanted = count ? `${count} ${level}` : "0";
    if (wanted === marked) return;
    marked = wanted;
    document.title = count ? fill(say.alerts_tab, { n: count, title }) : title;
    icon.href = count ? picture(count, level) : plain;
  };
}
