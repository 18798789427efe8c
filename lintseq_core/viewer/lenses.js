/* Two lenses on a state. X-ray: why the lines of the last edit go together. What if: what would go
 * with the line under the pointer, from the closures that came with the state. */

import { KINDS, MAX_ARROWS, arrowsSvg, noteOf, runsOf } from "./arrows.js";
import { element } from "./elements.js";
import { count, term, withCode } from "./words.js";

export function createLenses(dom, player) {
  let xray = player.options.xray ?? true;
  let whatif = player.options.whatif ?? false;
  let noted = []; // rows with a note or a mark
  let marked = -1; // the line whose closure is shown
  const wanted = new Set(); // states that were asked for

  function clear() {
    for (const row of noted) {
      delete row.dataset.note;
      delete row.dataset.whatif;
    }
    noted = [];
    marked = -1;
    dom.arrows.replaceChildren();
    dom.branch.hidden = true;
  }

  /** The X-ray of the edit shown, unless a closure is shown instead. */
  function draw() {
    clear();
    dom.root.classList.toggle("lsp-with-arrows", xray || whatif);
    dom.xray.setAttribute("aria-pressed", String(xray));
    dom.whatif.setAttribute("aria-pressed", String(whatif));
    const payload = player.payload();
    const lines = player.lines();
    if (!xray || !lines.length) return;
    const { kinds, rounds, causes, cause_sets } = payload.xray;
    show(
      lines.map((line) => ({
        line, kind: KINDS[kinds[line]], round: rounds[line], causes: cause_sets[causes[line]] ?? NONE,
        phrase: player.phrase(line),
      })),
      payload.meta.method !== "randseq",
    );
  }

  function show(entries, withNotes) {
    const runs = runsOf(entries);
    const tops = player.ranks(entries.flatMap(({ line, causes }) => (causes.length > 64 ? [line] : [line, ...causes])));
    dom.arrows.replaceChildren(arrowsSvg(runs, tops, player.row()));
    if (!withNotes) return;
    for (const run of runs.slice(0, MAX_ARROWS)) {
      const note = noteOf(run, run.phrase, player.apart() || marked >= 0);
      const row = player.rows()[run.from];
      if (!note || !row) continue;
      row.dataset.note = note;
      noted.push(row);
    }
  }

  /** Shows the closure of `line`; true if the line of text below the code is taken care of. */
  function point(line) {
    if (!whatif) return false;
    const payload = player.payload();
    const step = player.step();
    const state = payload.whatif?.[step];
    if (!state) {
      const asked = `${payload.id}:${step}`;
      if (step && player.options.onWhatIf && !wanted.has(asked)) {
        wanted.add(asked);
        player.options.onWhatIf(step);
      }
      dom.line.append(element("span", "lsp-muted", whatIfMissing(payload, step, player.options)));
      return true;
    }
    if (line !== marked) {
      if (line >= 0 && state.closures[line]) mark(line, state);
      else draw();
    }
    if (line < 0) dom.line.append(element("span", "lsp-muted", "Point at a line to see what goes with it; click to keep it."));
    else tell(line, state);
    return true;
  }

  function mark(line, state) {
    clear();
    marked = line;
    const entries = closureEntries(state, line);
    const rows = player.rows();
    for (const entry of entries) {
      const row = rows[entry.line];
      if (!row) continue;
      row.dataset.whatif = entry.line === line ? "chosen" : "goes";
      noted.push(row);
    }
    show(entries, true);
    const chosen = rows[line];
    if (chosen) chosen.dataset.note = "the line you chose";
  }

  function tell(line, state) {
    const entries = closureEntries(state, line);
    if (!entries.length) {
      dom.line.append(element("span", "lsp-muted", `Line ${line + 1} is not in this state yet.`));
      return;
    }
    const others = entries.length - 1;
    const title = others ? `${count(others, "other line")} ${others === 1 ? "goes" : "go"} with it` : "no other line goes";
    const head = element("strong", "", `If line ${line + 1} goes, ${title}: its `);
    head.append(term("closure", "closure"), ".");
    dom.line.append(head);
    const told = runsOf(entries.filter((entry) => entry.line !== line));
    told.sort((a, b) => a.round - b.round || a.from - b.from);
    const list = element("span", "lsp-told");
    for (const run of told.slice(0, 12)) {
      const where = run.from === run.to ? `${run.from + 1}` : `${run.from + 1}-${run.to + 1}`;
      const item = element("span", "");
      item.append(element("strong", "", where), " ", ...withCode(run.phrase));
      list.append(item);
    }
    if (told.length > 12) list.append(element("span", "lsp-muted", `and ${told.length - 12} more`));
    dom.line.append(list);
    dom.branch.hidden = !player.options.onBranch || player.pinned() !== line;
  }

  return {
    get xray() {
      return xray;
    },
    get whatif() {
      return whatif;
    },
    clear,
    draw,
    point,
    toggle(name) {
      if (name === "xray") xray = !xray;
      else whatif = !whatif;
      draw();
    },
  };
}

const NONE = [];

/** The closure of `line` as entries; empty if the line is not in the state. */
function closureEntries(state, line) {
  const flat = state.closures[line] ?? [];
  const entries = [];
  for (let i = 0; i + 4 < flat.length; i += 5) {
    entries.push({
      line: flat[i], kind: KINDS[flat[i + 1]], round: flat[i + 2],
      causes: state.cause_sets[flat[i + 3]] ?? NONE, phrase: state.phrases[flat[i + 4]],
    });
  }
  return entries;
}

function whatIfMissing(payload, step, options) {
  if (!step) return "The empty program: there is no line to take out.";
  if (!options.onWhatIf) return "What would go with a line is not known here: it takes LintSeq with pyflakes.";
  return "Working out what goes with each line …";
}
