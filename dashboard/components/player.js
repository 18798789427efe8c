/* Mounts players in a Streamlit component.
 *
 * Stepping is the browser's alone: no rerun of the page, so none can lose a key or move the step.
 * The step is kept in the address bar from here, by replacing, not adding, a history entry; so is
 * how the code is looked at. Several players side by side step together.
 */

import { createPlayer } from "../../lintseq_core/viewer/player.js";
import { showCopies } from "./copies.js";
import { themeOf, writeParameters } from "./shell.js";

const SETTLED_MS = 400; // write the address bar when the keys rest
const SAMPLE_MS = 150; // keys n and p pressed fast ask the server once
const held = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const host = parentElement.host ?? parentElement;
  let mounted = held.get(parentElement);
  if (!mounted || mounted.size !== data.payloads.length) {
    mounted?.destroy();
    mounted = mount(parentElement, data, setTriggerValue);
    held.set(parentElement, mounted);
  }
  mounted.show(data, themeOf(host));
  return () => {
    mounted.destroy();
    held.delete(parentElement);
  };
}

function mount(parentElement, first, setTriggerValue) {
  const grid = parentElement.querySelector(".lsp-mount");
  const copies = parentElement.querySelector(".lsp-copies");
  let timer = 0;
  let sampleTimer = 0;
  let moved = 0; // samples further than the one shown
  let wentBack = false; // the reader moved through the browser's history
  let data = first;
  const { linked } = first;
  // In the address stands a step that is not the one a player opens at by itself.
  const told = (step) => (step === data.opening ? "" : `${step}`);
  const look = linked ? readLook() : {};

  const cells = first.payloads.map(() => {
    const cell = document.createElement("div");
    grid.append(cell);
    return cell;
  });
  grid.classList.toggle("lsp-several", cells.length > 1);
  grid.classList.toggle("lsp-named", first.named);
  const players = cells.map((cell, i) =>
    createPlayer(cell, first.payloads[i], {
      step: first.step,
      autoplay: first.autoplay,
      ...look,
      ...(cells.length > 1 && { xray: false }),
      onStep(step, { playing }) {
        clearTimeout(timer);
        for (const other of players) if (other !== players[i]) other.setStep(step);
        if (linked && !playing) timer = setTimeout(() => writeParameters({ step: told(step) }), SETTLED_MS);
      },
      onLook({ view, direction, xray, whatif }) {
        if (!linked) return;
        writeParameters({
          look: view === "inline" ? "" : view, direction: direction === "writing" ? "" : direction,
          xray: xray ? "" : "off", whatif: whatif ? "on" : "",
        });
      },
      ...(first.asks.includes("sample") && { onSample: askForSample }),
      // Read each time they are wanted: another trajectory may answer other questions.
      get onWhatIf() {
        return data.asks.includes("whatif") ? (step) => setTriggerValue("whatif", step) : undefined;
      },
      get onBranch() {
        return data.asks.includes("branch") ? (step, line) => setTriggerValue("branch", { step, line }) : undefined;
      },
    }),
  );

  function askForSample(delta) {
    moved += delta;
    clearTimeout(sampleTimer);
    sampleTimer = setTimeout(() => {
      setTriggerValue("sample", moved);
      moved = 0;
    }, SAMPLE_MS);
  }

  function onPopState() {
    wentBack = true;
    const step = new URL(window.location.href).searchParams.get("step");
    if (linked) for (const player of players) player.setStep(step ?? data.opening);
  }
  window.addEventListener("popstate", onPopState);
  if (linked) writeParameters({ step: told(players[0].step) }); // a step beyond the end has become the last

  return {
    size: cells.length,
    show(next, theme) {
      const { opening } = data;
      data = next;
      for (const [i, player] of players.entries()) {
        player.setTheme(theme);
        const payload = data.payloads[i];
        for (const [step, state] of Object.entries(data.whatif ?? {})) player.addWhatIf(payload.id, step, state);
        if (payload.id === player.payload.id) continue;
        // Another sequence keeps the step that the reader chose, unless page or history say where.
        clearTimeout(timer);
        const kept = player.step === opening ? data.opening : player.step;
        player.update(payload, { step: wentBack ? data.step : data.start || kept });
        if (linked) writeParameters({ step: told(player.step) });
      }
      wentBack = false;
      showCopies(copies, data.copies ?? []);
    },
    destroy() {
      clearTimeout(timer);
      clearTimeout(sampleTimer);
      window.removeEventListener("popstate", onPopState);
      for (const player of players) player.destroy();
      grid.replaceChildren();
      copies.replaceChildren();
    },
  };
}

function readLook() {
  const { searchParams } = new URL(window.location.href);
  return {
    view: searchParams.get("look") ?? "inline",
    direction: searchParams.get("direction") ?? "writing",
    xray: searchParams.get("xray") !== "off",
    whatif: searchParams.get("whatif") === "on",
  };
}
