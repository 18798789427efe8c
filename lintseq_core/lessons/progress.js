/* How far the reader is, in the storage of this browser and nowhere else. */

const PROGRESS = "lintseq-lesson:";

/** The progress in `payload`. Answers to another version of the lesson are dropped, not misread. */
export function createProgress(payload) {
  const n = payload.steps.length;
  const asks = payload.steps.map((step) => Boolean(step.question));
  const stored = readProgress(payload.name);
  const same = stored?.id === payload.id;
  const state = {
    id: payload.id,
    at: Number.isInteger(stored?.at) ? stored.at : 0,
    seen: payload.steps.map((_, i) => Boolean(same && stored.seen?.[i])),
    answers: payload.steps.map((_, i) => (same && stored.answers?.[i]) || null),
  };
  const save = () => {
    try {
      const { seen, right, asked } = tally();
      localStorage.setItem(PROGRESS + payload.name, JSON.stringify({ ...state, tally: { seen, right, asked, steps: n } }));
    } catch {
      /* a private window, or a sandboxed frame: progress lasts as long as the page */
    }
  };

  function verdictOf(index) {
    const answer = state.answers[index];
    if (!answer) return "";
    if (answer.answers) {
      const given = answer.answers.filter(Boolean);
      if (!given.length) return "";
      const isRight = given.length === answer.answers.length && given.every(({ verdict }) => ["drawn", "legal"].includes(verdict));
      return isRight ? "right" : given.some(({ verdict }) => verdict === "wrong") ? "wrong" : "";
    }
    return answer.right ? "right" : "wrong";
  }

  function isAtOnce(index) {
    const { answers, tries } = state.answers[index];
    return answers ? answers.every((answer) => answer.tries === 1) : tries === 1;
  }

  function tally() {
    const right = payload.steps.map((_, i) => i).filter((i) => asks[i] && verdictOf(i) === "right");
    return {
      seen: state.seen.filter(Boolean).length, asked: asks.filter(Boolean).length,
      right: right.length, atOnce: right.filter(isAtOnce).length,
    };
  }

  return {
    get at() {
      return state.at;
    },
    see(index) {
      state.at = index;
      state.seen[index] = true;
      save();
    },
    answer: (index) => state.answers[index],
    keep(index, answer) {
      state.answers[index] = answer;
      save();
    },
    markOf: (index) => verdictOf(index) || (state.seen[index] ? "seen" : ""),
    tally,
    forget() {
      state.at = 0;
      state.seen.fill(false);
      state.answers.fill(null);
      save();
    },
  };
}

/** What is stored of the lesson `name`; null if nothing is, or not by us. */
export function readProgress(name) {
  try {
    const stored = JSON.parse(localStorage.getItem(PROGRESS + name));
    return stored && typeof stored === "object" ? stored : null;
  } catch {
    return null;
  }
}
