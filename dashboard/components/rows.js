// A page of rows, each a button that opens it. All text is text nodes.
export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lsd-list");
  const list = document.createElement("ol");
  list.start = data.first;
  list.append(
    ...data.rows.map((row) => {
      const open = document.createElement("button");
      open.type = "button";
      open.dataset.row = row.index;
      open.addEventListener("click", () => setTriggerValue("open", row.index));
      const about = document.createElement("span");
      about.append(span("lsd-task", row.task), span("lsd-verdict", row.verdict), span("lsd-about", row.about), span("lsd-faults", row.faults));
      const code = document.createElement("pre");
      code.append(...row.lines.map(([text, isHit]) => span(isHit ? "lsd-hit" : "", text)));
      open.append(about, code, shape(row));
      const item = document.createElement("li");
      item.append(open);
      return item;
    }),
  );
  root.replaceChildren(list);
}

/** Bars of the sizes of edits over a bar of the length: what the words beside them say, as a picture. */
function shape({ bars, length }) {
  const drawn = span("lsd-shape", "");
  drawn.setAttribute("aria-hidden", "true");
  const edits = span("lsd-sizes", "");
  edits.append(...bars.map((share) => bar("blockSize", share)));
  const whole = span("lsd-length", "");
  whole.append(bar("inlineSize", length));
  drawn.append(...(bars.length ? [edits, whole] : [whole]));
  return drawn;
}

function bar(side, share) {
  const drawn = document.createElement("i");
  drawn.style[side] = `${100 * share}%`;
  return drawn;
}

function span(name, text) {
  const made = document.createElement("span");
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
