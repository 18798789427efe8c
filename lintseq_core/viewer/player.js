/* The player: draws any step of an edit sequence from the payload of payload.py.
 *
 *   const player = createPlayer(element, payload, { step, autoplay, theme, onStep });
 *   player.setStep(3); player.update(otherPayload); player.destroy();
 *
 * Options: step, autoplay, theme; view ("inline", "split" or "births"), xray and whatif (booleans);
 * and what it calls, each of which may be left out:
 *   onStep(step, { playing })  for each step that keys, buttons or playing make, and once more
 *                              when playing stops; not for setStep and update;
 *   onLook({ view, xray, whatif })  when the reader changes how the code is looked at;
 *   onSample(+1 or -1)         for the keys n and p;
 *   onWhatIf(step)             when the closures of a state are wanted that the payload lacks:
 *                              answer with player.addWhatIf(payload id, step, state);
 *   onBranch(step, line)       when the reader lets `line` go from the state after `step`.
 *
 * One module in parts: the others (see __init__.py) stand below this text.
 *
 * Rows are built once per payload; a step only changes the state of the rows that come or go.
 * All rows are equally high, so that positions are arithmetic: reading them from the page would
 * force a layout of thousands of rows.
 * Program text reaches the page through text nodes alone. Nothing is fetched, nothing is global.
 */

export const PAYLOAD_VERSION = 3;

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
const STEP_MS = 1200; // one step at speed 1: time to read a line or two
const GOING_MS = 450; // how long lines taken away by a step back stay, struck, before they go
const MAX_BARS = 400; // more edits than this have no room for a bar each
const CHUNK = 50; // rows per chunk, the unit that is not laid out while out of view
const MANY_ROWS = 300; // from here on that is worth it

// Invisible characters that change how code reads: controls, bidi controls, zero-width space.
const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  previous: "M11 3v10L4 8z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3v10l7-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
};
const VIEWS = ["inline", "split", "births"];

