// Text as large as its box lets it be; and what steps back where there is no room.

const LEAST = 20; // px, where it can be read at arm's length
const TINY = 10; // px of a line that would else be cut: half a line is said wrongly
const MOST_OF_HEIGHT = 0.26; // of the box: a single word would else be a poster
const WORTH = 0.45; // of the largest size, so that lines may end where a phrase does
const STEPS = 6; // in which the style sheet makes room

/** Keeps `text` as large as fits the element around it. Gives the function that looks again, after the text has changed. */
export function keepFitting(text) {
  const box = text.parentElement;

  function fits(size) {
    text.style.fontSize = `${size}px`;
    return text.scrollHeight <= box.clientHeight && text.scrollWidth <= box.clientWidth;
  }

  /** The largest size between two that fits, with phrases kept whole or not; 0: none. */
  function largest(whole, from, to) {
    text.classList.toggle("whole", whole);
    let [least, most] = [from - 1, Math.max(from, to)];
    while (least < most) {
      const size = Math.ceil((least + most) / 2);
      if (fits(size)) least = size;
      else most = size - 1;
    }
    return least < from ? 0 : least;
  }

  function fit() {
    const most = Math.floor(box.clientHeight * MOST_OF_HEIGHT);
    const [broken, whole] = [largest(false, LEAST, most), largest(true, LEAST, most)];
    const keep = whole >= broken * WORTH && whole > 0;
    const size = keep ? whole : broken || largest(false, TINY, LEAST) || TINY;
    text.classList.toggle("whole", keep);
    fits(size);
  }

  new ResizeObserver(fit).observe(box);
  return fit;
}

/** Keeps `text` no wider than its place: it is written smaller where a word of it would be cut. Gives the function that looks again. */
export function keepWidth(text) {
  function look() {
    text.style.fontSize = "";
    const wide = text.scrollWidth / text.clientWidth;
    if (wide > 1) text.style.fontSize = `${Math.floor(parseFloat(getComputedStyle(text).fontSize) / wide)}px`;
  }
  new ResizeObserver(look).observe(text.parentElement);
  return look;
}

/** Keeps what matters in `box`: while it is too full, `data-tight` gets longer: "", "1", "12" … Gives the function that looks again. */
export function keepRoom(box) {
  const full = () => box.scrollHeight > box.clientHeight + 1;
  function look() {
    box.dataset.tight = "";
    for (let step = 1; step <= STEPS && full(); step += 1) box.dataset.tight += step;
  }
  new ResizeObserver(look).observe(box);
  return look;
}
