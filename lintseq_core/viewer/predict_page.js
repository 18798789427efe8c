/* The page around the exercises in a single-file export. */

import { createPredict } from "./predict.js";

const holder = document.getElementById("exercises");
for (const payload of JSON.parse(document.getElementById("payloads").textContent)) {
  const place = document.createElement("div");
  place.className = "exercise";
  holder.append(place);
  const key = `lintseq-predict:${payload.id}`;
  const kept = remembered(key);
  createPredict(place, payload, {
    round: kept?.round,
    answers: kept?.answers,
    onChange({ round, answers }) {
      try { localStorage.setItem(key, JSON.stringify({ round, answers })); } catch { /* a sandboxed frame */ }
    },
  });
}
function remembered(key) {
  try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
}
