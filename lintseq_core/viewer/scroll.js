/* Where lines stand in the code area, and what of it is in view. Positions are arithmetic: all rows
 * are equally high. */

import { createRail } from "./rail.js";
import { count } from "./words.js";

/** `player`: rows(), chunks(), lines() of the current edit and their noun(), shows(line), calm()
 * unless motion is unwanted. */
export function createScroll(dom, player) {
  const rail = createRail(dom, (top) => (dom.code.scrollTop = top));
  let lastStepAt = 0;
  let rowHeight = 1; // in pixels, as of the last step: measuring it anew would force a layout
  let shownTops = []; // of the current edit's lines, in rows

  /** Per line of `lines` (ascending) its top edge in the code area, in rows. */
  function ranks(lines) {
    const tops = [];
    let rank = 0;
    for (let line = 0, i = 0; i < lines.length; line++) {
      if (line === lines[i]) tops[i++] = rank;
      if (player.shows(line)) rank++;
    }
    return tops;
  }

  /** Line -> its top edge in rows, of any lines that are shown. */
  function ranksOf(lines) {
    const ordered = [...new Set(lines)].filter((line) => player.rows()[line]).sort((a, b) => a - b);
    const shown = ordered.filter(player.shows);
    const tops = ranks(shown);
    return new Map(shown.map((line, i) => [line, tops[i]]));
  }

  function measure() {
    const style = getComputedStyle(dom.code);
    return { row: parseFloat(style.lineHeight) || 1, padding: parseFloat(style.paddingTop) || 0, height: dom.code.clientHeight };
  }

  // Only the code area scrolls, never the page: scrollIntoView() would move both.
  function toNewLines() {
    const lines = player.lines();
    const size = measure();
    dom.panel.scrollTop = 0; // here the layout is fresh, so this costs nothing
    const tops = ranks(lines).map((rank) => size.padding + rank * size.row);
    const top = tops[0];
    const bottom = tops[tops.length - 1] + size.row;
    const from = dom.code.scrollTop;
    let target = from;
    if (lines.length && (top < from || bottom > from + size.height)) {
      const room = size.height - (bottom - top);
      target = Math.max(0, Math.round(room > 0 ? top - room / 2 : top - size.height / 6));
      const calm = player.calm() && performance.now() - lastStepAt > 400;
      dom.code.scrollTo({ top: target, behavior: calm ? "smooth" : "instant" });
    }
    lastStepAt = performance.now();
    shownTops = tops;
    rowHeight = size.row;
    rail.show(tops, size, player.chunks().reduce((sum, chunk) => sum + chunk.count, 0));
    showMore(tops, size, target);
  }

  // "2 new lines below": an edit can touch places too far apart to show at once.
  function showMore(tops, size = measure(), from = dom.code.scrollTop) {
    const all = tops ?? shownTops;
    rail.moveWindow(from, size);
    const above = all.filter((top) => top + size.row / 2 < from).length;
    const below = all.filter((top) => top + size.row / 2 > from + size.height).length;
    dom.above.hidden = !above;
    dom.below.hidden = !below;
    dom.above.textContent = `↑ ${count(above, player.noun())} above`;
    dom.below.textContent = `↓ ${count(below, player.noun())} below`;
  }

  function jump(direction) {
    const size = measure();
    const from = dom.code.scrollTop;
    const middles = ranks(player.lines()).map((rank) => size.padding + (rank + 0.5) * size.row);
    const target = direction > 0
      ? middles.find((middle) => middle > from + size.height)
      : middles.findLast((middle) => middle < from);
    if (target === undefined) return;
    dom.code.scrollTop = target - size.height / 3;
    dom.code.focus({ preventScroll: true }); // the button that was pressed may be gone now
  }

  function keepInView(line) {
    const size = measure();
    const top = size.padding + ranks([line])[0] * size.row;
    const from = dom.code.scrollTop;
    if (top - size.row < from) dom.code.scrollTop = top - size.row;
    else if (top + 2 * size.row > from + size.height) dom.code.scrollTop = top + 2 * size.row - size.height;
  }

  return {
    ranks, ranksOf, measure, toNewLines, showMore, jump, keepInView,
    get row() {
      return rowHeight;
    },
    /** Whether rows have another height than at the last step, which is noted. */
    hasNewRow() {
      const { row } = measure();
      const isNew = row !== rowHeight;
      rowHeight = row;
      return isNew;
    },
  };
}
