/* What every component of ours asks of the page around it: its address, its theme. */

/** Writes `values` into the address; `isMove`: as a new entry of the history, which Back undoes. */
export function writeParameters(values, { isMove = false } = {}) {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(values)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href === window.location.href) return;
  if (isMove) window.history.pushState(window.history.state, "", url);
  else window.history.replaceState(window.history.state, "", url);
}

/** Streamlit's theme need not be the system's: it says so by its background colour. */
export function themeOf(host) {
  const colour = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  const digits = /^#([0-9a-f]{6})/i.exec(colour)?.[1];
  if (!digits) return "auto";
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "light" : "dark";
}
