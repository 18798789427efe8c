/* pass@k of one problem from n samples, c of them right: the unbiased estimate beside the plain one. */

import { element } from "../viewer/elements.js";

export function buildEstimator(first) {
  const state = { ...first };
  const box = element("div", "lsl-estimator");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Estimate pass@k");
  const dots = element("div", "lsl-dots");
  dots.setAttribute("role", "img");
  const rows = element("div", "lsl-estimates");
  rows.setAttribute("role", "status");
  const sliders = [["n", "samples written, n", 1, 100], ["c", "of them right, c", 0, 100], ["k", "samples allowed, k", 1, 100]].map(
    ([name, words, least, most]) => {
      const label = element("label", "lsl-slider");
      const input = element("input", "");
      input.type = "range";
      input.min = least;
      input.max = most;
      const value = element("output", "");
      label.append(element("span", "", words), input, value);
      input.addEventListener("input", () => {
        state[name] = Number(input.value);
        show();
      });
      return { name, input, value, label };
    },
  );

  function show() {
    state.c = Math.min(state.c, state.n);
    state.k = Math.min(state.k, state.n);
    for (const { name, input, value } of sliders) {
      if (name !== "n") input.max = state.n;
      input.value = state[name];
      value.textContent = state[name];
    }
    dots.replaceChildren(...Array.from({ length: state.n }, (_, i) => element("i", i < state.c ? "lsl-hit" : "")));
    dots.setAttribute("aria-label", `${state.n} samples, ${state.c} of them right`);
    const unbiased = passAtK(state);
    const plain = 1 - (1 - state.c / state.n) ** state.k;
    rows.replaceChildren(
      estimate("1 − C(n−c, k) / C(n, k)", unbiased),
      estimate("1 − (1 − c/n)^k", plain),
      element("p", "lsp-muted", gapWords(state, unbiased, plain)),
    );
  }

  box.append(...sliders.map(({ label }) => label), dots, rows);
  show();
  return box;
}

function estimate(formula, value) {
  const row = element("div", "lsl-estimate");
  const bar = element("span", "lsp-share");
  bar.style.setProperty("--lsp-share", value);
  bar.setAttribute("aria-hidden", "true");
  row.append(element("code", "", formula), bar, element("strong", "", `${(100 * value).toFixed(1)} %`));
  return row;
}

/** The chance that k of the n samples, drawn without putting back, hold a right one. */
function passAtK({ n, c, k }) {
  let none = 1;
  for (let i = 0; i < k; i++) none *= Math.max(0, n - c - i) / (n - i);
  return 1 - none;
}

function gapWords({ n, k }, unbiased, plain) {
  const gap = 100 * (unbiased - plain);
  if (k === 1) return "For k = 1 both are the share of right samples.";
  if (gap < 0.05) return "Here both say the same.";
  return `The second is ${gap.toFixed(1)} points lower. It draws with putting back: it counts as if one sample of the ${n} could come twice.`;
}
