/* Arrows from the missing line to what breaks without it: from lines and causes to SVG paths. */

import { INVISIBLE } from "./elements.js";

const LANE = 7; // pixels between two arrows
const LANES = 5;
const ARROWS_WIDTH = LANE * (LANES + 1) + 8;
export const MAX_ARROWS = 250; // more cannot be told apart
const MAX_CAUSES = 4; // runs of causes that one run of lines is joined to
export const KINDS = ["drawn", "finding", "dependent", "leftover", "untold"];

/** `entries` of { line, kind, round, causes } as runs of neighbouring lines with one reason. */
export function runsOf(entries) {
  const runs = [];
  for (const entry of entries) {
    const last = runs.at(-1);
    const joins = last && last.to === entry.line - 1 && last.kind === entry.kind &&
      last.round === entry.round && last.causes === entry.causes;
    if (joins) last.to = entry.line;
    else runs.push({ ...entry, from: entry.line, to: entry.line });
  }
  return runs;
}

/** For each run the lines its arrows start at: the nearest of each run of causes. */
function causesOf(run) {
  const starts = [];
  const sorted = [...run.causes].filter((line) => line < run.from || line > run.to).sort((a, b) => a - b);
  sorted.forEach((line, i) => {
    const follows = i > 0 && sorted[i - 1] === line - 1 && (line < run.from) === (sorted[i - 1] < run.from);
    if (!follows) starts.push(line);
    else if (line < run.from) starts[starts.length - 1] = line; // the lowest one above
  });
  const distance = (line) => Math.min(Math.abs(line - run.from), Math.abs(line - run.to));
  return starts.sort((a, b) => distance(a) - distance(b)).slice(0, MAX_CAUSES);
}

/** The SVG of all arrows among `runs`; `tops` maps a line to its row, `row` is a row's height. */
export function arrowsSvg(runs, tops, row) {
  const arrows = [];
  for (const run of runs) {
    for (const start of causesOf(run)) {
      if (tops.has(start) && tops.has(run.from)) {
        arrows.push({ start: tops.get(start), end: tops.get(start > run.to ? run.to : run.from), kind: run.kind });
      }
    }
  }
  arrows.sort((a, b) => Math.abs(a.end - a.start) - Math.abs(b.end - b.start)); // short ones inside
  const taken = Array.from({ length: LANES }, () => []);
  const paths = { finding: "", dependent: "" };
  const edge = ARROWS_WIDTH - 3;
  for (const { start, end, kind } of arrows.slice(0, MAX_ARROWS)) {
    const [low, high] = start < end ? [start, end] : [end, start];
    let lane = taken.findIndex((spans) => spans.every(([a, b]) => high < a || low > b));
    if (lane < 0) lane = LANES - 1;
    taken[lane].push([low, high]);
    const x = edge - LANE * (lane + 1) - 2;
    const from = (start + 0.5) * row + (start < end ? 3 : -3);
    const to = (end + 0.5) * row + (start < end ? -2 : 2);
    const bend = from < to ? 4 : -4;
    paths[kind === "finding" ? "finding" : "dependent"] +=
      `M${edge} ${from}H${x + 4}Q${x} ${from} ${x} ${from + bend}V${to - bend}Q${x} ${to} ${x + 4} ${to}H${edge}` +
      `M${edge - 4} ${to - 3}L${edge} ${to}L${edge - 4} ${to + 3}`;
  }
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("width", ARROWS_WIDTH);
  svg.setAttribute("height", 1);
  for (const [kind, d] of Object.entries(paths)) {
    if (!d) continue;
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", `lsp-arrow-${kind}`);
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** What is written behind the first line of a run; `withRound`: and the round in which it went. */
export function noteOf(run, phrase, withRound) {
  if (run.kind === "leftover" || run.kind === "untold") return "";
  const words = phrase.replace(/^(is|was) /, "").replaceAll("`", "").replace(INVISIBLE, "\ufffd");
  return run.kind === "finding" && withRound ? `round ${run.round} · ${words}` : words;
}
