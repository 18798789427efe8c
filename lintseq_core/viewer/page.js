/* The page around the player in a single-file export. */

import { createPlayer } from "./player.js";

const payloads = JSON.parse(document.getElementById("payloads").textContent);
const select = document.querySelector(".playlist select");
let shown = 0;
const [, first = "0", step = "0"] = /^#([0-9]{1,6})[.]([0-9]{1,7})$/.exec(location.hash) ?? [];
const clamp = (index) => Math.min(Math.max(Number(index), 0), payloads.length - 1);
const player = createPlayer(document.getElementById("player"), payloads[shown = clamp(first)], {
  step: Number(step),
  onStep: (at, { playing }) => playing || remember(at),
  ...(payloads.length > 1 && { onSample: (delta) => show(shown + delta) }),
});
function show(index) {
  shown = clamp(index);
  player.update(payloads[shown]);
  select.value = shown;
  remember(0);
}
function remember(at) {
  try { history.replaceState(null, "", `#${shown}.${at}`); } catch { /* a sandboxed frame */ }
}
if (payloads.length > 1) {
  select.value = shown;
  select.addEventListener("change", () => show(select.value));
  document.getElementById("previous").addEventListener("click", () => show(shown - 1));
  document.getElementById("next").addEventListener("click", () => show(shown + 1));
}
