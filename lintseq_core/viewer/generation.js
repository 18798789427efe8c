/* What is more to tell of a sample that a model wrote, and of states with tests: figures,
 * faults, findings, and the edit as it was written, token by token. */

import { element, visible } from "./elements.js";
import { count, sentence } from "./words.js";

const RARE = [0.5, 0.1, 0.01]; // probabilities below which a token is underlined more heavily

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

function writtenItem({ text, tokens }) {
  const item = element("li", "");
  item.append(element("span", "lsp-round", tokens.length ? "As written; unlikely tokens are underlined" : "As written"));
  const raw = element("div", "lsp-raw");
  if (!tokens.length) raw.append(...visible(text));
  for (const [token, logProb, entropy] of tokens) {
    const probability = logProb === null ? null : Math.exp(logProb);
    const rare = probability === null ? 0 : RARE.filter((limit) => probability < limit).length;
    if (!rare) {
      raw.append(...visible(token));
      continue;
    }
    const span = element("span", `lsp-rare-${rare}`);
    span.title = `probability ${(100 * probability).toPrecision(2)} %${entropy === null ? "" : `, entropy ${entropy.toFixed(2)}`}`;
    span.append(...visible(token === "\n" ? "↵\n" : token));
    raw.append(span);
  }
  item.append(raw);
  return item;
}
