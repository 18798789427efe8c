/* A lesson: its steps one at a time, questions that answer back, progress kept in this browser alone. */

import { element } from "../viewer/elements.js";
import { action } from "../viewer/picker.js";
import { createPlayer } from "../viewer/player.js";
import { createPredict } from "../viewer/predict.js";
import { count } from "../viewer/words.js";
import { buildEstimator } from "./estimator.js";
import { createProgress } from "./progress.js";
import { buildQuestion } from "./questions.js";
import { blocksOf } from "./text.js";

/** Mounts the lesson `payload` (payload.py) in `root`.
 *
 * options: theme; at (0-based step; by default where the reader was); instructor (everything at once,
 * with answers and notes); base (address of the explorer, "" for pages beside this one, null: none);
 * onMove({ at, instructor }) after the reader moved; onLeave: what "All lessons" does, if there are.
 */
export function createLesson(root, payload, options = {}) {
  const kept = createProgress(payload);
  const last = payload.steps.length - 1;
  let at = clampStep(options.at ?? kept.at);
  let instructor = options.instructor === true;
  let theme = options.theme ?? "auto";
  let waiting = []; // what is to be mounted once its place is in the page, where it can measure itself
  let mounted = []; // players and exercises of the steps shown
  const dom = buildLesson(payload, options);

  function clampStep(step) {
    return Math.min(Math.max(0, Number(step) || 0), last);
  }

  function show({ focus = false, quiet = false } = {}) {
    for (const one of mounted) one.destroy();
    mounted = [];
    dom.root.dataset.theme = theme;
    dom.root.classList.toggle("lsl-instructor", instructor);
    dom.instructor.setAttribute("aria-pressed", String(instructor));
    dom.print.hidden = !instructor;
    dom.pager.hidden = instructor;
    if (!instructor) kept.see(at);
    const steps = instructor ? payload.steps.map((_, index) => index) : [at];
    const opening = instructor && payload.note ? [noteBox("For the instructor", payload.note)] : [];
    dom.main.replaceChildren(...opening, ...steps.map(buildStep));
    if (!instructor && at === last) dom.main.append(buildEnd());
    mounted = waiting.map((mount) => mount());
    waiting = [];
    showProgress();
    if (focus) {
      dom.main.querySelector("h2").focus({ preventScroll: true });
      dom.root.scrollIntoView({ block: "start", behavior: "instant" });
    }
    if (!quiet) options.onMove?.({ at, instructor });
  }

  function showProgress() {
    const { seen, right, asked } = kept.tally();
    dom.bar.style.setProperty("--lsl-done", seen / payload.steps.length);
    dom.tally.textContent = [
      `${seen} of ${payload.steps.length} steps seen`,
      asked ? `${right} of ${asked} questions right` : "",
    ].filter(Boolean).join(" · ");
    for (const [index, item] of dom.items.entries()) {
      if (index === at && !instructor) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
      const mark = kept.markOf(index);
      item.dataset.mark = mark;
      item.querySelector(".lsl-mark").textContent = { right: "✓", wrong: "✗", seen: "•" }[mark] ?? "";
      item.querySelector(".lsl-said").textContent = { right: ", right", wrong: ", not right yet", seen: ", seen" }[mark] ?? "";
      dom.select.options[index].selected = index === at;
    }
    dom.back.disabled = at === 0;
    dom.next.hidden = at === last;
    dom.place.textContent = `Step ${at + 1} of ${payload.steps.length}`;
    const end = dom.main.querySelector(".lsl-end-tally");
    if (end) end.textContent = endWords(kept.tally());
  }

  function buildStep(index) {
    const step = payload.steps[index];
    const section = element("section", "lsl-step");
    const title = element("h2", "", `${index + 1}. ${step.title}`);
    title.tabIndex = -1;
    section.append(title, ...blocksOf(step.text));
    const { show: shown, question } = step;
    if (step.do || step.links.length) section.append(doBox(step, options.base));
    if (shown?.kind === "player") {
      const place = element("div", "lsl-player");
      section.append(place);
      const { payload: played, step: from, look, xray, whatif } = shown;
      waiting.push(() => createPlayer(place, played, { step: from, view: look, xray, whatif, theme }));
    }
    if (shown?.kind === "estimator") section.append(buildEstimator(shown));
    if (question?.kind === "predict") {
      const place = element("div", "lsl-predict");
      const answer = kept.answer(index);
      section.append(place);
      waiting.push(() => createPredict(place, question.payload, {
        theme, round: answer?.round, answers: answer?.answers, reveal: instructor,
        onChange: ({ round, answers }) => keep(index, { round, answers }),
      }));
    } else if (question) {
      section.append(buildQuestion(question, kept.answer(index), instructor, (answer) => keep(index, answer)));
    }
    if (instructor && step.note) section.append(noteBox("Note", step.note, `Note on step ${index + 1}`));
    return section;
  }

  function keep(index, answer) {
    if (instructor) return; // a teacher's clicks are no answers
    kept.keep(index, answer);
    showProgress();
  }

  function buildEnd() {
    const box = element("div", "lsl-end");
    const again = action("Start again");
    again.addEventListener("click", () => {
      kept.forget();
      at = 0;
      show({ focus: true });
    });
    box.append(element("p", "lsl-strong", "This was the last step."), element("p", "lsl-end-tally"), again);
    if (options.onLeave) {
      const leave = action("All lessons", "lsp-primary");
      leave.addEventListener("click", options.onLeave);
      box.append(leave);
    }
    return box;
  }

  function go(step) {
    at = clampStep(step);
    if (!instructor) return show({ focus: true });
    dom.main.querySelectorAll("h2")[at].scrollIntoView({ block: "start" });
    options.onMove?.({ at, instructor });
  }

  dom.back.addEventListener("click", () => go(at - 1));
  dom.next.addEventListener("click", () => go(at + 1));
  dom.items.forEach((item, index) => item.addEventListener("click", () => go(index)));
  dom.select.addEventListener("change", () => go(dom.select.selectedIndex));
  dom.print.addEventListener("click", () => window.print());
  dom.instructor.addEventListener("click", () => {
    instructor = !instructor;
    show();
  });
  root.append(dom.root);
  show({ quiet: options.at !== undefined });

  return {
    get at() {
      return at;
    },
    get payload() {
      return payload;
    },
    setTheme(next) {
      if (next === theme) return;
      theme = next;
      dom.root.dataset.theme = theme;
      for (const one of mounted) one.setTheme(theme);
    },
    /** Goes to step `index` without calling onMove. */
    setStep(index) {
      if (clampStep(index) === at) return;
      at = clampStep(index);
      show({ quiet: true });
    },
    destroy() {
      for (const one of mounted) one.destroy();
      dom.root.remove();
    },
  };
}

