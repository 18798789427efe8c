/* Keys, pointer and buttons: what each asks the player to do. */

import { VIEWS } from "./frame.js";

export function bindInput(dom, player, options) {
  const LETTERS = {
    j: () => player.moveHunk(1),
    k: () => player.moveHunk(-1),
    t: () => player.turn(),
    v: () => player.setView(VIEWS[(VIEWS.indexOf(player.view()) + 1) % VIEWS.length]),
    x: () => player.payload().generation || player.toggleLens("xray"),
    w: () => player.payload().generation || player.toggleLens("whatif"),
    ...(options.onSample && { n: () => options.onSample(1), p: () => options.onSample(-1) }),
  };

  function onKeyDown(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.composedPath()[0];
    const inCode = target === dom.code;
    if (target.tagName === "SELECT" || (target.tagName === "BUTTON" && [" ", "Enter"].includes(event.key))) return;
    if (event.key === "?") player.toggleHelp(); // typed with shift on most keyboards
    else if (event.shiftKey) {
      // ← → step, so that sideways scrolling of long lines needs another key.
      if (!inCode || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      dom.code.scrollLeft += event.key === "ArrowRight" ? 60 : -60;
    } else if (LETTERS[event.key]) LETTERS[event.key]();
    else if (event.key >= "1" && event.key <= "9" && event.key.length === 1) player.go(player.tenth(Number(event.key)));
    else if (event.key === "ArrowRight") player.move(1);
    else if (event.key === "ArrowLeft") player.move(-1);
    else if (event.key === "Home") player.toEnd(-1);
    else if (event.key === "End") player.toEnd(1);
    else if (event.key === " ") player.togglePlay();
    else if (inCode && event.key === "ArrowDown") player.moveLine(1);
    else if (inCode && event.key === "ArrowUp") player.moveLine(-1);
    else if (event.key === "Escape" && !dom.help.hidden) player.toggleHelp();
    else if (event.key === "Escape" && player.pinned() >= 0) player.pin(-1);
    else return;
    // The page around the player may have shortcuts on the same keys.
    event.preventDefault();
    event.stopPropagation();
  }

  function lineOf(event) {
    const row = event.target.closest?.(".lsp-row");
    return row ? Number(row.firstChild.dataset.line) - 1 : -1;
  }

  dom.root.addEventListener("keydown", onKeyDown);
  dom.first.addEventListener("click", () => player.toEnd(-1));
  dom.previous.addEventListener("click", () => player.move(-1));
  dom.next.addEventListener("click", () => player.move(1));
  dom.last.addEventListener("click", () => player.toEnd(1));
  dom.play.addEventListener("click", player.togglePlay);
  dom.range.addEventListener("input", () => player.go(dom.range.value));
  dom.above.addEventListener("click", () => player.jump(-1));
  dom.below.addEventListener("click", () => player.jump(1));
  dom.code.addEventListener("scroll", () => {
    player.showMore();
    if (player.view() === "split") dom.before.scrollTop = dom.code.scrollTop;
  }, { passive: true });
  dom.before.addEventListener("scroll", () => (dom.code.scrollTop = dom.before.scrollTop), { passive: true });
  for (const choice of dom.directions) choice.addEventListener("click", () => player.setDirection(choice.value));
  for (const choice of dom.views) choice.addEventListener("click", () => player.setView(choice.value));
  dom.xray.addEventListener("click", () => player.toggleLens("xray"));
  dom.whatif.addEventListener("click", () => player.toggleLens("whatif"));
  dom.helpButton.addEventListener("click", player.toggleHelp);
  dom.branch.addEventListener("click", () => options.onBranch?.(player.step(), player.pinned()));
  dom.rows.addEventListener("mouseover", (event) => player.showLine(lineOf(event)));
  dom.rows.addEventListener("mouseleave", () => player.showLine(player.pinned()));
  dom.rows.addEventListener("click", (event) => {
    const line = lineOf(event);
    player.pin(line === player.pinned() ? -1 : line);
  });
}
