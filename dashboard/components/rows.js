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
      about.append(span("lsd-task", row.task), span("lsd-verdict", row.verdict), span("lsd-about", row.about));
      const code = document.createElement("pre");
      code.append(...row.lines.map(([text, isHit]) => span(isHit ? "lsd-hit" : "", text)));
      open.append(about, code);
      const item = document.createElement("li");
      item.append(open);
      return item;
    }),
  );
  root.replaceChildren(list);
}

function span(name, text) {
  const made = document.createElement("span");
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
