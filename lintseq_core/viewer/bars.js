/* The bars above the scrubber: an edit each, as high as it has lines, with marks. */

import { element } from "./elements.js";

const MAX_BARS = 400; // more edits than this have no room for a bar each

export function buildBars(holder, groups, payload, start) {
  holder.replaceChildren();
  if (groups.length > MAX_BARS) return;
  const largest = Math.max(1, ...groups.map((lines) => lines.length));
  groups.forEach((lines, edit) => {
    const bar = element("i", "");
    bar.edit = edit;
    bar.style.setProperty("--lsp-at", (edit + 1 - start) / (groups.length - start));
    bar.style.setProperty("--lsp-size", Math.sqrt(lines.length / largest));
    const marks = marksOf(payload, edit + 1);
    if (marks) bar.dataset.marks = marks;
    holder.append(bar);
  });
}

/** The marks of an edit in a list of words: "bad" (the first bad edit), "broken" or "wrong", and
 * "passing" (the first state to pass all tests), which says nothing about the edit itself. */
function marksOf(payload, step) {
  const told = payload.generation?.steps[step - 1];
  const marks = [];
  if (payload.generation?.bad?.step === step) marks.push("bad");
  else if (payload.checks?.broken[step]) marks.push("broken");
  else if (told && (!told.compiles || told.faults.length)) marks.push("wrong");
  if (payload.tests?.first_passing === step) marks.push("passing");
  return marks.join(" ");
}
