/* What is more to tell of a sample that a model wrote, and of states with tests: figures,
 * faults, findings, and the edit as it was written, token by token. */

import { element, visible } from "./elements.js";
import { count, sentence } from "./words.js";
import { writtenText } from "./written.js";

const RARE = [0.5, 0.1, 0.01]; // probabilities below which a token is underlined more heavily
const COLUMNS = 40; // of text in the panel, where it stands beside the code

/** What the line of status adds about a state: does it parse, how many tests pass, what is first. */
export function stateWords(payload, step) {
  const nodes = [];
  const told = payload.generation?.steps[step - 1];
  if (told) nodes.push(told.compiles ? " · parses" : element("span", "lsp-broken", " · ✗ does not parse"));
  const outcomes = payload.tests?.outcomes[step];
  if (outcomes && step) {
    const passed = outcomes.filter((outcome) => outcome === "passed").length;
    nodes.push(` · ${passed} of ${count(outcomes.length, "test")} ${passed === 1 ? "passes" : "pass"}`);
    if (passed === outcomes.length && payload.tests.first_passing === null) nodes.push(" (earlier states were not run)");
  }
  const { bad } = payload.generation ?? {};
  if (bad?.step === step) nodes.push(element("span", "lsp-broken", ` · ✗ the first bad edit: ${bad.why.join(", ")}`));
  if (step && payload.tests?.first_passing === step) nodes.push(element("span", "lsp-passing", " · ✓ the first to pass all tests"));
  return nodes;
}

/** Items of the panel for one edit of a model. */
export function toldStep(payload, step) {
  const told = payload.generation.steps[step - 1];
  const items = [sentence(figures(told))];
  for (const fault of told.faults) items.push(marked("fault", fault));
  for (const finding of told.findings) items.push(marked("new finding", finding));
  for (const { text, objection } of told.rejected) items.push(marked(`drawn again, ${objection}`, text));
  items.push(writtenItem(told));
  return [...items, ...toldTests(payload, step)];
}

/** The tests of a state, each with its outcome; none where they were not run. */
export function toldTests(payload, step) {
  const outcomes = payload.tests?.outcomes[step];
  if (!outcomes || !step) return [];
  return outcomes.map((outcome, i) => {
    const item = element("li", outcome === "passed" ? "lsp-test" : "lsp-test lsp-failed");
    item.append(element("span", "lsp-mark", outcome === "passed" ? "✓ " : "✗ "));
    const code = element("code", "");
    code.append(...visible(payload.tests.names[i]));
    item.append(code, outcome === "passed" ? "" : ` ${outcome.replaceAll("_", " ")}`);
    return item;
  });
}

function figures({ n_tokens, log_prob, entropy, seconds }) {
  const parts = [count(n_tokens, "token")];
  if (log_prob !== null) parts.push(`log-probability ${log_prob.toFixed(2)}`);
  if (entropy !== null) parts.push(`entropy ${entropy.toFixed(3)} nats a token`);
  if (seconds !== null) parts.push(`${seconds.toFixed(2)} s`);
  return parts.join(" · ");
}

function marked(kind, text) {
  const item = element("li", "lsp-wrong");
  item.append(element("strong", "", `✗ ${kind}: `), ...visible(text));
  return item;
}

function writtenItem({ text, tokens, marks }) {
  const item = element("li", "");
  item.append(element("span", "lsp-round", "As written"));
  item.append(writtenText(tokens.length ? tokens.map(piece) : [{ text }], marks, text.replace(/\n$/, "").split("\n").length));
  if (tokens.length) item.append(legend());
  return item;
}

/** What the underlines and the figures above say. */
function legend() {
  const words = element("p", "lsp-key-to", "Underlined are tokens that the model gave a probability of ");
  RARE.forEach((limit, i) => {
    if (i) words.append(i === RARE.length - 1 ? " or " : ", ");
    words.append(element("span", `lsp-rare-${i + 1}`, `under ${100 * limit} %`));
  });
  words.append(
    ", before temperature; the log-probability sums their logarithms (0: certain), the entropy is how undecided it was" +
      " at a token (0: not at all).",
  );
  return words;
}

/** About how many lines the panel takes for the edit with most to tell: room that is kept, so that
 * nothing below moves from step to step. */
export function mostTold(payload) {
  const rows = (text) => text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / COLUMNS)), 0);
  const told = ({ text, tokens, faults, findings, rejected }) =>
    rows(text) + [...faults, ...findings, ...rejected.map((tried) => tried.text)].reduce((sum, words) => sum + rows(words) + 1, 0) +
    (tokens.length ? 9 : 3);
  return Math.max(0, ...(payload.generation?.steps ?? []).map(told)) + (payload.tests?.names.length ?? 0);
}

function piece([text, logProb, entropy]) {
  const probability = logProb === null ? null : Math.exp(logProb);
  const rare = probability === null ? 0 : RARE.filter((limit) => probability < limit).length;
  if (!rare) return { text };
  const title = `probability ${(100 * probability).toPrecision(2)} %${entropy === null ? "" : `, entropy ${entropy.toFixed(2)}`}`;
  return { text: text === "\n" ? "↵\n" : text, className: `lsp-rare-${rare}`, title };
}
