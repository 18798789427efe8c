/* The frame of the player: head, controls, panes, panel and keys, before any payload. */

import { stencil } from "./elements.js";

export const VIEWS = ["inline", "split", "births"];
export const DIRECTIONS = ["writing", "apart"];
export const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  previous: "M11 3v10L4 8z",
  play: "M4 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3v10l7-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
};
const KEYS = [
  ["← →", "step"], ["Home End", "first, last"], ["Space", "play"], ["↑ ↓", "choose a line of the code"],
  ["j k", "next, previous hunk"], ["n p", ""], ["1 … 9", "tenths of the sequence"],
  ["t", "taking apart, writing"], ["v", "next view"], ["x", "X-ray"], ["w", "what if"], ["Shift+← Shift+→", "scroll the code sideways"],
  ["Escape", "let go of the line"], ["?", "these keys"],
];

const button = (name, label, hint) =>
  `<button type="button" class="lsp-button lsp-${name}" aria-label="${label}" title="${hint}">` +
  `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[name]}"></path></svg></button>`;
const keyCap = (key) => (key === "…" ? "…  " : `<kbd>${key}</kbd> `);
const keyHint = ([keys, does]) =>
  `<span class="lsp-key" data-keys="${keys}">${keys.split(" ").map(keyCap).join("")}<span class="lsp-does">${does}</span></span>`;

const copyFrame = stencil(`
  <div class="lsp" tabindex="0" role="group">
    <div class="lsp-top">
      <div class="lsp-head"><span class="lsp-title"></span><span class="lsp-meta"></span></div>
      <div class="lsp-bar">
        <div class="lsp-controls">
          <div class="lsp-buttons">
            ${button("first", "First step", "First step (Home)")}
            ${button("previous", "Previous step", "Previous step (←)")}
            ${button("play", "Play", "Play (Space)")}
            ${button("next", "Next step", "Next step (→)")}
            ${button("last", "Last step", "Last step (End)")}
          </div>
          <div class="lsp-scrub">
            <div class="lsp-bars" aria-hidden="true"></div>
            <input class="lsp-range" type="range" min="0" step="1" aria-label="Step">
          </div>
          <select class="lsp-speed" aria-label="Speed" title="Speed">
            <option value="0.25">0.25×</option>
            <option value="0.5">0.5×</option>
            <option value="1" selected>1×</option>
            <option value="2">2×</option>
            <option value="4">4×</option>
            <option value="8">8×</option>
          </select>
        </div>
        <div class="lsp-tools">
          <div class="lsp-views" role="group" aria-label="View">
            <button type="button" class="lsp-toggle" value="inline">Inline</button>
            <button type="button" class="lsp-toggle" value="split">Side by side</button>
            <button type="button" class="lsp-toggle" value="births">Birth steps</button>
          </div>
          <div class="lsp-views lsp-directions" role="group" aria-label="Direction">
            <button type="button" class="lsp-toggle" value="apart" title="Lines go, as the algorithm deleted them, round by round (t)">Taking apart</button>
            <button type="button" class="lsp-toggle" value="writing" title="Lines come, as a model writes them (t)">Writing</button>
          </div>
          <button type="button" class="lsp-toggle lsp-xray" aria-pressed="false" title="Arrows from what is missing to what breaks without it (x)">X-ray</button>
          <button type="button" class="lsp-toggle lsp-whatif" aria-pressed="false" title="Point at a line to see what goes with it (w)">What if</button>
          <button type="button" class="lsp-toggle lsp-help-button" aria-expanded="false" title="All keys (?)">Keys</button>
        </div>
      </div>
      <div class="lsp-status" aria-live="polite" aria-atomic="true"></div>
      <div class="lsp-help" hidden>${KEYS.map(keyHint).join("")}</div>
    </div>
    <div class="lsp-body">
      <div class="lsp-view">
        <div class="lsp-legend" aria-hidden="true"><span>edit</span><span>line</span></div>
        <div class="lsp-panes">
          <div class="lsp-before" tabindex="0" role="group" aria-label="Code before this step"><div class="lsp-before-rows"></div></div>
          <div class="lsp-code" tabindex="0" role="group"><div class="lsp-rows"><div class="lsp-arrows" aria-hidden="true"></div></div></div>
          <div class="lsp-rail" aria-hidden="true"></div>
        </div>
        <p class="lsp-empty">Nothing yet: press → for the first edit.</p>
        <button type="button" class="lsp-more lsp-above"></button>
        <button type="button" class="lsp-more lsp-below"></button>
      </div>
      <div class="lsp-reasons">
        <div class="lsp-panel" tabindex="0" role="group" aria-label="Reasons of this edit"><p class="lsp-label"></p><ul class="lsp-why"></ul></div>
        <p class="lsp-line"></p>
        <button type="button" class="lsp-branch" hidden>Let it go: branch here</button>
      </div>
    </div>
    <p class="lsp-hint">Click or Tab here, then use arrow keys: ${KEYS.slice(0, 4).map(keyHint).join("")}</p>
  </div>`);

/** The parts of a new frame, each named after its class; `root` holds them all. */
export function buildFrame({ theme = "auto", onSample }) {
  const { root } = copyFrame();
  const part = (name) => root.querySelector(`.lsp-${name}`);
  const others = root.querySelector(".lsp-help [data-keys='n p']");
  if (!onSample) others.remove();
  root.dataset.theme = theme;
  return {
    root, title: part("title"), meta: part("meta"), controls: part("controls"),
    first: part("first"), previous: part("previous"), play: part("play"), next: part("next"), last: part("last"),
    bars: part("bars"), range: part("range"), speed: part("speed"), status: part("status"),
    views: [...part("views").children], directions: [...part("directions").children], xray: part("xray"), whatif: part("whatif"), helpButton: part("help-button"),
    view: part("view"), before: part("before"), beforeRows: part("before-rows"), code: part("code"),
    rows: part("rows"), arrows: part("arrows"), rail: part("rail"), empty: part("empty"),
    above: part("above"), below: part("below"), panel: part("panel"), whyLabel: part("label"), why: part("why"),
    line: part("line"), branch: part("branch"), help: part("help"), hint: part("hint"),
    others: onSample ? others.querySelector(".lsp-does") : null,
  };
}

// aria-disabled, not disabled: a disabled button would drop the focus, and with it the keys.
export function setUsable(node, usable) {
  node.setAttribute("aria-disabled", String(!usable));
}
