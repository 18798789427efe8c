/* The frame of the player: head, controls, panes, panel and keys, before any payload. */

import { element } from "./elements.js";

export const VIEWS = ["inline", "split", "births"];
const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
export const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  previous: "M11 3v10L4 8z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3v10l7-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
};

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
export function setUsable(node, usable) {
  node.setAttribute("aria-disabled", String(!usable));
}

export function buildFrame({ theme = "auto", onSample }) {
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
  dom.xray.classList.add("lsp-xray");
  dom.whatif.classList.add("lsp-whatif");
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
  dom.others = dom.help.querySelector("[data-keys='n p'] .lsp-does");
  dom.root.append(head, dom.controls, dom.status, tools, body, dom.help, hint);
  return dom;
}

const KEYS = [
  ["← →", "step"], ["Home End", "first, last"], ["Space", "play"], ["↑ ↓", "choose a line of the code"],
  ["j k", "next, previous hunk"], ["n p", ""], ["1 … 9", "tenths of the sequence"],
  ["v", "next view"], ["x", "X-ray"], ["w", "what if"], ["Shift+← Shift+→", "scroll the code sideways"],
  ["Escape", "let go of the line"], ["?", "these keys"],
];

function keyHints(rows) {
  return rows.map(([keys, action]) => {
    const item = element("span", "lsp-key");
    for (const key of keys.split(" ")) item.append(key === "…" ? "… " : element("kbd", "", key), " ");
    item.dataset.keys = keys;
    item.append(element("span", "lsp-does", action));
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
