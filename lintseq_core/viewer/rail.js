/* The overview rail beside the code: where in the whole state the new lines stand. */

import { element } from "./elements.js";

const MAX_MARKS = 300; // more runs of new lines than pixels to mark them

export function createRail(dom, scrollTo) {
  const window_ = element("b", "");
  let total = 1; // height of the code in pixels

  dom.rail.addEventListener("pointerdown", (event) => {
    const box = dom.rail.getBoundingClientRect();
    const move = (at) => scrollTo(((at.clientY - box.top) / box.height) * total - dom.code.clientHeight / 2);
    const end = () => dom.rail.removeEventListener("pointermove", move);
    dom.rail.setPointerCapture(event.pointerId);
    dom.rail.addEventListener("pointermove", move);
    dom.rail.addEventListener("pointerup", end, { once: true });
    move(event);
  });

  return {
    /** Marks the new lines, `tops` pixels from the top, in a state of `n_rows` rows. */
    show(tops, size, n_rows) {
      total = Math.max(1, 2 * size.padding + n_rows * size.row);
      dom.rail.hidden = total <= size.height;
      if (dom.rail.hidden) return dom.rail.replaceChildren();
      const marks = [];
      for (let i = 0; i < tops.length && marks.length < MAX_MARKS; i++) {
        const first = i;
        while (i + 1 < tops.length && tops[i + 1] - tops[i] < size.row * 1.5) i++;
        const mark = element("i", "");
        mark.style.top = `${(100 * tops[first]) / total}%`;
        mark.style.height = `max(3px, ${(100 * (tops[i] - tops[first] + size.row)) / total}%)`;
        marks.push(mark);
      }
      dom.rail.replaceChildren(window_, ...marks);
    },
    moveWindow(from, size) {
      if (dom.rail.hidden) return;
      window_.style.top = `${(100 * from) / total}%`;
      window_.style.height = `${(100 * size.height) / total}%`;
    },
  };
}