function endWords({ seen, right, asked, atOnce }) {
  if (!asked) return "There is nothing to answer in this lesson.";
  const told = `${right} of ${count(asked, "question")} right, ${atOnce} of them at once.`;
  return seen < Infinity && right < asked ? `${told} Steps with ✗ or without a mark can be tried again.` : told;
}

// ------------------------------------------------------------------ the frame
function buildLesson(payload, { onLeave }) {
  const dom = { root: element("article", "lsp lsl") };
  dom.root.setAttribute("aria-label", payload.title);
  const head = element("header", "lsl-head");
  if (onLeave) {
    const leave = action("← All lessons");
    leave.addEventListener("click", onLeave);
    head.append(leave);
  }
  dom.tally = element("p", "lsl-tally");
  dom.tally.setAttribute("role", "status");
  dom.instructor = action("Instructor view", "lsl-instructor-button");
  dom.print = action("Print");
  head.append(dom.tally, dom.print, dom.instructor);
  dom.bar = element("div", "lsl-bar");
  dom.bar.setAttribute("aria-hidden", "true");

  const nav = element("nav", "lsl-nav");
  nav.setAttribute("aria-label", "Steps");
  const list = element("ol", "");
  dom.items = payload.steps.map((step, index) => {
    const item = element("button", "lsl-item");
    item.type = "button";
    const mark = element("span", "lsl-mark");
    mark.setAttribute("aria-hidden", "true");
    item.append(element("span", "lsl-number", `${index + 1}`), element("span", "", step.title), mark, element("span", "lsl-said"));
    const holder = element("li", "");
    holder.append(item);
    list.append(holder);
    return item;
  });
  dom.select = element("select", "lsl-select");
  dom.select.setAttribute("aria-label", "Step");
  dom.select.append(...payload.steps.map((step, index) => element("option", "", `${index + 1}. ${step.title}`)));
  nav.append(list, dom.select);

  dom.main = element("div", "lsl-main");
  dom.back = action("← Back");
  dom.place = element("span", "lsp-muted");
  dom.next = action("Next →", "lsp-primary");
  dom.pager = element("div", "lsl-pager");
  dom.pager.append(dom.back, dom.place, dom.next);
  const right = element("div", "lsl-right");
  right.append(dom.main, dom.pager);
  const body = element("div", "lsl-body");
  body.append(nav, right);
  dom.root.append(head, dom.bar, body);
  return dom;
}

function doBox(step, base) {
  const box = element("div", "lsl-do");
  box.append(element("p", "lsl-label", "Do this"), ...blocksOf(step.do ?? []));
  if (step.links.length) {
    const list = element("ul", "lsl-links");
    for (const link of step.links) {
      const item = element("li", "");
      if (base === null || base === undefined) {
        item.append(`${link.label}: in the explorer, `, element("code", "", `/${link.address}`));
      } else {
        const anchor = element("a", "", link.label);
        anchor.href = `${base}${link.address || "./"}`;
        anchor.target = "_blank";
        anchor.rel = "noopener";
        item.append(anchor, element("span", "lsp-muted lsl-new-tab", " (new tab)"));
      }
      list.append(item);
    }
    box.append(list);
  }
  return box;
}

function noteBox(label, blocks, name = label) {
  const box = element("aside", "lsl-note");
  box.setAttribute("aria-label", name); // landmarks of a page have different names
  box.append(element("p", "lsl-label", label), ...blocksOf(blocks));
  return box;
}
