/* The player: draws any step of an edit sequence from the payload of payload.py.
 *
 *   const player = createPlayer(element, payload, { step, autoplay, theme, onStep });
 *   player.setStep(3); player.update(otherPayload); player.destroy();
 *
 * Options: step, autoplay, theme; view ("inline", "split" or "births"), direction ("writing" or
 * "apart"), xray and whatif (booleans); and what it calls, each of which may be left out:
 *   onStep(step, { playing })  for each step that keys, buttons or playing make, and once more
 *                              when playing stops; not for setStep and update;
 *   onLook({ view, direction, xray, whatif })  when the reader changes how the code is looked at;
 *   onSample(+1 or -1)         for the keys n and p;
 *   onWhatIf(step)             when the closures of a state are wanted that the payload lacks:
 *                              answer with player.addWhatIf(payload id, step, state);
 *   onBranch(step, line)       when the reader lets `line` go from the state after `step`.
 *
 * Rows are built once per payload; a step only changes the state of the rows that come or go.
 * All rows are equally high, so that positions are arithmetic: reading them from the page would
 * force a layout of thousands of rows.
 * Program text reaches the page through text nodes alone. Nothing is fetched, nothing is global.
 */

import { KINDS } from "./arrows.js";
import { buildBars } from "./bars.js";
import { createDirection } from "./direction.js";
import { CHUNK, buildChunks, buildRow, element, widest } from "./elements.js";
import { VIEWS, buildFrame, setUsable } from "./frame.js";
import { mostTold, stateWords, toldStep, toldTests } from "./generation.js";
import { bindInput } from "./input.js";
import { createLenses } from "./lenses.js";
import { createPlaying } from "./playing.js";
import { createScroll } from "./scroll.js";
import { brokenWords, introduction, provenance, sentence, stepWords, toldRounds, withCode } from "./words.js";

export const PAYLOAD_VERSIONS = [3, 4];

const GOING_MS = 450; // how long lines taken away by a step back stay, struck, before they go
const MANY_ROWS = 300; // from here on, chunks out of view are not laid out

