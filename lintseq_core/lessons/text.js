/* Text of a lesson from the blocks of markup.py. Text goes through text nodes alone. */

import { element, visible } from "../viewer/elements.js";

export function blocksOf(blocks) {
  return blocks.map(([kind, content]) => {
    if (kind === "code") {
      const block = element("pre", "lsl-code");
      block.tabIndex = 0;
      block.append(element("code", "", content));
      return block;
    }
    if (kind === "list") {
      const list = element("ul", "lsl-list");
      list.append(...content.map((spans) => withSpans(element("li", ""), spans)));
      return list;
    }
    if (kind === "table") return tableOf(content);
    return withSpans(element("p", ""), content);
  });
}

function tableOf([head, ...rows]) {
  const table = element("table", "");
  const top = element("tr", "");
  top.append(...head.map((spans) => withSpans(element("th", ""), spans)));
  for (const cell of top.children) cell.scope = "col";
  const headGroup = element("thead", "");
  headGroup.append(top);
  const body = element("tbody", "");
  for (const row of rows) {
    const line = element("tr", "");
    line.append(...row.map((spans) => withSpans(element("td", ""), spans)));
    body.append(line);
  }
  table.append(headGroup, body);
  const holder = element("div", "lsl-table");
  holder.tabIndex = 0;
  holder.setAttribute("role", "group");
  holder.setAttribute("aria-label", "Table");
  holder.append(table);
  return holder;
}

const SPAN_TAGS = { code: "code", strong: "strong", em: "em" };

export function withSpans(node, spans) {
  for (const [kind, text, address] of spans) {
    if (kind === "text") node.append(...visible(text));
    else if (kind === "link") {
      const anchor = element("a", "", text);
      if (/^https:\/\//.test(address)) anchor.href = address;
      anchor.target = "_blank";
      anchor.rel = "noopener";
      node.append(anchor);
    } else {
      const part = element(SPAN_TAGS[kind] ?? "span", "");
      part.append(...visible(text));
      node.append(part);
    }
  }
  return node;
}
