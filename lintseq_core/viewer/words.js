/* What the player says: sentences from the payload. Text from data goes through text nodes alone. */

import { element, visible } from "./elements.js";

export function introduction({ method, linter, compat, mode, guard }) {
  if (method === "generated") {
    return [mode === "whole" ? "The one step is the whole program, as the model wrote it." : "Each step is one edit, as the model wrote it.",
      guard ? "A lint guard had edits drawn again that broke something." : "Nobody checked it while it was written: ✗ marks the first bad edit, ✓ the first after which all tests pass."];
  }
  const [first, second] =
    method === "randseq"
      ? ["Each step is one edit: lines drawn at random, inserted at once.", "No linter is asked: a state may be broken."]
      : ["Each step is one edit: lines that belong together, inserted at once.",
         "No edit brings in an error that the linter finds."];
  return compat || (method === "lintseq" && linter === "none") ? [first] : [first, second];
}

export function stepWords(step, groups) {
  return step ? `inserts ${count(groups[step - 1].length, "line")}` : "empty program";
}

export function count(n, noun) {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

export function provenance(meta) {
  if (meta.method === "generated") {
    const parts = [meta.model, `sample ${meta.sample_index + 1} of ${meta.n_samples}`, `temperature ${meta.temperature}`, `seed ${meta.seed}`];
    if (meta.edit_format && meta.edit_format !== "unified") parts.push(`edits ${meta.edit_format.replace("_", " and ")}`);
    return parts.join(" · ");
  }
  const linter = meta.method === "randseq" || meta.linter === "none" ? "no linter" : [meta.linter, meta.linter_version].filter(Boolean).join(" ");
  const parts = [meta.method === "randseq" ? "RandSeq" : "LintSeq", linter];
  if (meta.compat) parts.push(`as ${meta.compat}`);
  if (meta.seed !== null) parts.push(`seed ${meta.seed}`);
  if (meta.path_index !== null) parts.push(`sequence ${meta.path_index + 1}`);
  return parts.join(" · ");
}

export function brokenWords(text) {
  const words = element("span", "lsp-broken", "✗ broken: ");
  words.append(...withCode(text));
  return words;
}

/** List items of sentences, with a heading where a round of findings begins. */
export function toldRounds(sentences, numbers) {
  const many = numbers.at(-1) > 0;
  return sentences.map((text, i) => {
    const item = sentence(text);
    if (many && (i === 0 || numbers[i] !== numbers[i - 1])) {
      item.prepend(element("span", "lsp-round", numbers[i] ? `Round ${numbers[i]}: the linter named` : "Drawn"));
    }
    return item;
  });
}

export function sentence(text) {
  const item = element("li", "");
  item.append(...withCode(text));
  return item;
}

/** Nodes of a phrase, with what stands between backticks as code. */
export function withCode(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return visible(text); // an odd backtick: no pairs to trust
  return parts.flatMap((part, i) => {
    if (!part) return [];
    if (i % 2 === 0) return visible(part);
    const code = element("code", "");
    code.append(...visible(part));
    return [code];
  });
}
