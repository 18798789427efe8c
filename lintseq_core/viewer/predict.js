/* The exercise "predict the next edit": the reader chooses lines of a state, and is told whether LintSeq
 * could insert exactly these next. Everything is in the payload; nothing is asked of a server. */

import { element } from "./elements.js";
import { createPicker, nameLines, said, sameLines } from "./picker.js";
import { buildPredict } from "./predict_frame.js";
import { count, sentence } from "./words.js";

const MAX_TOLD = 4; // reasons told at once
const MAX_LISTED = 12; // edits listed before the reader asks for the rest

/** Mounts the exercise on `payload` (predict.py) in `root`.
 *
 * options: theme; round (index of the first); answers, one a round, as onChange gave them; reveal: all
 * edits are shown, as a teacher wants it; onChange({ round, chosen, answers }) after every change.
 * An answer is { lines, tries, verdict } with the verdict "drawn", "legal", "wrong" or "shown".
 */
export function createPredict(root, payload, options = {}) {
  const free = new Set(payload.free);
  const picker = createPicker(payload, "Lines of the program.", {
    canChoose: (line) => isOpen(line) && !isDone(),
    onChange: () => {
      show();
      report();
    },
    onEnter: check,
  });
  const { rows } = picker;
  const dom = buildPredict(payload, options.theme ?? "auto", picker.list);
  const answers = payload.rounds.map((_, i) => options.answers?.[i] ?? null);
  let at = 0; // index of the round
  let unfolded = false;

  const round = () => payload.rounds[at];
  const isThere = (line) => payload.births[line] < round().step;
  const isOpen = (line) => !isThere(line) && !free.has(line);
  const isDone = () => Boolean(answers[at]) && answers[at].verdict !== "wrong";

  function enter(index, quiet = false) {
    at = Math.min(Math.max(0, Number(index) || 0), payload.rounds.length - 1);
    unfolded = false;
    picker.start((answers[at]?.lines ?? []).filter(isOpen));
    show();
    if (!quiet) report();
  }

  function report() {
    options.onChange?.({ round: at, chosen: picker.chosen, answers: [...answers] });
  }

  // ---------------------------------------------------------------- what is shown
  function show() {
    const { step } = round();
    const verdict = answers[at] && judge(payload, round(), new Set(answers[at].lines));
    const told = Boolean(answers[at]) && sameLines(answers[at].lines, picker.chosen);
    const { chosen } = picker;
    picker.draw(
      (line) => (isThere(line) ? "there" : free.has(line) ? "free" : "open"),
      (line) => told && (verdict.missing?.includes(line) ? "missing" : verdict.extra?.includes(line) ? "extra" : ""),
    );
    const many = payload.rounds.length > 1;
    dom.meta.textContent = [many && `Round ${at + 1} of ${payload.rounds.length}`, scoreWords(answers)].filter(Boolean).join(" · ");
    dom.ask.textContent = step
      ? `${count(step, "edit")} ${step === 1 ? "has" : "have"} been made. Which lines could the next one insert, all at once?`
      : "The page is empty. Which lines could the first edit insert, all at once?";
    dom.check.disabled = !chosen.length || isDone();
    dom.clear.disabled = !chosen.length || isDone();
    dom.give.hidden = isDone() || options.reveal === true;
    dom.back.hidden = dom.next.hidden = !many;
    dom.back.disabled = at === 0;
    dom.next.disabled = at === payload.rounds.length - 1;
    dom.next.classList.toggle("lsp-primary", isDone());
    dom.chosen.textContent = chosen.length ? `Chosen: ${nameLines(chosen, free).toLowerCase()}.` : "Nothing chosen yet.";
    dom.told.replaceChildren(...(told || isDone() ? verdictWords(verdict) : []));
    dom.told.hidden = !dom.told.childElementCount;
    const reveal = isDone() || options.reveal === true;
    dom.edits.hidden = !reveal;
    if (reveal) listEdits();
  }

  function verdictWords(verdict) {
    if (answers[at].verdict === "shown") return [said("p", "lsp-verdict", "Shown, not counted.")];
    if (verdict.edit) {
      const isDrawn = verdict.index === round().drawn;
      const words = [said("p", "lsp-verdict lsp-right", `✓ Legal: LintSeq could insert ${those(verdict.edit[0], free)} here.`)];
      words.push(said("p", "", isDrawn
        ? "It is also the edit that this sequence has."
        : `This sequence has another: ${nameLines(round().edits[round().drawn][0], free).toLowerCase()}.`));
      words.push(...whyTogether(verdict.edit));
      return words;
    }
    const words = [said("p", "lsp-verdict lsp-wrong", "✗ LintSeq would not insert exactly these.")];
    const list = element("ul", "lsp-why");
    for (const text of verdict.reasons.slice(0, MAX_TOLD)) list.append(sentence(text));
    if (list.childElementCount) words.push(list);
    if (verdict.nearest) {
      const parts = [`The nearest edit: ${nameLines(verdict.nearest[0], free).toLowerCase()}.`];
      if (verdict.missing.length) parts.push(`Left out: ${nameLines(verdict.missing, free).toLowerCase()}.`);
      if (verdict.extra.length) parts.push(`Too much: ${nameLines(verdict.extra, free).toLowerCase()}.`);
      words.push(said("p", "", parts.join(" ")), ...whyTogether(verdict.nearest));
    }
    return words;
  }

  function whyTogether([lines, , root, why]) {
    if (root < 0 || !why.length) {
      return lines.length === 1 ? [said("p", "lsp-muted", "Take it away again, and nothing else breaks.")] : [];
    }
    const list = element("ul", "lsp-why");
    list.append(...why.slice(0, MAX_TOLD).map((index) => sentence(payload.sentences[index])));
    if (why.length > MAX_TOLD) list.append(said("li", "lsp-muted", `and ${why.length - MAX_TOLD} more reasons`));
    return [said("p", "lsp-muted", `Take line ${root + 1} away again, and the others go with it:`), list];
  }

  function listEdits() {
    const { edits, drawn } = round();
    const shown = unfolded ? edits : edits.slice(0, MAX_LISTED);
    const items = shown.map((edit, index) => {
      const item = element("li", "lsp-edit");
      const look = element("button", "lsp-look", nameLines(edit[0], free));
      if (index === drawn) look.append(element("span", "lsp-drawn", " · this sequence's"));
      look.type = "button";
      look.title = "Mark these lines";
      const point = () => rows.forEach((row, line) => row.classList.toggle("lsp-pointed", edit[0].includes(line)));
      look.addEventListener("mouseenter", point);
      look.addEventListener("focus", point);
      look.addEventListener("click", point);
      look.addEventListener("mouseleave", unpoint);
      look.addEventListener("blur", unpoint);
      const bar = element("span", "lsp-share");
      bar.style.setProperty("--lsp-share", edit[1] / edits[0][1]);
      bar.setAttribute("aria-hidden", "true");
      item.append(look, bar, element("span", "lsp-percent", percent(edit[1])));
      return item;
    });
    if (shown.length < edits.length) {
      const more = element("button", "lsp-toggle", `All ${edits.length} edits`);
      more.type = "button";
      more.addEventListener("click", () => {
        unfolded = true;
        show();
      });
      const item = element("li", "");
      item.append(more);
      items.push(item);
    }
    dom.editsLabel.textContent = edits.length === 1
      ? "Only one edit may come here:"
      : `${edits.length} edits may come here; how often each does, of all sequences that come by:`;
    dom.editsList.replaceChildren(...items);
  }

  function unpoint() {
    for (const row of rows) row.classList.remove("lsp-pointed");
  }

  // ---------------------------------------------------------------- what the reader does
  function check() {
    const lines = picker.chosen;
    if (!lines.length || isDone()) return;
    const { edit, index } = judge(payload, round(), new Set(lines));
    const verdict = edit ? (index === round().drawn ? "drawn" : "legal") : "wrong";
    answers[at] = { lines, tries: (answers[at]?.tries ?? 0) + 1, verdict };
    show();
    report();
    dom.told.focus({ preventScroll: false });
  }

  function giveUp() {
    answers[at] = { lines: picker.chosen, tries: answers[at]?.tries ?? 0, verdict: "shown" };
    show();
    report();
    dom.told.focus({ preventScroll: false });
  }

  dom.check.addEventListener("click", check);
  dom.give.addEventListener("click", giveUp);
  dom.clear.addEventListener("click", () => {
    picker.start([]);
    show();
    report();
  });
  dom.back.addEventListener("click", () => enter(at - 1));
  dom.next.addEventListener("click", () => enter(at + 1));

  root.append(dom.root);
  enter(options.round ?? 0, true);

  return {
    get round() {
      return at;
    },
    get chosen() {
      return picker.chosen;
    },
    get answers() {
      return [...answers];
    },
    /** Goes to round `index` (clamped) without calling onChange. */
    setRound(index) {
      if (index !== at) enter(index, true);
    },
    setTheme(theme) {
      dom.root.dataset.theme = theme;
    },
    destroy() {
      dom.root.remove();
    },
  };
}

