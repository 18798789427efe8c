/* What a model wrote, a row for each line with its number, and in place a mark on each line where it
 * breaks the format. Text from data goes through text nodes alone. */

import { element, visible } from "./elements.js";

/** `pieces` of text, each with a class and a title if it has any; `marks` of lines: [number from 1,
 * words]. Lines after `last` are what ends the text: they have no number. */
export function writtenText(pieces, marks = [], last = Infinity) {
  const raw = element("div", "lsp-raw");
  const rows = [];
  const addRow = () => {
    const row = element("div", "lsp-written");
    if (rows.length < last) row.dataset.line = rows.length + 1;
    rows.push(row);
    return row;
  };
  let row = addRow();
  for (const { text, className, title } of pieces) {
    text.split("\n").forEach((part, i) => {
      if (i) row = addRow();
      if (!part) return;
      if (!className) return row.append(...visible(part));
      const span = element("span", className);
      span.title = title;
      span.append(...visible(part));
      row.append(span);
    });
  }
  while (rows.length > last && !row.firstChild) {
    rows.pop();
    row = rows.at(-1);
  }
  for (const [number, words] of marks) {
    const guilty = rows[number - 1];
    if (!guilty) continue;
    guilty.classList.add("lsp-guilty");
    guilty.append(element("span", "lsp-fault", `✗ ${words}`));
  }
  raw.append(...rows);
  return raw;
}
