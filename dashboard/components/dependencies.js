/* A program whose lines tell what they need and what needs them: a list box, all of it the browser's.
 *
 * What stands under the pointer shows; a click, a tap or an arrow key keeps a line, and the address
 * says which. All text is text nodes.
 */

import { element, visible } from "../../lintseq_core/viewer/elements.js";
import { themeOf, writeParameters } from "./shell.js";

const MARKS = { needs: "← it needs", needed: "→ needs it", together: "= with it", free: "free", self: "this line" };
const SIGNS = { n: "needs", d: "needed", t: "together", f: "free", x: "self" };
const shownIn = new WeakMap(); // what is mounted in each root

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".lsn");
  let mounted = shownIn.get(root);
  if (mounted?.text !== data.text) {
    mounted = mount(root, data, mounted ? null : linked());
    shownIn.set(root, mounted);
  }
  root.parentElement.dataset.theme = themeOf(parentElement.host ?? parentElement);
  mounted.show(data);
}

/** The line that the address asks for, 0-based, or null. */
function linked() {
  const asked = new URL(window.location.href).searchParams.get("line");
  return /^[1-9][0-9]{0,5}$/.test(asked ?? "") ? Number(asked) - 1 : null;
}

function mount(root, first, asked) {
  const list = element("div", "lsn-code");
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Lines of the program. Arrows move.");
  list.tabIndex = 0;
  const said = element("p", "lsn-said");
  said.setAttribute("role", "status");
  const notes = element("div", "lsn-notes");
  const rows = first.lines.map((text, line) => drawLine(first, text, line));
  list.append(...rows);
  list.style.setProperty("--digits", `${rows.length}`.length);
  const panel = element("div", "lsn-panel");
  panel.append(said, notes);
  root.replaceChildren(list, panel);

  let data = first;
  const isThere = asked !== null && Boolean(first.signs[asked]);
  let kept = isThere ? asked : first.first;
  const inVain = asked !== null && !isThere ? [`The link asks for line ${asked + 1}, which no edit brings.`] : [];
  if (!isThere) writeParameters({ line: "" });
  const tell = (line) => {
    const signs = data.signs[line] ?? "";
    rows.forEach((row, other) => {
      const kind = SIGNS[signs[other]] ?? "";
      row.dataset.kind = kind;
      row.setAttribute("aria-selected", String(kind === "self"));
      row.mark.textContent = MARKS[kind] ?? "";
    });
    if (data.signs[line]) list.setAttribute("aria-activedescendant", rows[line].id);
    said.replaceChildren(...visible(data.sentences[line] ?? ""));
  };
  const keep = (line) => {
    kept = line;
    tell(kept);
    writeParameters({ line: kept === data.first ? "" : `${kept + 1}` });
  };
  const lineOf = (event) => {
    const line = rows.indexOf(event.target.closest(".lsn-row"));
    return data.signs[line] ? line : null;
  };

  list.addEventListener("pointerover", (event) => lineOf(event) !== null && tell(lineOf(event)));
  list.addEventListener("pointerleave", () => tell(kept));
  list.addEventListener("click", (event) => lineOf(event) !== null && keep(lineOf(event)));
  list.addEventListener("keydown", (event) => {
    const drawn = rows.map((_, line) => line).filter((line) => data.signs[line]);
    const at = drawn.indexOf(kept);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: drawn.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (drawn[to] === undefined) return;
    keep(drawn[to]);
    rows[kept].scrollIntoView({ block: "nearest" });
  });

  return {
    text: first.text,
    show(next) {
      data = next;
      root.style.blockSize = `${data.height - 2}px`; // less the border of the frame
      if (!data.signs[kept]) kept = data.first;
      rows.forEach((row, line) => row.setAttribute("aria-disabled", String(!data.signs[line])));
      notes.replaceChildren(...[...inVain, ...data.notes].map((note) => element("p", "", note)));
      tell(kept);
      if (isThere && next === first) reveal(list, rows[kept]);
    },
  };
}

/** Scrolls the list, and not the page around it. */
function reveal(list, row) {
  const top = row.offsetTop - list.offsetTop;
  if (top + row.offsetHeight > list.clientHeight) list.scrollTop = top - list.clientHeight / 2;
}

function drawLine({ tokens, token_classes: classes }, text, line) {
  const row = element("div", "lsn-row");
  row.id = `lsn-${line + 1}`;
  row.setAttribute("role", "option");
  row.dataset.line = line + 1;
  row.mark = element("span", "lsn-mark");
  const source = element("span", "lsn-source");
  let from = 0;
  for (let i = 0; i < tokens[line].length; i += 2) {
    const token = element("span", `lsp-${classes[tokens[line][i + 1]]}`);
    token.append(...visible(text.slice(from, from + tokens[line][i])));
    from += tokens[line][i];
    source.append(token);
  }
  if (!text.trim()) row.classList.add("lsn-blank");
  row.append(element("span", "lsn-number", `${line + 1}`), row.mark, source);
  return row;
}
