/* Mounts the player (player.js stands above this text in one module) in a Streamlit component.
 *
 * Stepping is the browser's alone: no rerun of the page, so none can lose a key or move the step.
 * The step is kept in the address bar from here, by replacing, not adding, a history entry.
 */

const SETTLED_MS = 400; // write the address bar when the keys rest
const held = new WeakMap();

export default function ({ data, parentElement }) {
  const host = parentElement.host ?? parentElement;
  let mounted = held.get(parentElement);
  if (!mounted) {
    mounted = mount(parentElement.querySelector(".lsp-mount"), data);
    held.set(parentElement, mounted);
  }
  mounted.show(data, themeOf(host));
  return () => {
    mounted.destroy();
    held.delete(parentElement);
  };
}

function mount(element, first) {
  let timer = 0;
  let wentBack = false; // the reader moved through the browser's history
  const linked = first.linked;

  const player = createPlayer(element, first.payload, {
    step: first.step,
    autoplay: first.autoplay,
    onStep(step, { playing }) {
      clearTimeout(timer);
      if (linked && !playing) timer = setTimeout(writeStep, SETTLED_MS, step);
    },
  });

  function onPopState() {
    wentBack = true;
    const step = new URL(window.location.href).searchParams.get("step");
    if (linked) player.setStep(step ?? 0);
  }
  window.addEventListener("popstate", onPopState);
  if (linked) writeStep(player.step); // a step beyond the end has become the last

  return {
    show(data, theme) {
      player.setTheme(theme);
      if (data.payload.id === player.payload.id) return;
      // Another trajectory starts at its beginning, unless the history says where.
      clearTimeout(timer);
      player.update(data.payload, { step: wentBack ? data.step : 0 });
      wentBack = false;
      if (linked) writeStep(player.step);
    },
    destroy() {
      clearTimeout(timer);
      window.removeEventListener("popstate", onPopState);
      player.destroy();
    },
  };
}

function writeStep(step) {
  const url = new URL(window.location.href);
  if (step) url.searchParams.set("step", step);
  else url.searchParams.delete("step");
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
}

/** Streamlit's theme need not be the system's: it says so by its background colour. */
function themeOf(host) {
  const colour = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  const digits = /^#([0-9a-f]{6})/i.exec(colour)?.[1];
  if (!digits) return "auto";
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 128 ? "light" : "dark";
}
