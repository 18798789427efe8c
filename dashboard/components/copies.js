/** A button for each way to take a view along: `act` downloads something, `text` is copied; without
 * either, the address of the page is. */
export function showCopies(holder, copies) {
  const wanted = JSON.stringify(copies);
  if (holder.dataset.shown === wanted) return;
  holder.dataset.shown = wanted;
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  holder.replaceChildren(...copies.map((copy) => copyButton(holder, said, copy)), said);
}

function copyButton(holder, said, { label, name, text, act }) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  if (name) button.setAttribute("aria-label", name);
  button.addEventListener("click", async () => {
    if (act) {
      said.textContent = await act();
    } else {
      try {
        await navigator.clipboard.writeText(text ?? window.location.href);
        said.textContent = "Copied.";
      } catch {
        said.textContent = "This browser does not let the page copy; select it by hand:";
        offerText(holder, label, text ?? window.location.href);
      }
    }
    const told = said.textContent;
    if (told.length < 20) setTimeout(() => (said.textContent = said.textContent === told ? "" : said.textContent), 3000);
  });
  return button;
}

function offerText(holder, label, text) {
  const area = document.createElement("textarea");
  area.readOnly = true;
  area.setAttribute("aria-label", label);
  area.value = text;
  holder.querySelector("textarea")?.remove();
  holder.append(area);
  area.select();
}