export function createPlayer(root, firstPayload, options = {}) {
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dom = buildFrame(options);
  let payload = null;
  let rows = []; // one element per line of the final program
  let states = []; // of the rows: "absent", "old", "new" or "going"
  let chunks = []; // their parents, CHUNK rows each
  let groups = []; // per edit the indices of the lines it inserts
  let step = 0;
  let going = []; // lines that a step back is taking away
  let goingTimer = 0;
  let playTimer = 0;
  let playing = false;
  let speed = 1;
  let pinned = -1; // the line whose reason stays in the panel
  let lastStepAt = 0;
  let observer = null;
  let view = VIEWS.includes(options.view) ? options.view : "inline";
  let before = []; // rows of the state before the edit, built when first looked at
  let rowHeight = 1; // in pixels, as of the last step: measuring it anew would force a layout
  let shownTops = []; // of the current edit's lines, in rows
  const rail = createRail(dom, (top) => (dom.code.scrollTop = top));
  const lenses = createLenses(dom, {
    options, rows: () => rows, ranks: ranksOf, step: () => step, payload: () => payload,
    lines: () => (step ? groups[step - 1] : []), pinned: () => pinned, row: () => rowHeight,
  });

  // ---------------------------------------------------------------- a payload
  function load(next, atStep) {
    stop();
    settle();
    if (next.format !== "lintseq-player" || next.version !== PAYLOAD_VERSION) {
      throw new Error(
        `player: payload ${next.format} version ${next.version}, this player reads ` +
          `lintseq-player version ${PAYLOAD_VERSION}`,
      );
    }
    payload = next;
    groups = Array.from({ length: payload.n_edits }, () => []);
    payload.births.forEach((edit, line) => groups[edit].push(line));
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
    dom.range.max = payload.n_edits;
    buildBars(dom.bars, groups, payload);
    dom.root.classList.toggle("lsp-generated", Boolean(payload.generation));
    dom.code.scrollTop = 0;
    pinned = -1;
    step = 0;
    lenses.clear();
    showView();
    showStep(atStep, { quiet: true, first: true });
  }

  // ---------------------------------------------------------------- a step
  function showStep(wanted, { quiet = false, first = false } = {}) {
    const target = Math.min(Math.max(Math.trunc(Number(wanted)) || 0, 0), payload.n_edits);
    if (target === step && !first) return;
    settle();
    const before = step;
    step = target;
    const goesBack = !first && !quiet && view === "inline" && target === before - 1 && !reducedMotion.matches;
    for (let e = Math.max(Math.min(before, target) - 1, 0); e < Math.max(before, target); e++) {
      const state = e >= step ? "absent" : e === step - 1 ? "new" : "old";
      for (const line of groups[e]) setState(line, state);
    }
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
    scrollToNewLines();
    lenses.draw();
    if (!quiet) options.onStep?.(step, { playing });
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
    if (thenScroll) scrollToNewLines(); // what went may have stood above them
  }

  function describe() {
    const last = payload.n_edits;
    dom.range.value = step;
    dom.range.setAttribute("aria-valuetext", `Step ${step} of ${last}`);
    dom.range.style.setProperty("--lsp-done", last ? step / last : 0);
    for (const bar of dom.bars.children) {
      bar.className = bar.edit === step - 1 ? "lsp-now" : bar.edit < step ? "lsp-past" : "";
    }
    dom.status.textContent = `Step ${step} of ${last}: ${stepWords(step, groups)}`;
    const broken = payload.checks?.broken[step];
    if (broken) dom.status.append(" ", brokenWords(broken));
    dom.status.append(...stateWords(payload, step));
    dom.code.setAttribute("aria-label", `Code after step ${step}. Up and down arrows choose a line.`);
    dom.empty.hidden = step > 0 || view === "births";
    setUsable(dom.first, step > 0);
    setUsable(dom.previous, step > 0);
    setUsable(dom.next, step < last);
    setUsable(dom.last, step < last);
    dom.why.replaceChildren(...(step ? toldEdit() : introduction(payload.meta).map(sentence)));
    dom.whyLabel.textContent = step ? whyLabel() : "How to read this";
  }

  function toldEdit() {
    if (payload.generation) return toldStep(payload, step);
    return [...toldRounds(payload.edits[step - 1], payload.edit_rounds[step - 1]), ...toldTests(payload, step)];
  }

  function whyLabel() {
    if (payload.generation) return "What the model wrote";
    return `Why ${groups[step - 1].length === 1 ? "this line" : "these lines"}`;
  }

  // ---------------------------------------------------------------- scrolling
  /** Per line of `lines` (ascending) its top edge in the code area, in rows. */
  function ranks(lines) {
    const tops = [];
    let rank = 0;
    for (let line = 0, i = 0; i < lines.length; line++) {
      if (line === lines[i]) tops[i++] = rank;
      if (view === "births" || states[line] !== "absent") rank++;
    }
    return tops;
  }

  /** Line -> its top edge in rows, of any lines that are shown. */
  function ranksOf(lines) {
    const ordered = [...new Set(lines)].filter((line) => rows[line]).sort((a, b) => a - b);
    const shown = ordered.filter((line) => view === "births" || states[line] !== "absent");
    const tops = ranks(shown);
    return new Map(shown.map((line, i) => [line, tops[i]]));
  }

  function measure() {
    const style = getComputedStyle(dom.code);
    return { row: parseFloat(style.lineHeight) || 1, padding: parseFloat(style.paddingTop) || 0, height: dom.code.clientHeight };
  }

  // Only the code area scrolls, never the page: scrollIntoView() would move both.
  function scrollToNewLines() {
    const lines = step ? groups[step - 1] : [];
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
      const calm = !reducedMotion.matches && performance.now() - lastStepAt > 400;
      dom.code.scrollTo({ top: target, behavior: calm ? "smooth" : "instant" });
    }
    lastStepAt = performance.now();
    shownTops = tops;
    rowHeight = size.row;
    rail.show(tops, size, chunks.reduce((sum, chunk) => sum + chunk.count, 0));
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
    dom.above.textContent = `↑ ${count(above, "new line")} above`;
    dom.below.textContent = `↓ ${count(below, "new line")} below`;
  }

  function jump(direction) {
    const size = measure();
    const from = dom.code.scrollTop;
    const middles = ranks(groups[step - 1]).map((rank) => size.padding + (rank + 0.5) * size.row);
    const target = direction > 0
      ? middles.find((middle) => middle > from + size.height)
      : middles.findLast((middle) => middle < from);
    if (target === undefined) return;
    dom.code.scrollTop = target - size.height / 3;
    dom.code.focus({ preventScroll: true }); // the button that was pressed may be gone now
  }

  /** j and k: the next or previous hunk of the edit, then the neighbouring edit's. */
  function moveHunk(direction) {
    const lines = step ? groups[step - 1] : [];
    const firsts = lines.filter((line, i) => i === 0 || !isNextShown(lines[i - 1], line));
    const from = pinned < 0 ? (direction > 0 ? -1 : Infinity) : pinned;
    const target = direction > 0 ? firsts.find((line) => line > from) : firsts.findLast((line) => line < from);
    if (target !== undefined) {
      pin(target, true);
      return keepInView(target);
    }
    if (step + direction < 0 || step + direction > payload.n_edits) return;
    pin(-1);
    go(step + direction);
    if (step && groups[step - 1].length) moveHunk(direction);
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
    scrollToNewLines();
    lenses.draw();
    looked();
  }

  function looked() {
    options.onLook?.({ view, xray: lenses.xray, whatif: lenses.whatif });
  }

  function toggleLens(name) {
    lenses.toggle(name);
    showLine(pinned);
    looked();
  }

  function toggleHelp() {
    dom.help.hidden = !dom.help.hidden;
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
    const now = ranks([line])[0] + 1; // its number in the state shown
    const place = now === line + 1 || payload.births[line] >= step ? "" : ` (now line ${now})`;
    dom.line.append(
      element("strong", "", `Line ${line + 1}${place}, edit ${payload.births[line] + 1}: `),
      ...withCode(payload.phrases[payload.reasons[line]]),
    );
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

  function moveLine(direction) {
    let line = pinned < 0 ? (direction > 0 ? -1 : rows.length) : pinned;
    do line += direction;
    while (line >= 0 && line < rows.length && view !== "births" && payload.births[line] >= step);
    if (line < 0 || line >= rows.length) return;
    pin(line, true);
    keepInView(line);
  }

  function keepInView(line) {
    const size = measure();
    const top = size.padding + ranks([line])[0] * size.row;
    const from = dom.code.scrollTop;
    if (top - size.row < from) dom.code.scrollTop = top - size.row;
    else if (top + 2 * size.row > from + size.height) dom.code.scrollTop = top + 2 * size.row - size.height;
  }

  // ---------------------------------------------------------------- playing
  function play() {
    if (playing || !payload.n_edits) return;
    playing = true;
    dom.root.classList.add("lsp-playing");
    dom.status.setAttribute("aria-live", "off"); // a spoken line per second would drown all else
    if (step === payload.n_edits) showStep(0);
    tick();
    describePlay();
  }

  function tick() {
    playTimer = setTimeout(() => {
      if (!document.hidden) showStep(step + 1);
      if (step < payload.n_edits) tick();
      else stop();
    }, STEP_MS / speed);
  }

  function stop() {
    clearTimeout(playTimer);
    if (!playing) return;
    playing = false;
    dom.root.classList.remove("lsp-playing");
    dom.status.setAttribute("aria-live", "polite");
    describePlay();
    options.onStep?.(step, { playing });
  }

  function describePlay() {
    dom.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    dom.play.title = playing ? "Pause (Space)" : "Play (Space)";
    dom.play.firstChild.firstChild.setAttribute("d", playing ? ICONS.pause : ICONS.play);
  }

  function go(target) {
    stop();
    observer?.disconnect(); // whoever has begun to step does not want to be carried off
    showStep(target);
  }

  // ---------------------------------------------------------------- input
  const LETTERS = {
    j: () => moveHunk(1),
    k: () => moveHunk(-1),
    v: () => setView(VIEWS[(VIEWS.indexOf(view) + 1) % VIEWS.length]),
    x: () => payload.generation || toggleLens("xray"),
    w: () => payload.generation || toggleLens("whatif"),
    ...(options.onSample && { n: () => options.onSample(1), p: () => options.onSample(-1) }),
  };

  function onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const inCode = target === dom.code;
    if (target.tagName === "SELECT" || (target.tagName === "BUTTON" && [" ", "Enter"].includes(event.key))) return;
    if (event.key === "?") toggleHelp(); // typed with shift on most keyboards
    else if (event.shiftKey) {
      // ← → step, so that sideways scrolling of long lines needs another key.
      if (!inCode || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      dom.code.scrollLeft += event.key === "ArrowRight" ? 60 : -60;
    } else if (LETTERS[event.key]) LETTERS[event.key]();
    else if (event.key >= "1" && event.key <= "9" && event.key.length === 1) go(Math.round((payload.n_edits * event.key) / 10));
    else if (event.key === "ArrowRight") go(step + 1);
    else if (event.key === "ArrowLeft") go(step - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(payload.n_edits);
    else if (event.key === " ") togglePlay();
    else if (inCode && event.key === "ArrowDown") moveLine(1);
    else if (inCode && event.key === "ArrowUp") moveLine(-1);
    else if (event.key === "Escape" && !dom.help.hidden) toggleHelp();
    else if (event.key === "Escape" && pinned >= 0) pin(-1);
    else return;
    // The page around the player may have shortcuts on the same keys.
    event.preventDefault();
    event.stopPropagation();
  }

  function togglePlay() {
    observer?.disconnect();
    if (playing) stop();
    else play();
  }

  function lineOf(event) {
    const row = event.target.closest?.(".lsp-row");
    return row ? Number(row.firstChild.dataset.line) - 1 : -1;
  }

  dom.root.addEventListener("keydown", onKeyDown);
  dom.first.addEventListener("click", () => go(0));
  dom.previous.addEventListener("click", () => go(step - 1));
  dom.next.addEventListener("click", () => go(step + 1));
  dom.last.addEventListener("click", () => go(payload.n_edits));
  dom.play.addEventListener("click", togglePlay);
  dom.range.addEventListener("input", () => go(dom.range.value));
  dom.above.addEventListener("click", () => jump(-1));
  dom.below.addEventListener("click", () => jump(1));
  dom.code.addEventListener("scroll", () => {
    showMore();
    if (view === "split") dom.before.scrollTop = dom.code.scrollTop;
  }, { passive: true });
  dom.before.addEventListener("scroll", () => (dom.code.scrollTop = dom.before.scrollTop), { passive: true });
  for (const choice of dom.views) choice.addEventListener("click", () => setView(choice.value));
  dom.xray.addEventListener("click", () => toggleLens("xray"));
  dom.whatif.addEventListener("click", () => toggleLens("whatif"));
  dom.helpButton.addEventListener("click", toggleHelp);
  dom.branch.addEventListener("click", () => options.onBranch?.(step, pinned));
  dom.rows.addEventListener("mouseover", (event) => showLine(lineOf(event)));
  dom.rows.addEventListener("mouseleave", () => showLine(pinned));
  dom.rows.addEventListener("click", (event) => {
    const line = lineOf(event);
    pin(line === pinned ? -1 : line);
  });
  dom.speed.addEventListener("change", () => {
    speed = Number(dom.speed.value);
    if (playing) {
      clearTimeout(playTimer);
      tick();
    }
  });

  // ---------------------------------------------------------------- life
  // Narrow players have smaller rows, and arrows are as long as rows are high.
  const resized = new ResizeObserver(() => {
    const { row } = measure();
    if (row === rowHeight) return;
    rowHeight = row;
    lenses.draw();
  });
  root.append(dom.root);
  load(firstPayload, options.step ?? 0);
  describePlay();
  resized.observe(dom.code);
  if (options.autoplay && !reducedMotion.matches) {
    observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      play();
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
    play,
    pause: stop,
    /** The closures of the state after `atStep` of the payload `id` have come. */
    addWhatIf(id, atStep, state) {
      if (id !== payload.id) return;
      payload.whatif = { ...payload.whatif, [atStep]: state };
      if (Number(atStep) === step) showLine(pinned);
    },
    /** Shows `target` (clamped) without calling onStep. */
    setStep(target) {
      stop();
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
      stop();
      clearTimeout(goingTimer);
      observer?.disconnect();
      resized.disconnect();
      dom.root.remove();
    },
  };
}
