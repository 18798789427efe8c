/* Questions with checked answers: choose, say a number, click lines. */

import { element } from "../viewer/elements.js";
import { action, createPicker, nameLines, sameLines } from "../viewer/picker.js";
import { count } from "../viewer/words.js";
import { withSpans } from "./text.js";

let questions = 0; // so that groups of radio buttons on a page have different names

/** The question with what the reader answered before; `reveal` shows what is right from the start.
 * onAnswer({ right, tries, ... }) after every check. */
export function buildQuestion(question, answer, reveal, onAnswer) {
  questions += 1;
  const box = element("section", "lsl-question");
  const ask = withSpans(element("p", "lsl-ask"), question.ask);
  ask.id = `lsl-ask-${questions}`;
  box.setAttribute("aria-labelledby", ask.id);
  const told = element("div", "lsl-told");
  told.setAttribute("role", "status");
  const check = action("Check", "lsp-primary");
  const build = { choice: buildChoice, number: buildNumber, lines: buildLines }[question.kind];
  let tries = answer?.tries ?? 0;
  const part = build(question, answer, reveal, () => told.replaceChildren(), () => check.click());

  check.addEventListener("click", () => {
    const given = part.read();
    if (given === null) {
      tell(told, false, part.nothing, []);
      return;
    }
    tries += 1;
    const verdict = part.judge(given);
    show(verdict);
    onAnswer({ given, right: verdict.right, tries });
  });

  function show({ right, because, hint }) {
    part.mark?.();
    tell(told, right, right ? "Right." : hint, because);
    told.scrollIntoView({ block: "nearest" });
  }

  const row = element("div", "lsp-actions");
  row.append(check);
  box.append(element("p", "lsl-label", "Question"), ask, part.node, row, told);
  if (reveal) {
    row.hidden = true;
    told.removeAttribute("role");
    told.replaceChildren(...part.solution());
  } else if (answer) show(part.judge(answer.given));
  return box;
}

function tell(told, right, words, because) {
  told.replaceChildren(
    element("p", `lsp-verdict ${right ? "lsp-right" : "lsp-wrong"}`, `${right ? "✓" : "✗"} ${words}`),
    ...because.map((spans) => withSpans(element("p", ""), spans)),
  );
}

function solved(words, spans) {
  const first = element("p", "lsp-verdict lsp-right", words);
  return [first, withSpans(element("p", ""), spans)];
}

function buildChoice({ options }, answer, reveal, onChange) {
  const many = options.filter((option) => option.right).length > 1;
  const node = element("div", "lsl-options");
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", many ? "Options, several are right" : "Options");
  const inputs = options.map((option, index) => {
    const input = element("input", "");
    input.type = many ? "checkbox" : "radio";
    input.name = `lsl-${questions}`;
    input.checked = reveal ? option.right : Boolean(answer?.given.includes(index));
    input.disabled = reveal;
    input.addEventListener("change", onChange);
    const label = element("label", "lsl-option");
    label.append(input, withSpans(element("span", ""), option.text));
    if (reveal) {
      label.classList.toggle("lsl-solution", option.right);
      label.append(withSpans(element("span", "lsl-why"), option.because));
    }
    node.append(label);
    return input;
  });
  return {
    node,
    nothing: "Choose an answer first.",
    read() {
      const given = inputs.flatMap((input, index) => (input.checked ? [index] : []));
      return given.length ? given : null;
    },
    judge(given) {
      const right = options.every((option, index) => option.right === given.includes(index));
      const about = given.filter((index) => options[index] && (right || !options[index].right));
      const hint = about.length ? "Not quite." : "There is more that is right.";
      return { right, hint, because: about.map((index) => options[index].because) };
    },
    solution: () => [],
  };
}

function buildNumber({ answer: right, tolerance, unit, because }, answer, reveal, onChange, onEnter) {
  const node = element("div", "lsl-number");
  const input = element("input", "");
  input.type = "text";
  input.inputMode = "decimal";
  input.autocomplete = "off";
  input.setAttribute("aria-label", unit ? `Your answer, ${unit}` : "Your answer");
  input.value = reveal ? `${right}` : answer?.given ?? "";
  input.readOnly = reveal;
  input.addEventListener("input", onChange);
  input.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the page around has shortcuts on letters
    if (event.key === "Enter") onEnter();
  });
  node.append(input, element("span", "", unit));
  const within = tolerance ? ` (± ${tolerance})` : "";
  return {
    node,
    nothing: "Write a number first, as in 0.25.",
    read: () => (Number.isFinite(numberOf(input.value)) ? input.value.trim() : null),
    judge(given) {
      const value = numberOf(given);
      const isRight = Math.abs(value - right) <= tolerance + 1e-9;
      const hint = value < right ? "More than that." : "Less than that.";
      return { right: isRight, hint, because: isRight ? [because] : [] };
    },
    solution: () => solved(`${right}${unit ? ` ${unit}` : ""}${within}`, because),
  };
}

/** "0,25", "25 %" is 0.25 and 25: a comma is a point, a sign of per cent is left out. */
function numberOf(text) {
  const plain = String(text).trim().replace(",", ".").replace(/\s*%$/, "");
  return plain === "" ? NaN : Number(plain);
}

function buildLines({ program, answer: right, because }, answer, reveal, onChange, onEnter) {
  const node = element("div", "lsp lsp-predict lsl-lines");
  node.style.setProperty("--lsp-digits", String(program.lines.length).length);
  const isBlank = (line) => !program.lines[line].trim();
  let marked = false;
  const picker = createPicker(program, "Lines of the program.", {
    canChoose: (line) => !reveal && !isBlank(line),
    onChange: () => {
      marked = false;
      draw();
      onChange();
    },
    onEnter,
  });
  const draw = () => picker.draw(
    (line) => (isBlank(line) ? "free" : "plain"),
    (line) => (marked && !right.includes(line) && picker.chosen.includes(line) ? "extra" : ""),
  );
  const view = element("div", "lsp-view");
  view.append(picker.list);
  node.append(view);
  picker.start(reveal ? right : answer?.given ?? []);
  draw();
  return {
    node,
    nothing: "Click the lines first.",
    read: () => (picker.chosen.length ? picker.chosen : null),
    mark() {
      marked = true;
      draw();
    },
    judge(given) {
      const isRight = sameLines(given, right);
      const missing = right.filter((line) => !given.includes(line)).length;
      const extra = given.filter((line) => !right.includes(line)).length;
      const parts = [extra && `${count(extra, "line")} too much`, missing && `${count(missing, "line")} left out`];
      return { right: isRight, hint: `${parts.filter(Boolean).join(", ")}.`, because: isRight ? [because] : [] };
    },
    solution: () => solved(`${nameLines(right)}.`, because),
  };
}
