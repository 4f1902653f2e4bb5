// Text as large as its box lets it be.

const LEAST = 20; // px
const MOST_OF_HEIGHT = 0.5; // of the box: a single word would else be a poster

/** Keeps `text` as large as fits the element around it. Gives the function that looks again, after the text has changed. */
export function keepFitting(text) {
  const box = text.parentElement;

  function fits(size) {
    text.style.fontSize = `${size}px`;
    return text.scrollHeight <= box.clientHeight && text.scrollWidth <= box.clientWidth;
  }

  function fit() {
    let [least, most] = [LEAST, Math.max(LEAST, Math.floor(box.clientHeight * MOST_OF_HEIGHT))];
    while (least < most) {
      const size = Math.ceil((least + most) / 2);
      if (fits(size)) least = size;
      else most = size - 1;
    }
    fits(least);
  }

  new ResizeObserver(fit).observe(box);
  return fit;
}
