/* The player: draws any step of an edit sequence from the payload of payload.py.
 *
 *   const player = createPlayer(element, payload, { step, autoplay, theme, onStep });
 *   player.setStep(3); player.update(otherPayload); player.destroy();
 *
 * onStep(step, { playing }) is called for each step that keys, buttons or playing make, and once
 * more when playing stops; not for setStep and update.
 *
 * Rows are built once per payload; a step only changes the state of the rows that come or go.
 * All rows are equally high, so that positions are arithmetic: reading them from the page would
 * force a layout of thousands of rows.
 * Program text reaches the page through text nodes alone. Nothing is fetched, nothing is global.
 */

export const PAYLOAD_VERSION = 1;

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

export function createPlayer(root, firstPayload, options = {}) {
  const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dom = buildFrame(options.theme);
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
    dom.rows.replaceChildren(...chunks);
    dom.code.classList.toggle("lsp-many", rows.length > MANY_ROWS);
    dom.view.style.setProperty("--lsp-digits", String(rows.length).length);
    dom.view.style.setProperty("--lsp-columns", widest(payload.lines));
    dom.root.style.setProperty("--lsp-lines", rows.length);
    dom.root.setAttribute("aria-label", `Edit sequence player: ${payload.title}`);
    dom.title.textContent = payload.title;
    dom.meta.textContent = provenance(payload.meta);
    dom.range.max = payload.n_edits;
    buildBars(dom.bars, groups);
    dom.code.scrollTop = 0;
    pinned = -1;
    step = 0;
    showStep(atStep, { quiet: true, first: true });
  }

  // ---------------------------------------------------------------- a step
  function showStep(wanted, { quiet = false, first = false } = {}) {
    const target = Math.min(Math.max(Math.trunc(Number(wanted)) || 0, 0), payload.n_edits);
    if (target === step && !first) return;
    settle();
    const before = step;
    step = target;
    const goesBack = !first && !quiet && target === before - 1 && !reducedMotion.matches;
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
    if (pinned >= 0 && payload.births[pinned] >= step) pin(-1);
    else showLine(pinned);
    describe();
    scrollToNewLines();
    if (!quiet) options.onStep?.(step, { playing });
  }

  function setState(line, state) {
    if (states[line] === state) return;
    chunks[Math.floor(line / CHUNK)].count += (state !== "absent") - (states[line] !== "absent");
    states[line] = state;
    rows[line].dataset.state = state;
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
    dom.code.setAttribute("aria-label", `Code after step ${step}. Up and down arrows choose a line.`);
    dom.empty.hidden = step > 0;
    setUsable(dom.first, step > 0);
    setUsable(dom.previous, step > 0);
    setUsable(dom.next, step < last);
    setUsable(dom.last, step < last);
    dom.why.replaceChildren(...(step ? payload.edits[step - 1] : []).map(sentence));
    dom.whyLabel.textContent = step ? `Why ${groups[step - 1].length === 1 ? "this line" : "these lines"}` : "How to read this";
    if (!step) dom.why.append(...introduction(payload.meta).map(sentence));
  }

  // ---------------------------------------------------------------- scrolling
  /** Per line of `lines` (ascending) its top edge in the code area, in rows. */
  function ranks(lines) {
    const tops = [];
    let rank = 0;
    for (let line = 0, i = 0; i < lines.length; line++) {
      if (line === lines[i]) tops[i++] = rank;
      if (states[line] !== "absent") rank++;
    }
    return tops;
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
    showMore(tops, size, target);
  }

  // "2 new lines below": an edit can touch places too far apart to show at once.
  function showMore(tops, size = measure(), from = dom.code.scrollTop) {
    const all = tops ?? ranks(step ? groups[step - 1] : []).map((rank) => size.padding + rank * size.row);
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

  // ---------------------------------------------------------------- one line's reason
  function showLine(line, aloud = false) {
    dom.line.setAttribute("aria-live", aloud ? "polite" : "off");
    dom.line.replaceChildren();
    if (line < 0) {
      dom.line.append(element("span", "lsp-muted", step ? "Point at a line, or tap it, to see why it is there." : ""));
      return;
    }
    const now = ranks([line])[0] + 1; // its number in the state shown
    const place = now === line + 1 ? "" : ` (now line ${now})`;
    dom.line.append(
      element("strong", "", `Line ${line + 1}${place}, edit ${payload.births[line] + 1}: `),
      ...withCode(payload.phrases[payload.reasons[line]]),
    );
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
    while (line >= 0 && line < rows.length && payload.births[line] >= step);
    if (line < 0 || line >= rows.length) return;
    pin(line, true);
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
  function onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const inCode = target === dom.code;
    if (target.tagName === "SELECT" || (target.tagName === "BUTTON" && [" ", "Enter"].includes(event.key))) return;
    if (event.shiftKey) {
      // ← → step, so that sideways scrolling of long lines needs another key.
      if (!inCode || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      dom.code.scrollLeft += event.key === "ArrowRight" ? 60 : -60;
    } else if (event.key === "ArrowRight") go(step + 1);
    else if (event.key === "ArrowLeft") go(step - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(payload.n_edits);
    else if (event.key === " ") togglePlay();
    else if (inCode && event.key === "ArrowDown") moveLine(1);
    else if (inCode && event.key === "ArrowUp") moveLine(-1);
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
  dom.code.addEventListener("scroll", () => showMore(), { passive: true });
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
  root.append(dom.root);
  load(firstPayload, options.step ?? 0);
  describePlay();
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
      dom.root.remove();
    },
  };
}

// -------------------------------------------------------------------- words

function introduction({ method, linter, compat }) {
  const [first, second] =
    method === "randseq"
      ? ["Each step is one edit: lines drawn at random, inserted at once.", "No linter is asked: a state may be broken."]
      : ["Each step is one edit: lines that belong together, inserted at once.",
         "No edit brings in an error that the linter finds."];
  return compat || (method === "lintseq" && linter === "none") ? [first] : [first, second];
}

function stepWords(step, groups) {
  return step ? `inserts ${count(groups[step - 1].length, "line")}` : "empty program";
}

function count(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function provenance(meta) {
  const linter = meta.method === "randseq" || meta.linter === "none" ? "no linter" : [meta.linter, meta.linter_version].filter(Boolean).join(" ");
  const parts = [meta.method === "randseq" ? "RandSeq" : "LintSeq", linter];
  if (meta.compat) parts.push(`as ${meta.compat}`);
  if (meta.seed !== null) parts.push(`seed ${meta.seed}`);
  if (meta.path_index !== null) parts.push(`path ${meta.path_index}`);
  return parts.join(" · ");
}

function sentence(text) {
  const item = element("li", "");
  item.append(...withCode(text));
  return item;
}

/** Nodes of a phrase, with what stands between backticks as code. */
function withCode(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return visible(text); // an odd backtick: no pairs to trust
  return parts.flatMap((part, i) => {
    if (!part) return [];
    if (i % 2 === 0) return visible(part);
    const code = element("code", "");
    code.append(...visible(part));
    return [code];
  });
}

// -------------------------------------------------------------------- elements

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** Nodes of `text` in which characters that do not show, or turn the reading order, do show. */
function visible(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    if (match.index > from) nodes.push(document.createTextNode(text.slice(from, match.index)));
    const mark = element("bdi", "lsp-invisible", match[0]);
    mark.dataset.name = `U+${match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    nodes.push(mark);
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

function buildRow(payload, text, line) {
  const row = element("div", "lsp-row");
  row.dataset.state = "absent";
  const gutter = element("span", "lsp-gutter");
  gutter.dataset.line = line + 1;
  gutter.dataset.edit = payload.births[line] + 1;
  const source = element("span", RIGHT_TO_LEFT.test(text) ? "lsp-source lsp-rtl" : "lsp-source");
  const runs = payload.tokens[line];
  let from = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const part = visible(text.slice(from, from + runs[i]));
    from += runs[i];
    if (runs[i + 1] === 0 && !source.classList.contains("lsp-rtl")) source.append(...part);
    else {
      const token = element("span", `lsp-${payload.token_classes[runs[i + 1]]}`);
      token.append(...part);
      source.append(token);
    }
  }
  source.append("\n");
  row.append(gutter, source);
  return row;
}

/** Rows in groups of CHUNK; `count` is how many of a group show, `measure()` tells the page. */
function buildChunks(rows) {
  const chunks = [];
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = element("div", "lsp-chunk");
    chunk.append(...rows.slice(from, from + CHUNK));
    chunk.count = 0;
    chunk.measured = -1;
    chunk.measure = () => {
      if (chunk.measured === chunk.count) return;
      chunk.measured = chunk.count;
      chunk.hidden = !chunk.count;
      chunk.style.containIntrinsicBlockSize = `calc(var(--lsp-row) * ${chunk.count})`;
    };
    chunks.push(chunk);
  }
  return chunks;
}

function buildBars(holder, groups) {
  holder.replaceChildren();
  if (groups.length > MAX_BARS) return;
  const largest = Math.max(1, ...groups.map((lines) => lines.length));
  groups.forEach((lines, edit) => {
    const bar = element("i", "");
    bar.edit = edit;
    bar.style.setProperty("--lsp-at", (edit + 1) / groups.length);
    bar.style.setProperty("--lsp-size", Math.sqrt(lines.length / largest));
    holder.append(bar);
  });
}

/** Columns of the longest line, tabs and wide characters counted generously. */
function widest(lines) {
  let most = 1;
  for (const text of lines) {
    let columns = text.length;
    if (/[\t\u1100-\uffff]/.test(text)) for (const c of text) columns += c === "\t" ? 3 : c > "\u10ff" ? 1 : 0;
    if (columns > most) most = columns;
  }
  return most;
}

function button(name, label, hint) {
  const node = element("button", `lsp-button lsp-${name}`);
  node.type = "button";
  node.setAttribute("aria-label", label);
  node.title = hint;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  node.append(svg);
  return node;
}

// aria-disabled, not disabled: a disabled button would drop the focus, and with it the keys.
function setUsable(node, usable) {
  node.setAttribute("aria-disabled", String(!usable));
}

function buildFrame(theme = "auto") {
  const dom = { root: element("div", "lsp") };
  dom.root.dataset.theme = theme;
  dom.root.tabIndex = 0;
  dom.root.setAttribute("role", "group");

  dom.title = element("span", "lsp-title");
  dom.meta = element("span", "lsp-meta");
  const head = element("div", "lsp-head");
  head.append(dom.title, dom.meta);

  dom.first = button("first", "First step", "First step (Home)");
  dom.previous = button("previous", "Previous step", "Previous step (←)");
  dom.play = button("play", "Play", "Play (Space)");
  dom.next = button("next", "Next step", "Next step (→)");
  dom.last = button("last", "Last step", "Last step (End)");
  const buttons = element("div", "lsp-buttons");
  buttons.append(dom.first, dom.previous, dom.play, dom.next, dom.last);

  dom.bars = element("div", "lsp-bars");
  dom.bars.setAttribute("aria-hidden", "true");
  dom.range = element("input", "lsp-range");
  dom.range.type = "range";
  dom.range.min = 0;
  dom.range.step = 1;
  dom.range.setAttribute("aria-label", "Step");
  const scrub = element("div", "lsp-scrub");
  scrub.append(dom.bars, dom.range);

  dom.speed = element("select", "lsp-speed");
  dom.speed.setAttribute("aria-label", "Speed");
  dom.speed.title = "Speed";
  for (const value of SPEEDS) {
    const choice = element("option", "", `${value}×`);
    choice.value = value;
    choice.selected = value === 1;
    dom.speed.append(choice);
  }

  dom.controls = element("div", "lsp-controls");
  dom.controls.append(buttons, scrub, dom.speed);

  dom.status = element("div", "lsp-status");
  dom.status.setAttribute("aria-live", "polite");
  dom.status.setAttribute("aria-atomic", "true");

  const legend = element("div", "lsp-legend");
  legend.setAttribute("aria-hidden", "true");
  legend.append(element("span", "", "edit"), element("span", "", "line"));
  dom.rows = element("div", "lsp-rows");
  dom.code = element("div", "lsp-code");
  dom.code.tabIndex = 0;
  dom.code.setAttribute("role", "group");
  dom.code.append(dom.rows);
  dom.empty = element("p", "lsp-empty", "Nothing yet: press → for the first edit.");
  dom.above = element("button", "lsp-more lsp-above");
  dom.below = element("button", "lsp-more lsp-below");
  dom.above.type = dom.below.type = "button";
  dom.view = element("div", "lsp-view");
  dom.view.append(legend, dom.code, dom.empty, dom.above, dom.below);

  dom.whyLabel = element("p", "lsp-label");
  dom.why = element("ul", "lsp-why");
  dom.panel = element("div", "lsp-panel");
  dom.panel.tabIndex = 0;
  dom.panel.setAttribute("role", "group");
  dom.panel.setAttribute("aria-label", "Reasons of this edit");
  dom.panel.append(dom.whyLabel, dom.why);
  dom.line = element("p", "lsp-line");
  const reasons = element("div", "lsp-reasons");
  reasons.append(dom.panel, dom.line);

  const body = element("div", "lsp-body");
  body.append(dom.view, reasons);
  const hint = element("p", "lsp-hint");
  hint.append("Click or Tab here, then use arrow keys: ");
  for (const [keys, action] of [["← →", "step"], ["Home End", "first, last"], ["Space", "play"], ["↑ ↓", "choose a line of the code"]]) {
    const item = element("span", "lsp-key");
    for (const key of keys.split(" ")) item.append(element("kbd", "", key), " ");
    item.append(action);
    hint.append(item);
  }
  dom.root.append(head, dom.controls, dom.status, body, hint);
  return dom;
}