export function createPlayer(root, firstPayload, options = {}) {
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dom = buildFrame(options);
  let payload = null;
  let rows = []; // one element per line of the final program
  let states = []; // of the rows: "absent", "old", "new" or "going"
  let chunks = []; // their parents, CHUNK rows each
  let groups = []; // per edit the indices of the lines it inserts
  let step = 0;
  let start = 0; // 1 where the first edit is all that is never drawn: it stands there from the start
  let going = []; // lines that a step back is taking away
  let goingTimer = 0;
  let pinned = -1; // the line whose reason stays in the panel
  let observer = null;
  let view = VIEWS.includes(options.view) ? options.view : "inline";
  let before = []; // rows of the state before the edit, built when first looked at
  const direction = createDirection(dom, {
    payload: () => payload, groups: () => groups, start: () => start, step: () => step, show: (target, struck) => showStep(target, { struck }),
  }, options.direction);
  const scroll = createScroll(dom, {
    rows: () => rows, chunks: () => chunks, lines: () => direction.lines(true), calm: () => !reducedMotion.matches,
    shows: (line) => view === "births" || states[line] !== "absent",
    noun: () => (direction.apart ? "line that goes" : "new line"),
  });
  const playing = createPlaying(dom, {
    direction, isEmpty: () => !payload.n_edits,
    stopped: () => options.onStep?.(step, { playing: playing.now }),
  });
  const lenses = createLenses(dom, {
    options, rows: () => rows, ranks: scroll.ranksOf, step: () => step, payload: () => payload,
    lines: () => direction.lines(), phrase: phraseOf, apart: () => direction.apart, pinned: () => pinned, row: () => scroll.row,
  });

  // ---------------------------------------------------------------- a payload
  function load(next, atStep) {
    playing.stop();
    settle();
    if (next.format !== "lintseq-player" || !PAYLOAD_VERSIONS.includes(next.version)) {
      throw new Error(
        `player: payload ${next.format} version ${next.version}, this player reads ` +
          `lintseq-player versions ${PAYLOAD_VERSIONS.join(" and ")}`,
      );
    }
    payload = next;
    groups = Array.from({ length: payload.n_edits }, () => []);
    payload.births.forEach((edit, line) => groups[edit].push(line));
    start = payload.n_edits > 1 && groups[0].length && groups[0].every((line) => KINDS[payload.xray?.kinds[line]] === "leftover") ? 1 : 0;
    rows = payload.lines.map((text, line) => buildRow(payload, text, line));
    states = rows.map(() => "absent");
    chunks = buildChunks(rows);
    dom.rows.replaceChildren(dom.arrows, ...chunks);
    before = [];
    dom.beforeRows.replaceChildren();
    rows.forEach((row, line) => row.style.setProperty("--lsp-heat", `${Math.round((100 * (payload.births[line] + 1)) / payload.n_edits)}%`));
    dom.root.classList.toggle("lsp-many", rows.length > MANY_ROWS);
    dom.view.style.setProperty("--lsp-digits", String(rows.length).length);
    dom.view.style.setProperty("--lsp-columns", widest(payload.lines));
    dom.root.style.setProperty("--lsp-lines", rows.length);
    dom.root.setAttribute("aria-label", `Edit sequence player: ${payload.title}`);
    dom.title.textContent = payload.title;
    dom.meta.textContent = provenance(payload.meta);
    dom.range.min = start;
    dom.range.max = payload.n_edits;
    buildBars(dom.bars, groups, payload, start);
    dom.root.classList.toggle("lsp-generated", Boolean(payload.generation));
    if (payload.generation) direction.set("writing"); // what a model wrote was never taken apart
    direction.show();
    dom.root.style.setProperty("--lsp-told", mostTold(payload));
    if (dom.others) dom.others.textContent = `next, previous ${payload.generation ? "sample" : "sequence"}`;
    dom.code.scrollTop = 0;
    pinned = -1;
    step = 0;
    lenses.clear();
    showView();
    showStep(atStep, { quiet: true, first: true });
  }

  // ---------------------------------------------------------------- a step
  function showStep(wanted, { quiet = false, first = false, struck } = {}) {
    const target = Math.min(Math.max(Math.trunc(Number(wanted)) || 0, start), payload.n_edits);
    if (target === step && !first && struck === undefined) return;
    settle();
    const before = step;
    step = target;
    direction.strike(step, struck);
    const goesBack = !direction.apart && !first && !quiet && view === "inline" && target === before - 1 && !reducedMotion.matches;
    for (let e = Math.max(Math.min(before, target) - 1, 0); e < Math.max(before, target); e++) {
      for (const line of groups[e]) setState(line, e >= step ? "absent" : "old");
    }
    for (const line of direction.lines()) setState(line, direction.apart ? "going" : "new");
    if (goesBack) {
      going = groups[before - 1];
      for (const line of going) setState(line, "going");
      goingTimer = setTimeout(settle, GOING_MS, true);
    }
    for (const chunk of chunks) chunk.measure();
    lenses.clear();
    if (pinned >= 0 && payload.births[pinned] >= step) pin(-1);
    else showLine(pinned);
    describe();
    scroll.toNewLines();
    lenses.draw();
    if (!quiet && (before !== step || first)) options.onStep?.(step, { playing: playing.now });
  }

  function setState(line, state) {
    if (states[line] === state) return;
    if (view !== "births") {
      chunks[Math.floor(line / CHUNK)].count += (state !== "absent") - (states[line] !== "absent");
    }
    states[line] = state;
    rows[line].dataset.state = state;
    if (before.length) before[line].dataset.state = state;
  }

  function settle(thenScroll = false) {
    clearTimeout(goingTimer);
    if (!going.length) return;
    for (const line of going) setState(line, "absent");
    going = [];
    for (const chunk of chunks) chunk.measure();
    if (thenScroll) scroll.toNewLines(); // what went may have stood above them
  }

  function describe() {
    const last = payload.n_edits;
    dom.range.value = step;
    dom.range.setAttribute("aria-valuetext", `Step ${step} of ${last}`);
    const done = direction.apart ? last - step : step - start;
    dom.range.style.setProperty("--lsp-done", last > start ? done / (last - start) : 0);
    for (const bar of dom.bars.children) {
      bar.className = bar.edit === step - 1 ? "lsp-now" : bar.edit < step === direction.apart ? "" : "lsp-past";
    }
    dom.status.textContent = direction.apart ? direction.words() : `Step ${step} of ${last}: ${stepWords(step, groups, start)}`;
    const broken = payload.checks?.broken[step];
    if (broken) dom.status.append(" ", brokenWords(broken));
    dom.status.append(...stateWords(payload, step));
    dom.code.setAttribute("aria-label", `Code after step ${step}. Up and down arrows choose a line.`);
    const isBlank = step === 0 || (step === start && groups[0].every((line) => !payload.lines[line].trim()));
    dom.empty.hidden = !isBlank || view === "births";
    dom.empty.textContent = emptyWords();
    setUsable(dom.first, !direction.isAtEnd(-1));
    setUsable(dom.previous, !direction.isAtEnd(-1));
    setUsable(dom.next, !direction.isAtEnd(1));
    setUsable(dom.last, !direction.isAtEnd(1));
    const isStart = step === start;
    dom.why.replaceChildren(...(isStart ? introduction(payload.meta).map(sentence) : []), ...(step ? toldEdit() : []));
    dom.whyLabel.textContent = isStart ? "How to read this" : whyLabel();
  }

  function toldEdit() {
    if (payload.generation) return toldStep(payload, step);
    const told = direction.apart
      ? toldRounds(payload.edits[step - 1], payload.edit_rounds[step - 1], direction.roundsOf(step).slice(0, direction.struck))
      : (payload.writing ?? payload.edits)[step - 1].map(sentence);
    return [...told, ...toldTests(payload, step)];
  }

  function emptyWords() {
    if (direction.apart) return start ? "Only blank lines are left." : "Nothing is left.";
    return start ? "Only blank lines yet: press → for the first line of code." : "Nothing yet: press → for the first edit.";
  }

  function whyLabel() {
    if (payload.generation) return "What the model wrote";
    if (direction.apart) return "What goes, and why";
    return `Why ${groups[step - 1].length === 1 ? "this line" : "these lines"}`;
  }

  /** j and k: the next or previous hunk of the edit, then the neighbouring edit's. */
  function moveHunk(by) {
    const lines = step ? groups[step - 1] : [];
    const firsts = lines.filter((line, i) => i === 0 || !isNextShown(lines[i - 1], line));
    const from = pinned < 0 ? (by > 0 ? -1 : Infinity) : pinned;
    const target = by > 0 ? firsts.find((line) => line > from) : firsts.findLast((line) => line < from);
    if (target !== undefined) {
      pin(target, true);
      return scroll.keepInView(target);
    }
    const next = step + (direction.apart ? -by : by);
    if (next < 0 || next > payload.n_edits) return;
    pin(-1);
    go(next);
    if (step && groups[step - 1].length) moveHunk(by);
  }

  function isNextShown(line, other) {
    for (let between = line + 1; between < other; between++) if (states[between] !== "absent") return false;
    return true;
  }

  // ---------------------------------------------------------------- how it is looked at
  function showView() {
    dom.root.dataset.view = view;
    for (const choice of dom.views) choice.setAttribute("aria-pressed", String(choice.value === view));
    for (const [i, chunk] of chunks.entries()) {
      const from = i * CHUNK;
      chunk.count = states.slice(from, from + CHUNK).filter((state) => view === "births" || state !== "absent").length;
      chunk.measure();
    }
    if (view !== "split") {
      before = [];
      dom.beforeRows.replaceChildren();
    } else if (!before.length) {
      before = payload.lines.map((text, line) => buildRow(payload, text, line));
      before.forEach((row, line) => (row.dataset.state = states[line]));
      dom.beforeRows.replaceChildren(...buildChunks(before));
    }
  }

  function setView(next) {
    if (next === view) return;
    settle();
    view = next;
    showView();
    describe();
    scroll.toNewLines();
    lenses.draw();
    looked();
  }

  function setDirection(next) {
    if (next === direction.name || payload.generation) return;
    playing.stop();
    settle();
    direction.set(next);
    direction.show();
    showStep(step, { quiet: true, struck: Infinity });
    looked();
  }

  function looked() {
    options.onLook?.({ view, direction: direction.name, xray: lenses.xray, whatif: lenses.whatif });
  }

  function toggleLens(name) {
    lenses.toggle(name);
    showLine(pinned);
    looked();
  }

  function toggleHelp() {
    dom.help.hidden = !dom.help.hidden;
    dom.hint.hidden = !dom.help.hidden; // it names some of the same keys
    dom.helpButton.setAttribute("aria-expanded", String(!dom.help.hidden));
  }

  // ---------------------------------------------------------------- one line's reason
  function showLine(line, aloud = false) {
    dom.line.setAttribute("aria-live", aloud ? "polite" : "off");
    dom.line.replaceChildren();
    if (lenses.point(line)) return;
    if (line < 0) {
      dom.line.append(element("span", "lsp-muted", step ? pointHint() : ""));
      return;
    }
    const now = scroll.ranks([line])[0] + 1; // its number in the state shown
    const place = now === line + 1 || payload.births[line] >= step ? "" : ` (line ${now} of the program so far)`;
    dom.line.append(
      element("strong", "", `Line ${line + 1}${place}, edit ${payload.births[line] + 1}: `),
      ...withCode(phraseOf(line)),
    );
  }

  function phraseOf(line) {
    return ((!direction.apart && payload.writing_phrases) || payload.phrases)[payload.reasons[line]];
  }

  function pointHint() {
    return `Point at a line, or tap it, to see ${payload.generation ? "which edit wrote it" : "why it is there"}.`;
  }

  function pin(line, aloud = false) {
    if (pinned >= 0 && rows[pinned]) rows[pinned].classList.remove("lsp-pinned");
    pinned = line;
    if (line >= 0) rows[line].classList.add("lsp-pinned");
    showLine(line, aloud);
  }

  function moveLine(by) {
    let line = pinned < 0 ? (by > 0 ? -1 : rows.length) : pinned;
    do line += by;
    while (line >= 0 && line < rows.length && view !== "births" && payload.births[line] >= step);
    if (line < 0 || line >= rows.length) return;
    pin(line, true);
    scroll.keepInView(line);
  }

  function go(target) {
    takeOver();
    showStep(target);
  }

  function move(by) {
    takeOver();
    direction.move(by);
  }

  function toEnd(end) {
    takeOver();
    direction.toEnd(end);
  }

  function takeOver() {
    playing.stop();
    observer?.disconnect(); // whoever has begun to step does not want to be carried off
  }

  function togglePlay() {
    observer?.disconnect();
    if (playing.now) playing.stop();
    else playing.play();
  }

  bindInput(dom, {
    step: () => step, view: () => view, pinned: () => pinned, payload: () => payload,
    go, move, toEnd, togglePlay, moveHunk, moveLine, setView, toggleLens, toggleHelp, pin, showLine,
    turn: () => setDirection(direction.apart ? "writing" : "apart"), setDirection,
    tenth: (n) => Math.round((payload.n_edits * (direction.apart ? 10 - n : n)) / 10),
    jump: scroll.jump, showMore: scroll.showMore,
  }, options);

  // ---------------------------------------------------------------- life
  // Narrow players have smaller rows, and arrows are as long as rows are high.
  const resized = new ResizeObserver(() => {
    if (scroll.hasNewRow()) lenses.draw();
  });
  root.append(dom.root);
  load(firstPayload, options.step ?? 0);
  resized.observe(dom.code);
  if (options.autoplay && !reducedMotion.matches) {
    observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      playing.play();
    }, { threshold: 0.4 });
    observer.observe(dom.controls);
  }

  return {
    get step() {
      return step;
    },
    get payload() {
      return payload;
    },
    play: playing.play,
    pause: playing.stop,
    /** The closures of the state after `atStep` of the payload `id` have come. */
    addWhatIf(id, atStep, state) {
      if (id !== payload.id) return;
      payload.whatif = { ...payload.whatif, [atStep]: state };
      if (Number(atStep) === step) showLine(pinned);
    },
    /** Shows `target` (clamped) without calling onStep. */
    setStep(target) {
      playing.stop();
      showStep(target, { quiet: true });
    },
    /** Shows another payload at `atStep`; the same payload again leaves everything as it is. */
    update(next, { step: atStep = 0 } = {}) {
      if (next.id === payload.id) return;
      load(next, atStep);
    },
    /** "light", "dark", or "auto" for the system's choice. */
    setTheme(theme) {
      dom.root.dataset.theme = theme;
    },
    destroy() {
      playing.stop();
      clearTimeout(goingTimer);
      observer?.disconnect();
      resized.disconnect();
      dom.root.remove();
    },
  };
}
