/* The parts of the exercise on the page, made once; predict.js fills them and says what they do. */

import { element } from "./elements.js";
import { action, said } from "./picker.js";

export function buildPredict(payload, theme, list) {
  const dom = { root: element("section", "lsp lsp-predict") };
  dom.root.dataset.theme = theme;
  dom.root.setAttribute("aria-label", `Predict the next edit${payload.title ? `: ${payload.title}` : ""}`);
  dom.root.style.setProperty("--lsp-lines", payload.lines.length);
  dom.root.style.setProperty("--lsp-digits", String(payload.lines.length).length);
  const head = element("div", "lsp-head");
  dom.meta = element("span", "lsp-meta");
  head.append(said("span", "lsp-title", payload.title || "Predict the next edit"), dom.meta);
  dom.ask = element("div", "lsp-status");
  const view = element("div", "lsp-view");
  view.append(list);
  dom.chosen = element("p", "lsp-muted");
  dom.check = action("Check", "lsp-primary");
  dom.clear = action("Clear");
  dom.give = action("Show the edits");
  dom.back = action("← Round");
  dom.back.setAttribute("aria-label", "Previous round");
  dom.next = action("Next round →");
  const bar = element("div", "lsp-actions");
  bar.append(dom.check, dom.clear, dom.give, dom.back, dom.next);
  dom.told = element("div", "lsp-said");
  dom.told.tabIndex = -1;
  dom.told.setAttribute("role", "status");
  dom.editsLabel = element("p", "lsp-label");
  dom.editsList = element("ol", "lsp-edits-list");
  dom.edits = element("div", "lsp-edits");
  dom.edits.append(dom.editsLabel, dom.editsList);
  const side = element("div", "lsp-answer");
  side.append(
    said("p", "lsp-muted", "Pale lines are still to come: click those that one edit brings, no more and no fewer. Blank lines and comments come along by themselves."),
    dom.chosen, bar, dom.told, dom.edits,
  );
  const body = element("div", "lsp-body");
  body.append(view, side);
  dom.root.append(head, dom.ask, body);
  return dom;
}
