/* What the player is made of: rows and text. Text from data goes through text nodes alone. */

export const CHUNK = 50; // rows per chunk, the unit that is not laid out while out of view

// Invisible characters that change how code reads: controls, bidi controls, zero-width space.
export const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** What makes copies of `markup`: `root`, and each part by its data-part.
 *
 * Markup of our own alone: what comes from data is written into a copy of it, as text nodes.
 */
export function stencil(markup) {
  let template = null; // one for all copies on a page
  return () => {
    if (!template) {
      template = document.createElement("template");
      template.innerHTML = markup.replace(/\n\s*/g, "");
    }
    const root = document.importNode(template.content, true).firstChild;
    const parts = [...root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]);
    return { root, ...Object.fromEntries(parts) };
  };
}

/** Nodes of `text` in which characters that do not show, or turn the reading order, do show. */
export function visible(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    if (match.index > from) nodes.push(document.createTextNode(text.slice(from, match.index)));
    const mark = element("bdi", "lsp-invisible", match[0]);
    mark.dataset.name = `U+${match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    nodes.push(mark);
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(document.createTextNode(text.slice(from)));
  return nodes;
}

export function buildRow(payload, text, line) {
  const row = element("div", "lsp-row");
  row.dataset.state = "absent";
  const gutter = element("span", "lsp-gutter");
  gutter.dataset.line = line + 1;
  gutter.dataset.edit = payload.births[line] + 1;
  const source = element("span", RIGHT_TO_LEFT.test(text) ? "lsp-source lsp-rtl" : "lsp-source");
  const runs = payload.tokens[line];
  let from = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const part = visible(text.slice(from, from + runs[i]));
    from += runs[i];
    if (runs[i + 1] === 0 && !source.classList.contains("lsp-rtl")) source.append(...part);
    else {
      const token = element("span", `lsp-${payload.token_classes[runs[i + 1]]}`);
      token.append(...part);
      source.append(token);
    }
  }
  source.append("\n");
  row.append(gutter, source);
  return row;
}

/** Rows in groups of CHUNK; `count` is how many of a group show, `measure()` tells the page. */
export function buildChunks(rows) {
  const chunks = [];
  for (let from = 0; from < rows.length; from += CHUNK) {
    const chunk = element("div", "lsp-chunk");
    chunk.append(...rows.slice(from, from + CHUNK));
    chunk.count = 0;
    chunk.measured = -1;
    chunk.measure = () => {
      if (chunk.measured === chunk.count) return;
      chunk.measured = chunk.count;
      chunk.hidden = !chunk.count;
      chunk.style.containIntrinsicBlockSize = `calc(var(--lsp-row) * ${chunk.count})`;
    };
    chunks.push(chunk);
  }
  return chunks;
}

/** Columns of the longest line, tabs and wide characters counted generously. */
export function widest(lines) {
  let most = 1;
  for (const text of lines) {
    let columns = text.length;
    if (/[\t\u1100-\uffff]/.test(text)) for (const c of text) columns += c === "\t" ? 3 : c > "\u10ff" ? 1 : 0;
    if (columns > most) most = columns;
  }
  return most;
}
