/* The page around a lesson in a single-file export. */

import { createLesson } from "./lesson.js";

const { lesson, explorer } = JSON.parse(document.getElementById("payloads").textContent);
document.querySelector(".lesson-about").textContent = `${lesson.summary} About ${lesson.minutes} minutes.`;
const [, number, view] = /^#([0-9]{1,4})([.]instructor)?$/.exec(location.hash) ?? [];
const shown = createLesson(document.getElementById("lesson"), lesson, {
  ...(number !== undefined && { at: Number(number) - 1 }),
  instructor: view !== undefined,
  base: explorer,
  onMove({ at, instructor }) {
    const hash = `#${at + 1}${instructor ? ".instructor" : ""}`;
    try { history.replaceState(null, "", hash); } catch { /* a sandboxed frame */ }
  },
});
addEventListener("hashchange", () => {
  const [, next] = /^#([0-9]{1,4})/.exec(location.hash) ?? [];
  if (next !== undefined) shown.setStep(Number(next) - 1);
});
