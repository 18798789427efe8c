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

export function stepWords(step, groups, start) {
  if (step && step === start) return `${count(groups[0].length, "line")} ${groups[0].length === 1 ? "stands" : "stand"} there from the start`;
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

/** List items of the sentences of `rounds`, with a heading where one begins. */
export function toldRounds(sentences, numbers, rounds) {
  return sentences.flatMap((text, i) => {
    if (!rounds.includes(numbers[i])) return [];
    const item = sentence(text);
    if (numbers[i] && numbers[i] !== numbers[i - 1]) item.prepend(roundHeading(numbers[i]));
    return [item];
  });
}

function roundHeading(number) {
  const heading = element("span", "lsp-round", "");
  heading.append(term("round", `Round ${number}`), ": the linter ", term("finding", "names"));
  return heading;
}

const TERMS = {
  round: "A round: the linter looks at what is left, and the lines that it names go too. Rounds go on until it names none.",
  finding: "A finding: a message about a line that the whole program does not give, such as a name that nothing binds any more.",
  closure: "A closure: all lines that go if one line goes, by the shape of the program and from round to round.",
};

/** A word that says what it means, under the pointer or when it is pressed. */
export function term(name, text) {
  const whole = element("span", "lsp-explained", "");
  const button = element("button", "lsp-term", text);
  const meaning = element("span", "lsp-meaning", ` (${TERMS[name]}) `);
  button.type = "button";
  button.title = TERMS[name];
  button.setAttribute("aria-expanded", "false");
  meaning.hidden = true;
  button.addEventListener("click", () => {
    meaning.hidden = !meaning.hidden;
    button.setAttribute("aria-expanded", String(!meaning.hidden));
  });
  whole.append(button, meaning);
  return whole;
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