// ------------------------------------------------------------------ the judge
/** What is to be said about `chosen` in `round`: the edit it is, or the nearest one and reasons. */
function judge(payload, round, chosen) {
  const index = round.edits.findIndex(([lines]) => sameLines(lines, chosen));
  if (index >= 0) return { edit: round.edits[index], index };
  if (!chosen.size) return { reasons: [], missing: [], extra: [] };
  const distance = ([lines]) => lines.length + chosen.size - 2 * lines.filter((line) => chosen.has(line)).length;
  const nearest = round.edits.reduce((best, edit) => (distance(edit) < distance(best) ? edit : best));
  return {
    nearest,
    missing: nearest[0].filter((line) => !chosen.has(line)),
    extra: [...chosen].filter((line) => !nearest[0].includes(line)).sort((a, b) => a - b),
    reasons: reasonsAgainst(payload, round, chosen),
  };
}

/** Sentences: which of the chosen lines cannot stand here, or why they are more than one edit. */
function reasonsAgainst(payload, round, chosen) {
  const stands = (line) => payload.births[line] < round.step || chosen.has(line);
  const found = new Map(); // line -> sentence
  for (const [missing, flat] of Object.entries(payload.needs.closures)) {
    if (stands(Number(missing)) || payload.free.includes(Number(missing))) continue;
    for (let i = 0; i + 4 < flat.length; i += 5) {
      const [line, , , set, phrase] = flat.slice(i, i + 5);
      const causes = payload.needs.cause_sets[set] ?? [];
      if (!chosen.has(line) || found.has(line) || !causes.length || causes.some(stands)) continue;
      found.set(line, `Line ${line + 1} ${payload.needs.phrases[phrase]}; that is not there yet.`);
    }
  }
  for (const [header, body] of Object.entries(payload.blocks)) {
    if (chosen.has(Number(header)) && !body.some(stands)) {
      found.set(Number(header), `Line ${Number(header) + 1} would have nothing in its block.`);
    }
  }
  if (found.size) return [...found].sort(([a], [b]) => a - b).map(([, text]) => text);
  const inside = round.edits.filter(([lines]) => lines.every((line) => chosen.has(line)));
  if (!inside.length) return [];
  const part = inside.reduce((best, edit) => (edit[0].length > best[0].length ? edit : best))[0];
  const rest = [...chosen].filter((line) => !part.includes(line)).sort((a, b) => a - b);
  return [
    `${nameLines(part)} could come alone. No one line of your choice takes all the others along when it goes, ` +
      `so with ${nameLines(rest).toLowerCase()} it is more than one edit.`,
  ];
}

function those(lines, free) {
  return lines.length === 1 ? nameLines(lines).toLowerCase() : `exactly ${nameLines(lines, free).toLowerCase()}`;
}

function percent(share) {
  if (share >= 0.995 && share < 1) return "> 99 %";
  return share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

function scoreWords(answers) {
  const tried = answers.filter((answer) => answer && answer.verdict !== "shown");
  if (!tried.length) return "";
  const atOnce = tried.filter(({ verdict, tries }) => verdict !== "wrong" && tries === 1).length;
  return `${atOnce} of ${tried.length} right at once`;
}
