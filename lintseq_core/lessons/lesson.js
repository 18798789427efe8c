/* A lesson: its steps one at a time, questions that answer back, progress kept in this browser alone. */

import { element, stencil } from "../viewer/elements.js";
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
 * onMove({ at, instructor }) after the reader moved; onLeave: what "All lessons" does, if there are;
 * story: the steps alone, without questions, progress and end.
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
    if (!instructor && !options.story) kept.see(at);
    const steps = instructor ? payload.steps.map((_, index) => index) : [at];
    const opening = instructor && payload.note ? [noteBox("For the instructor", payload.note)] : [];
    dom.main.replaceChildren(...opening, ...steps.map(buildStep));
    if (!instructor && !options.story && at === last) dom.main.append(buildEnd());
    mounted = waiting.map((mount) => mount());
    waiting = [];
    showProgress();
    if (focus) {
      dom.main.querySelector("h2").focus({ preventScroll: true });
      if (!options.story) dom.root.scrollIntoView({ block: "start", behavior: "instant" });
    }
    if (!quiet) options.onMove?.({ at, instructor });
  }

  function showProgress() {
    const { seen, right, asked } = kept.tally();
    dom.bar.style.setProperty("--lsl-done", asked ? right / asked : seen / payload.steps.length);
    dom.tally.textContent = [
      asked ? `${right} of ${asked} questions right` : "",
      `${seen} of ${payload.steps.length} steps seen`,
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
    // What is told, what there is to see, and what is asked: beside each other where there is room.
    const told = element("div", "lsl-part lsl-tells");
    const seen = element("div", "lsl-part lsl-sees");
    const asked = element("div", "lsl-part lsl-asks");
    told.append(title, ...blocksOf(step.text));
    const { show: shown, question } = step;
    if (step.do || step.links.length) told.append(doBox(step, options.base));
    if (shown?.kind === "player") {
      const place = element("div", "lsl-player");
      seen.append(place);
      const { payload: played, step: from, look, direction, xray, whatif } = shown;
      waiting.push(() => createPlayer(place, played, { step: from, view: look, direction, xray, whatif, theme }));
    }
    if (shown?.kind === "estimator") seen.append(buildEstimator(shown));
    if (question?.kind === "predict") {
      const place = element("div", "lsl-predict");
      const answer = kept.answer(index);
      seen.append(place);
      waiting.push(() => createPredict(place, question.payload, {
        theme, round: answer?.round, answers: answer?.answers, reveal: instructor,
        onChange: ({ round, answers }) => keep(index, { round, answers }),
      }));
    } else if (question) {
      asked.append(buildQuestion(question, kept.answer(index), instructor, (answer) => keep(index, answer)));
    }
    if (instructor && step.note) asked.append(noteBox("Note", step.note, `Note on step ${index + 1}`));
    if (!instructor) asked.append(dom.pager);
    section.classList.toggle("lsl-two", seen.hasChildNodes());
    section.append(...[told, seen, asked].filter((part) => part.hasChildNodes()));
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
  dom.root.classList.toggle("lsl-story", options.story === true);
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
  return seen < Infinity && right < asked ? `${told} Steps without ✓ can be tried again.` : told;
}

// ------------------------------------------------------------------ the frame
const copyLesson = stencil(`
  <article class="lsp lsl">
    <header class="lsl-head">
      <button type="button" class="lsp-action" data-part="leave">← All lessons</button>
      <p class="lsl-tally" data-part="tally" role="status"></p>
      <button type="button" class="lsp-action" data-part="print">Print</button>
      <button type="button" class="lsp-action lsl-instructor-button" data-part="instructor">Instructor view</button>
    </header>
    <div class="lsl-bar" data-part="bar" aria-hidden="true"></div>
    <div class="lsl-body">
      <nav class="lsl-nav" aria-label="Steps">
        <ol data-part="list"></ol>
        <select class="lsl-select" data-part="select" aria-label="Step"></select>
      </nav>
      <div class="lsl-right">
        <div class="lsl-main" data-part="main"></div>
        <div class="lsl-pager" data-part="pager">
          <button type="button" class="lsp-action" data-part="back">← Back</button>
          <span class="lsp-muted" data-part="place"></span>
          <button type="button" class="lsp-action lsp-primary" data-part="next">Next →</button>
        </div>
      </div>
    </div>
  </article>`);
const copyItem = stencil(`
  <li>
    <button type="button" class="lsl-item" data-part="item">
      <span class="lsl-number" data-part="number"></span>
      <span class="lsl-title" data-part="title"></span>
      <span class="lsl-mark" aria-hidden="true"></span>
      <span class="lsl-said"></span>
    </button>
  </li>`);

function buildLesson(payload, { onLeave }) {
  const dom = copyLesson();
  dom.root.setAttribute("aria-label", payload.title);
  if (onLeave) dom.leave.addEventListener("click", onLeave);
  else dom.leave.remove();
  dom.items = payload.steps.map((step, index) => {
    const { root, item, number, title } = copyItem();
    number.textContent = index + 1;
    title.textContent = step.title;
    item.title = step.title;
    dom.list.append(root);
    return item;
  });
  dom.select.append(...payload.steps.map((step, index) => element("option", "", `${index + 1}. ${step.title}`)));
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
        item.append(anchor);
        if (base) { // from a file: the explorer is elsewhere. Inside it, Back leads to this step again.
          anchor.target = "_blank";
          anchor.rel = "noopener";
          item.append(element("span", "lsp-muted lsl-new-tab", " (new tab)"));
        }
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
