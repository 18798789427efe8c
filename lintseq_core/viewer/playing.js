/* Playing: a step after the other by the clock, at the speed chosen. */

import { ICONS } from "./frame.js";

const STEP_MS = 1200; // one step at speed 1: time to read a line or two

/** `player`: direction (of direction.js), isEmpty(), stopped(). */
export function createPlaying(dom, player) {
  let playTimer = 0;
  let playing = false;
  let speed = 1;

  function play() {
    if (playing || player.isEmpty()) return;
    playing = true;
    dom.root.classList.add("lsp-playing");
    dom.status.setAttribute("aria-live", "off"); // a spoken line per second would drown all else
    if (player.direction.isAtEnd(1)) player.direction.toEnd(-1);
    tick();
    describePlay();
  }

  function tick() {
    playTimer = setTimeout(() => {
      if (!document.hidden) player.direction.move(1);
      if (player.direction.isAtEnd(1)) stop();
      else tick();
    }, STEP_MS / speed);
  }

  function stop() {
    clearTimeout(playTimer);
    if (!playing) return;
    playing = false;
    dom.root.classList.remove("lsp-playing");
    dom.status.setAttribute("aria-live", "polite");
    describePlay();
    player.stopped();
  }

  function describePlay() {
    dom.play.setAttribute("aria-label", playing ? "Pause" : "Play");
    dom.play.title = playing ? "Pause (Space)" : "Play (Space)";
    dom.play.firstChild.firstChild.setAttribute("d", playing ? ICONS.pause : ICONS.play);
  }

  dom.speed.addEventListener("change", () => {
    speed = Number(dom.speed.value);
    if (playing) {
      clearTimeout(playTimer);
      tick();
    }
  });
  describePlay();

  return {
    play, stop,
    get now() {
      return playing;
    },
  };
}
