/* The two directions a sequence is told in. Writing: lines come, an edit a step. Taking apart: the
 * same states from the last to the first, the lines of an edit struck round by round before they
 * go, as the algorithm deleted them. */

import { DIRECTIONS } from "./frame.js";
import { count } from "./words.js";

const [WRITING, APART] = DIRECTIONS;

/** `player`: payload(), groups(), start(), step(), show(step, n_struck). */
export function createDirection(dom, player, first) {
  let now = DIRECTIONS.includes(first) ? first : WRITING;
  let struck = 0; // rounds of the step's edit whose lines are struck
  let whole = true; // all at once, as where a step was asked for

  /** The rounds of the edit that leads to `step`, in their order; one for a file without reasons. */
  function roundsOf(step) {
    const { xray } = player.payload();
    const lines = step ? player.groups()[step - 1] : [];
    return [...new Set(lines.map((line) => xray?.rounds[line] ?? 0))].sort((a, b) => a - b);
  }

  /** Lines of the step's edit that came in writing, or are struck so far; or the latest of these. */
  function lines(latest = false) {
    const step = player.step();
    const all = step ? player.groups()[step - 1] : [];
    if (step === player.start()) return []; // what is never drawn stands there
    if (now === WRITING) return all;
    const rounds = roundsOf(step).slice(latest && !whole ? struck - 1 : 0, struck);
    return all.filter((line) => rounds.includes(player.payload().xray?.rounds[line] ?? 0));
  }

  /** One step on, or back: `by` is 1 or -1. */
  function move(by) {
    const step = player.step();
    if (now === WRITING) player.show(step + by);
    else if (by > 0 && struck < roundsOf(step).length) player.show(step, struck + 1);
    else if (by > 0) player.show(step - 1, 1);
    else if (struck > 1) player.show(step, struck - 1);
    else player.show(step + 1);
  }

  /** The beginning (-1) or the end (1) of what is told. */
  function toEnd(end) {
    const { n_edits } = player.payload();
    if (now === WRITING) player.show(end > 0 ? n_edits : player.start());
    else player.show(end > 0 ? player.start() : n_edits, 1);
  }

  function isAtEnd(end) {
    const { n_edits } = player.payload();
    const step = player.step();
    if (now === WRITING) return step === (end > 0 ? n_edits : player.start());
    return end > 0 ? step === player.start() : step === n_edits && struck <= 1;
  }

  /** "Edit 5 of 9 goes, 1 of 2: line 3 is drawn": what goes last, and how much of the edit that is. */
  function words() {
    const step = player.step();
    const { n_edits } = player.payload();
    if (!step) return "Nothing is left";
    if (step === player.start()) return `${count(player.groups()[0].length, "line")} left, which no draw takes`;
    const parts = roundsOf(step).length;
    const part = parts > 1 && !whole ? `, ${struck} of ${parts}` : "";
    return `Edit ${step} of ${n_edits} goes${part}: ${goingWords(step)}`;
  }

  function goingWords(step) {
    const { kinds, rounds } = player.payload().xray;
    const going = lines(true);
    const drawn = going.filter((line) => kinds[line] === 0);
    const round = rounds[going[0]];
    if (whole && roundsOf(step).length > 1) return `${count(going.length, "line")} go`;
    if (round) return `round ${round}, the linter names ${count(going.filter((line) => kinds[line] === 1).length, "line")}`;
    if (!drawn.length) return `${count(going.length, "line")} ${going.length === 1 ? "goes" : "go"}`;
    if (drawn.length > 1) return `${count(drawn.length, "line")} are drawn`;
    const others = going.length - 1;
    const with_ = others ? `, and ${count(others, "line")} ${others === 1 ? "goes" : "go"} with it` : "";
    return `line ${drawn[0] + 1} is drawn${with_}`;
  }

  return {
    get apart() {
      return now === APART;
    },
    get name() {
      return now;
    },
    get struck() {
      return struck;
    },
    lines, move, toEnd, isAtEnd, words, roundsOf,
    /** `n` rounds of the edit of `step` are struck from now on: all without `n`. */
    strike(step, n = Infinity) {
      struck = Math.min(n, roundsOf(step).length);
      whole = n === Infinity;
    },
    set(next) {
      now = next;
    },
    show() {
      dom.root.dataset.direction = now;
      for (const choice of dom.directions) choice.setAttribute("aria-pressed", String(choice.value === now));
    },
  };
}
