/* The frame of the exercise: head, question, program, answer, before any round. */

import { stencil } from "./elements.js";
import { withCode } from "./words.js";

const copyExercise = stencil(`
  <section class="lsp lsp-predict">
    <div class="lsp-head"><span class="lsp-title" data-part="title"></span><span class="lsp-meta" data-part="meta"></span></div>
    <div class="lsp-status" data-part="ask"></div>
    <div class="lsp-body">
      <div class="lsp-view" data-part="view"></div>
      <div class="lsp-answer">
        <p class="lsp-muted">Pale lines are still to come: click those that one edit brings, no more and no fewer. Blank lines and comments come along by themselves.</p>
        <p class="lsp-muted" data-part="chosen"></p>
        <div class="lsp-actions">
          <button type="button" class="lsp-action lsp-primary" data-part="check">Check</button>
          <button type="button" class="lsp-action" data-part="clear">Clear</button>
          <button type="button" class="lsp-action" data-part="give">Show the edits</button>
          <button type="button" class="lsp-action" data-part="back" aria-label="Previous round">← Round</button>
          <button type="button" class="lsp-action" data-part="next">Next round →</button>
        </div>
        <div class="lsp-said" data-part="told" tabindex="-1" role="status"></div>
        <div class="lsp-edits" data-part="edits">
          <p class="lsp-label" data-part="editsLabel"></p>
          <ol class="lsp-edits-list" data-part="editsList"></ol>
        </div>
      </div>
    </div>
  </section>`);

/** The parts of a new frame around `list`, the lines to choose from; predict.js says what they do. */
export function buildPredict(payload, theme, list) {
  const dom = copyExercise();
  dom.root.dataset.theme = theme;
  dom.root.setAttribute("aria-label", `Predict the next edit${payload.title ? `: ${payload.title}` : ""}`);
  dom.root.style.setProperty("--lsp-lines", payload.lines.length);
  dom.root.style.setProperty("--lsp-digits", String(payload.lines.length).length);
  dom.title.append(...withCode(payload.title || "Predict the next edit"));
  dom.view.append(list);
  return dom;
}
