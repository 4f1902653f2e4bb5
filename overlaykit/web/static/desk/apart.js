// Parts of the page that do not fall together.

/** Does `draw`. A fault in it is reported, and keeps no other part from being true. */
export function apart(draw) {
  try {
    draw();
  } catch (error) {
    reportError(error);
  }
}
