// The live elements that `ui` writes, one a file. They draw in shadow DOM, so that a morph of the page leaves their inside
// alone, and keep what the server wrote as light DOM, so that the true value is always readable.
import "./elements/number.js";
import "./elements/bar.js";
import "./elements/ring.js";
import "./elements/units.js";
import "./elements/countdown.js";
import "./elements/moment.js";
import "./elements/heatmap.js";
import "./elements/ticker.js";
