// Text as large as its box lets it be.

const LEAST = 20; // px
const MOST_OF_HEIGHT = 0.26; // of the box: a single word would else be a poster
const WORTH = 0.6; // of the largest size, so that lines may end where a phrase does

/** Keeps `text` as large as fits the element around it. Gives the function that looks again, after the text has changed. */
export function keepFitting(text) {
  const box = text.parentElement;

  function fits(size) {
    text.style.fontSize = `${size}px`;
    return text.scrollHeight <= box.clientHeight && text.scrollWidth <= box.clientWidth;
  }

  /** The largest size that fits, with phrases kept whole or not; 0: none. */
  function largest(whole) {
    text.classList.toggle("whole", whole);
    let [least, most] = [LEAST - 1, Math.max(LEAST, Math.floor(box.clientHeight * MOST_OF_HEIGHT))];
    while (least < most) {
      const size = Math.ceil((least + most) / 2);
      if (fits(size)) least = size;
      else most = size - 1;
    }
    return least < LEAST ? 0 : least;
  }

  function fit() {
    const [broken, whole] = [largest(false), largest(true)];
    const keep = whole >= broken * WORTH && whole > 0;
    text.classList.toggle("whole", keep);
    fits(keep ? whole : broken || LEAST);
  }

  new ResizeObserver(fit).observe(box);
  return fit;
}
