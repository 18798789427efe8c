// Facets of a data set: a list of words or a histogram each, whose bars are buttons. All text is
// text nodes. A click asks the server, which answers with new counts; the mark moves at once.
const SHOWN = 8; // words of a facet before "show all"
const opened = new WeakMap(); // for each root: names of the facets shown in full, and what is typed

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".lsd");
  const open = opened.get(root) ?? new Map();
  opened.set(root, open);
  const focused = root.getRootNode().activeElement?.dataset?.place;
  root.replaceChildren(...data.facets.map((facet) => drawFacet({ noun: data.noun, ...facet }, open, setTriggerValue)));
  if (focused) [...root.querySelectorAll("[data-place]")].find((one) => one.dataset.place === focused)?.focus();
}

function drawFacet(facet, open, ask) {
  const set = make("fieldset", "");
  const legend = make("legend", "", make("span", "", facet.title));
  const choose = (keys) => ask("choose", { facet: facet.name, keys });
  if (facet.chosen.length) {
    const clear = button("lsd-clear", `${facet.name} clear`, () => choose([]), "clear");
    clear.setAttribute("aria-label", `${facet.title}: clear`);
    legend.append(clear);
  }
  set.append(legend, ...(facet.kind === "number" ? drawBars(facet, choose) : drawWords(facet, choose, open)));
  return set;
}

function drawWords(facet, choose, open) {
  const holder = make("div", "");
  const state = open.get(facet.name) ?? { all: false, typed: "" };
  open.set(facet.name, state);
  const most = Math.max(1, ...facet.counts);
  const draw = () => {
    const typed = state.typed.toLowerCase();
    const found = facet.keys.map((_, at) => at).filter((at) => facet.labels[at].toLowerCase().includes(typed));
    const isChosen = (at) => facet.chosen.includes(facet.keys[at]);
    const ordered = facet.sorted ? [...found].sort((a, b) => isChosen(b) - isChosen(a) || facet.counts[b] - facet.counts[a] || a - b) : found;
    const shown = state.all ? ordered.slice(0, 300) : ordered.slice(0, SHOWN);
    const rows = shown.map((at) => {
      const key = facet.keys[at];
      const row = button("lsd-key", `${facet.name} ${key}`, () => {
        row.setAttribute("aria-pressed", String(!isChosen(at)));
        choose(isChosen(at) ? facet.chosen.filter((one) => one !== key) : [...facet.chosen, key]);
      });
      row.append(make("span", "lsd-sign", isChosen(at) ? "✓" : ""), make("span", "lsd-name", facet.labels[at]), make("span", "lsd-n", facet.counts[at].toLocaleString("en")));
      row.title = facet.labels[at];
      row.setAttribute("aria-pressed", String(isChosen(at)));
      row.style.setProperty("--share", facet.counts[at] / most);
      return row;
    });
    if (!rows.length) rows.push(make("div", "", "Nothing of that name."));
    const left = found.length - shown.length;
    if (left > 0 && !state.all) {
      rows.push(button("lsd-more", `${facet.name} more`, () => { state.all = true; draw(); }, `Show ${left.toLocaleString("en")} more`));
    } else if (left > 0) {
      rows.push(make("div", "", `${left.toLocaleString("en")} more: type a part of the name.`));
    } else if (state.all && found.length > SHOWN) {
      rows.push(button("lsd-more", `${facet.name} more`, () => { state.all = false; draw(); }, "Show fewer"));
    }
    holder.replaceChildren(...rows);
  };
  draw();
  if (facet.keys.length <= SHOWN) return [holder];
  const input = make("input", "");
  input.type = "search";
  input.placeholder = "Part of a name";
  input.setAttribute("aria-label", `${facet.title}: part of a name`);
  input.dataset.place = `${facet.name} typed`;
  input.value = state.typed;
  input.addEventListener("input", () => { state.typed = input.value; draw(); });
  for (const kind of ["keydown", "keyup", "keypress"]) input.addEventListener(kind, (event) => event.stopPropagation());
  return [input, holder];
}

function drawBars(facet, choose) {
  const bars = make("div", "lsd-bars");
  const said = make("span", "lsd-said", facet.chosen.length ? "" : "");
  const most = Math.max(1, ...facet.counts);
  let last = facet.keys.findIndex((key) => facet.chosen.includes(key));
  facet.keys.forEach((key, at) => {
    const isChosen = facet.chosen.includes(key);
    const words = `${facet.labels[at]}: ${facet.counts[at].toLocaleString("en")}`;
    const bar = button("lsd-bar", `${facet.name} ${key}`, (event) => {
      let keys = isChosen ? facet.chosen.filter((one) => one !== key) : [...facet.chosen, key];
      if (event.shiftKey && last >= 0) keys = facet.keys.slice(Math.min(last, at), Math.max(last, at) + 1);
      last = at;
      bar.setAttribute("aria-pressed", String(keys.includes(key)));
      choose(keys);
    });
    bar.title = words;
    bar.setAttribute("aria-label", `${facet.title}, ${words} ${facet.noun}`);
    bar.setAttribute("aria-pressed", String(isChosen));
    bar.style.setProperty("--share", facet.counts[at] / most);
    bar.style.setProperty("--floor", facet.counts[at] ? "2px" : "0px");
    for (const kind of ["mouseenter", "focus"]) bar.addEventListener(kind, () => (said.textContent = words));
    for (const kind of ["mouseleave", "blur"]) bar.addEventListener(kind, () => (said.textContent = ""));
    bars.append(bar);
  });
  const typed = facet.chosen.filter((key) => !facet.keys.includes(key));
  const ends = make("div", "lsd-ends", make("span", "", facet.labels[0]), said, make("span", "", facet.labels.at(-1)));
  return typed.length ? [bars, ends, make("div", "", `Chosen: ${typed.join(", ")}`)] : [bars, ends];
}

function button(name, place, act, text = "") {
  const made = make("button", name, text);
  made.type = "button";
  made.dataset.place = place;
  made.addEventListener("click", act);
  return made;
}

function make(tag, name, ...children) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children.filter((child) => child !== ""));
  return made;
}
