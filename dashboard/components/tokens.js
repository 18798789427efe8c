// The tokens of a model text, each a span: what is trained on is shaded, markers are framed.
const VISIBLE = { "\n": "↵\n", "\t": "⇥\t" };

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".lst");
  const spans = data.pieces.map(([text, ids, trained, special], index) => {
    const span = document.createElement("span");
    span.className = special ? "lst-special" : trained ? `lst-trained lst-${index % 2}` : "lst-prompt";
    span.textContent = Array.from(text, (character) => VISIBLE[character] ?? character).join("");
    span.title = `${ids.length > 1 ? "ids" : "id"} ${ids.join(", ")}, ${trained ? "in the loss" : "not in the loss"}`;
    return span;
  });
  root.replaceChildren(...spans);
}
