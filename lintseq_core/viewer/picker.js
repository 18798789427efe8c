/* A program whose lines can be chosen: by click, by Shift and click for a range, or by keys. */

import { buildRow, element } from "./elements.js";
import { withCode } from "./words.js";

const STATES = { there: "there", open: "to choose", chosen: "chosen", free: "comes along by itself" };
const MARKS = { missing: "left out", extra: "too much", right: "right" };
let pickers = 0; // so that the rows of two of them on a page have different ids

/** `payload` has lines, tokens, token_classes, births; `label` is said to who does not see.
 *
 * hooks: canChoose(line), onChange() after the reader changed the choice, onEnter().
 */
export function createPicker(payload, label, hooks) {
  const list = element("div", "lsp-code");
  list.tabIndex = 0;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-multiselectable", "true");
  list.setAttribute("aria-label", `${label} Arrows move, Space chooses, Enter checks.`);
  const number = (pickers += 1);
  const rows = payload.lines.map((text, line) => {
    const row = buildRow(payload, text, line);
    row.id = `lsp-pick-${number}-${line}`;
    row.setAttribute("role", "option");
    row.querySelector(".lsp-gutter").removeAttribute("data-edit");
    return row;
  });
  list.append(...rows);
  let chosen = new Set();
  let here = 0; // the line the keys are at
  let from = -1; // where a range begins

  function toggle(line, range) {
    if (!hooks.canChoose(line)) return;
    const on = !chosen.has(line);
    const lines = range && from >= 0 ? span(from, line) : [line];
    for (const one of lines) if (hooks.canChoose(one)) (range || on ? chosen.add(one) : chosen.delete(one));
    from = here = line;
    hooks.onChange();
  }

  function move(delta) {
    let line = here;
    do line += delta;
    while (rows[line] && !hooks.canChoose(line));
    if (!rows[line]) return;
    here = line;
    showHere();
    const row = rows[line];
    const top = row.offsetTop - list.offsetTop;
    if (top < list.scrollTop || top + 2 * row.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top - list.clientHeight / 2;
    }
  }

  function showHere() {
    rows.forEach((row, line) => row.classList.toggle("lsp-here", line === here));
    list.setAttribute("aria-activedescendant", rows[here]?.id ?? "");
  }

  list.addEventListener("click", (event) => {
    const row = event.target.closest?.(".lsp-row");
    if (row) toggle(rows.indexOf(row), event.shiftKey);
  });
  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === " ") toggle(here, event.shiftKey);
    else if (event.key === "Enter") hooks.onEnter();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    list,
    rows,
    get chosen() {
      return [...chosen].sort((a, b) => a - b);
    },
    /** Chooses `lines` and moves the keys to the first line that can be chosen. */
    start(lines) {
      chosen = new Set(lines.filter((line) => rows[line]));
      here = Math.max(0, rows.findIndex((_, line) => hooks.canChoose(line)));
      from = -1;
    },
    /** Draws every line: `stateOf` gives one of STATES, `markOf` one of MARKS or nothing. */
    draw(stateOf, markOf) {
      rows.forEach((row, line) => {
        row.dataset.state = chosen.has(line) ? "chosen" : stateOf(line);
        const mark = markOf(line);
        if (mark) row.dataset.mark = mark;
        else delete row.dataset.mark;
        row.setAttribute("aria-selected", String(chosen.has(line)));
        row.setAttribute("aria-disabled", String(!hooks.canChoose(line)));
        const said = MARKS[mark] ?? STATES[row.dataset.state];
        row.setAttribute("aria-label", `Line ${line + 1}, ${said}: ${payload.lines[line].trim() || "blank"}`);
      });
      showHere();
    },
  };
}

function span(a, b) {
  const [low, high] = a < b ? [a, b] : [b, a];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

export function sameLines(lines, other) {
  const set = new Set(other);
  return lines.length === set.size && lines.every((line) => set.has(line));
}

/** "Lines 3-5 and 9" of 0-based lines; a gap of lines in `free` alone does not part two. */
export function nameLines(lines, free = new Set()) {
  const runs = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    const joins = last && span(last[1], line).slice(1, -1).every((between) => free.has(between));
    if (joins) last[1] = line;
    else runs.push([line, line]);
  }
  const named = runs.map(([a, b]) => (a === b ? `${a + 1}` : `${a + 1}-${b + 1}`));
  const last = named.pop();
  return `${lines.length === 1 ? "Line" : "Lines"} ${named.length ? `${named.join(", ")} and ${last}` : last}`;
}

export function action(label, className = "") {
  const node = element("button", `lsp-action ${className}`.trim(), label);
  node.type = "button";
  return node;
}

export function said(tag, className, text) {
  const node = element(tag, className);
  node.append(...withCode(text));
  return node;
}
