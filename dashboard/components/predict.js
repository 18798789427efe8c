/* Mounts the exercise in a Streamlit component.
 *
 * Answering is the browser's alone: answers are kept in its storage, the round in the address bar.
 */

import { createPredict } from "../../lintseq_core/viewer/predict.js";
import { themeOf, writeParameters } from "./shell.js";

const exercisesHeld = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.host ?? parentElement;
  let held = exercisesHeld.get(parentElement);
  if (held?.id !== data.payload.id) {
    held?.exercise.destroy();
    held = { id: data.payload.id, exercise: mount(parentElement.querySelector(".lsp-exercise"), data.payload, !held) };
    exercisesHeld.set(parentElement, held);
  }
  held.exercise.setTheme(themeOf(host));
  return () => {
    exercisesHeld.get(parentElement)?.exercise.destroy();
    exercisesHeld.delete(parentElement);
  };
}

/** `isFirst`: only then the address says which round; for another program it starts anew. */
function mount(place, payload, isFirst) {
  const key = `lintseq-predict:${payload.id}`;
  const linked = new URL(window.location.href).searchParams.get("round");
  const kept = remembered(key);
  const exercise = createPredict(place, payload, {
    round: isFirst && /^[0-9]{1,4}$/.test(linked ?? "") ? Number(linked) - 1 : kept?.round,
    answers: kept?.answers,
    onChange({ round, answers }) {
      writeParameters({ round: round ? `${round + 1}` : "" });
      try {
        localStorage.setItem(key, JSON.stringify({ round, answers }));
      } catch {
        /* a private window: answers last as long as the page */
      }
    },
  });
  writeParameters({ round: exercise.round ? `${exercise.round + 1}` : "" });
  return exercise;
}

function remembered(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
