/* Mounts the lessons in a Streamlit component.
 *
 * Going through a lesson is the browser's alone. Step and view are kept in the address bar from here;
 * which lesson is read is the page's to know, so choosing one is a trigger.
 */

import { createLesson } from "../../lintseq_core/lessons/lesson.js";
import { readProgress } from "../../lintseq_core/lessons/progress.js";
import { element } from "../../lintseq_core/viewer/elements.js";
import { action } from "../../lintseq_core/viewer/picker.js";
import { count } from "../../lintseq_core/viewer/words.js";
import { themeOf, writeParameters } from "./shell.js";

const lessonsHeld = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.host ?? parentElement;
  let held = lessonsHeld.get(parentElement);
  const id = data.lesson?.id ?? "";
  if (!held || held.id !== id) {
    held?.destroy();
    const place = parentElement.querySelector(".lsl-mount");
    const mount = data.story ? mountStory : data.lesson ? mountLesson : mountCatalogue;
    held = { id, ...mount(place, data.lesson ?? data.catalogue, setTriggerValue) };
    lessonsHeld.set(parentElement, held);
  }
  held.setTheme(themeOf(host));
  return () => {
    lessonsHeld.get(parentElement)?.destroy();
    lessonsHeld.delete(parentElement);
  };
}

function mountLesson(place, payload, setTriggerValue) {
  const read = () => {
    const { searchParams } = new URL(window.location.href);
    const number = searchParams.get("at");
    return { at: /^[0-9]{1,4}$/.test(number ?? "") ? Number(number) - 1 : undefined, instructor: searchParams.get("instructor") === "on" };
  };
  let before; // the step shown; none while the lesson is made
  const lesson = createLesson(place, payload, {
    ...read(),
    base: "",
    onMove({ at, instructor }) {
      writeParameters({ at: `${at + 1}`, instructor: instructor ? "on" : "" }, { isMove: before !== undefined && at !== before });
      before = at;
    },
    onLeave() {
      writeParameters({ at: "", instructor: "" });
      setTriggerValue("open", "");
    },
  });
  before = lesson.at;
  writeParameters({ at: `${lesson.at + 1}` }); // a step beyond the end has become the last
  const onPopState = () => {
    lesson.setStep(read().at ?? 0);
    before = lesson.at;
  };
  window.addEventListener("popstate", onPopState);
  return {
    setTheme: lesson.setTheme,
    destroy() {
      window.removeEventListener("popstate", onPopState);
      lesson.destroy();
    },
  };
}

/** Passages beside a player, from the first on at every visit. */
function mountStory(place, payload) {
  const story = createLesson(place, payload, { at: 0, base: "", story: true });
  return { setTheme: story.setTheme, destroy: story.destroy };
}

/** A card for each lesson, with how far the reader of this browser is. */
function mountCatalogue(place, catalogue, setTriggerValue) {
  const grid = element("div", "lsl-cards");
  grid.append(...catalogue.map(({ name, title, summary, minutes, steps, questions }) => {
    const card = element("section", "lsp lsl-card");
    const kept = readProgress(name)?.tally;
    const seen = Math.min(Number(kept?.seen) || 0, steps);
    const open = action(seen ? (seen === steps ? "Look again" : "Go on") : "Start", "lsp-primary");
    open.setAttribute("aria-label", `${open.textContent}: ${title}`);
    open.addEventListener("click", () => setTriggerValue("open", name));
    const bar = element("div", "lsl-bar");
    bar.style.setProperty("--lsl-done", questions ? Math.min(1, (Number(kept?.right) || 0) / questions) : seen / steps);
    bar.setAttribute("aria-hidden", "true");
    const done = seen ? `, ${seen} seen, ${Number(kept.right) || 0} of ${count(questions, "question")} right` : `, ${count(questions, "question")}`;
    card.append(element("h2", "", title), element("p", "", summary), bar, element("p", "lsp-muted", `${count(steps, "step")}, ${minutes} minutes${done}`), open);
    return card;
  }));
  place.append(grid);
  return {
    setTheme(theme) {
      for (const card of grid.children) card.dataset.theme = theme;
    },
    destroy: () => grid.remove(),
  };
}
