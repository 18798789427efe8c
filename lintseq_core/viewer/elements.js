/* What the player is made of: words and elements. Text from data goes through text nodes alone. */

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

function brokenWords(text) {
  const words = element("span", "lsp-broken", "✗ broken: ");
  words.append(...withCode(text));
  return words;
}

/** List items of sentences, with a heading where a round of findings begins. */
function toldRounds(sentences, numbers) {
  const many = numbers.at(-1) > 0;
  return sentences.map((text, i) => {
    const item = sentence(text);
    if (many && (i === 0 || numbers[i] !== numbers[i - 1])) {
      item.prepend(element("span", "lsp-round", numbers[i] ? `Round ${numbers[i]}: the linter named` : "Drawn"));
    }
    return item;
  });
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

function buildBars(holder, groups, checks) {
  holder.replaceChildren();
  if (groups.length > MAX_BARS) return;
  const largest = Math.max(1, ...groups.map((lines) => lines.length));
  groups.forEach((lines, edit) => {
    const bar = element("i", "");
    bar.edit = edit;
    bar.style.setProperty("--lsp-at", (edit + 1) / groups.length);
    bar.style.setProperty("--lsp-size", Math.sqrt(lines.length / largest));
    if (checks?.broken[edit + 1]) bar.dataset.broken = "";
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

function buildFrame({ theme = "auto", onSample }) {
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

  dom.views = [["inline", "Inline"], ["split", "Side by side"], ["births", "Birth steps"]].map(([value, label]) => {
    const choice = element("button", "lsp-toggle", label);
    choice.type = "button";
    choice.value = value;
    return choice;
  });
  const views = element("div", "lsp-views");
  views.setAttribute("role", "group");
  views.setAttribute("aria-label", "View");
  views.append(...dom.views);
  dom.xray = toggle("X-ray", "Arrows from what is missing to what breaks without it (x)");
  dom.whatif = toggle("What if", "Point at a line to see what goes with it (w)");
  dom.helpButton = element("button", "lsp-toggle lsp-help-button", "Keys");
  dom.helpButton.type = "button";
  dom.helpButton.title = "All keys (?)";
  dom.helpButton.setAttribute("aria-expanded", "false");
  const tools = element("div", "lsp-tools");
  tools.append(views, dom.xray, dom.whatif, dom.helpButton);

  const legend = element("div", "lsp-legend");
  legend.setAttribute("aria-hidden", "true");
  legend.append(element("span", "", "edit"), element("span", "", "line"));
  dom.arrows = element("div", "lsp-arrows");
  dom.arrows.setAttribute("aria-hidden", "true");
  dom.rows = element("div", "lsp-rows");
  dom.code = element("div", "lsp-code");
  dom.code.tabIndex = 0;
  dom.code.setAttribute("role", "group");
  dom.code.append(dom.rows);
  dom.beforeRows = element("div", "lsp-before-rows");
  dom.before = element("div", "lsp-before");
  dom.before.tabIndex = 0;
  dom.before.setAttribute("role", "group");
  dom.before.setAttribute("aria-label", "Code before this step");
  dom.before.append(dom.beforeRows);
  dom.rail = element("div", "lsp-rail");
  dom.rail.setAttribute("aria-hidden", "true");
  const panes = element("div", "lsp-panes");
  panes.append(dom.before, dom.code, dom.rail);
  dom.empty = element("p", "lsp-empty", "Nothing yet: press → for the first edit.");
  dom.above = element("button", "lsp-more lsp-above");
  dom.below = element("button", "lsp-more lsp-below");
  dom.above.type = dom.below.type = "button";
  dom.view = element("div", "lsp-view");
  dom.view.append(legend, panes, dom.empty, dom.above, dom.below);

  dom.whyLabel = element("p", "lsp-label");
  dom.why = element("ul", "lsp-why");
  dom.panel = element("div", "lsp-panel");
  dom.panel.tabIndex = 0;
  dom.panel.setAttribute("role", "group");
  dom.panel.setAttribute("aria-label", "Reasons of this edit");
  dom.panel.append(dom.whyLabel, dom.why);
  dom.line = element("p", "lsp-line");
  dom.branch = element("button", "lsp-branch", "Let it go: branch here");
  dom.branch.type = "button";
  dom.branch.hidden = true;
  const reasons = element("div", "lsp-reasons");
  reasons.append(dom.panel, dom.line, dom.branch);

  const body = element("div", "lsp-body");
  body.append(dom.view, reasons);
  const hint = element("p", "lsp-hint");
  hint.append("Click or Tab here, then use arrow keys: ");
  hint.append(...keyHints(KEYS.slice(0, 4)));
  dom.help = element("div", "lsp-help");
  dom.help.hidden = true;
  dom.help.append(...keyHints(KEYS.filter(([keys]) => onSample || keys !== "n p")));
  dom.root.append(head, dom.controls, dom.status, tools, body, dom.help, hint);
  return dom;
}

const KEYS = [
  ["← →", "step"], ["Home End", "first, last"], ["Space", "play"], ["↑ ↓", "choose a line of the code"],
  ["j k", "next, previous hunk"], ["n p", "next, previous sample"], ["1 … 9", "tenths of the sequence"],
  ["v", "next view"], ["x", "X-ray"], ["w", "what if"], ["Shift+← Shift+→", "scroll the code sideways"],
  ["Escape", "let go of the line"], ["?", "these keys"],
];

function keyHints(rows) {
  return rows.map(([keys, action]) => {
    const item = element("span", "lsp-key");
    for (const key of keys.split(" ")) item.append(key === "…" ? "… " : element("kbd", "", key), " ");
    item.append(action);
    return item;
  });
}

function toggle(label, hint) {
  const node = element("button", "lsp-toggle", label);
  node.type = "button";
  node.title = hint;
  node.setAttribute("aria-pressed", "false");
  return node;
}
