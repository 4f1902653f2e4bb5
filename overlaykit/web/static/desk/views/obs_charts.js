// How a stream has fared, drawn: frames lost on the way, and how full the way and the processor are.

import uPlot from "../uplot/uPlot.esm.js";
import { element } from "../dom.js";

const HEIGHT = 120;
const LEAST_TOP = { lost: 5, load: 100 }; // per cent: a calm stream is a line at the bottom, not noise blown up
const CHARTS = {
  lost: [[1, "dropped_frames", "--red"], [2, "lagged_frames", "--yellow"]],
  load: [[3, "congestion", "--blue"], [4, "cpu", "--grey"]],
};

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const percent = (value) => (value === null || value === undefined ? "—" : `${value.toFixed(1)} %`);

function draw(place, kind, data, { words: say, clock }) {
  const axis = { stroke: colour("--grey"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
  const series = CHARTS[kind].map(([, name, paint]) => ({
    label: say[`obs_${name}`], stroke: colour(paint), width: 2, points: { show: false }, value: (_, value) => percent(value),
  }));
  return new uPlot({
    width: Math.max(160, place.clientWidth), height: HEIGHT, padding: [null, 32, null, null], cursor: { drag: { x: false, y: false } }, legend: { live: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => [0, Math.max(LEAST_TOP[kind], high ?? 0)] } },
    axes: [
      { ...axis, values: (_, seconds) => seconds.map((each) => clock.time(new Date(each * 1000).toISOString())), space: 90, size: 28 },
      { ...axis, values: (_, values) => values.map((each) => `${each} %`), size: 48 },
    ],
    series: [{ label: say.obs_time, value: (_, seconds) => (seconds === null ? "" : clock.time(new Date(seconds * 1000).toISOString())) }, ...series],
  }, data, place);
}

/** The charts of one OBS, to be put on its card; `show(data)` with what obs_history.js gives. */
export function chartsOf(desk) {
  const figure = element("div", "charts");
  const places = Object.fromEntries(Object.keys(CHARTS).map((kind) => [kind, element("figure", `chart ${kind}`)]));
  for (const [kind, place] of Object.entries(places)) {
    place.append(element("figcaption", "", desk.words[`obs_chart_${kind}`]));
    figure.append(place);
  }
  let drawn = {};
  let look = "";

  function show(data) {
    if (!figure.isConnected || !figure.clientWidth || data[0].length < 2) return;
    const now = `${document.documentElement.dataset.colours} ${figure.clientWidth}`;
    for (const [kind, place] of Object.entries(places)) {
      const own = [data[0], ...CHARTS[kind].map(([column]) => data[column])];
      if (look !== now) {
        drawn[kind]?.destroy();
        drawn[kind] = draw(place, kind, own, desk);
      } else {
        drawn[kind].setData(own);
      }
    }
    look = now;
  }
  return { figure, show };
}
