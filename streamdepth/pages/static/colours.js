// The colours of depth: those that pictures are drawn with, as tables and as a legend.

import { ask } from "./asking.js";

const AGAIN_MS = 1000;
const FADE = 8; // levels over which colours fade to black at a cut, as in pictures that the server draws

let asked = null;

/** Each colormap by its name, 256 times red, green, blue from the farthest to the nearest; asked for until it comes. */
export function colourTables() {
  asked ??= load();
  return asked;
}

async function load() {
  for (;;) {
    const answer = await ask("static/colours.json").catch(() => null);
    const tables = answer?.ok ? await answer.json().catch(() => null) : null;
    if (tables) return Object.fromEntries(Object.entries(tables).map(([name, hex]) => [name, bytes(hex)]));
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

function bytes(hex) {
  return Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
}

/** A table with its colours turned around, and black beyond a share of the range from the nearest; RGBA. */
export function shownTable(table, { invert = false, cut_beyond: cut = null } = {}) {
  const first = 255 * (1 - (cut ?? 1));
  const shown = new Uint8ClampedArray(1024);
  for (let level = 0; level < 256; level++) {
    const kept = cut === null ? 1 : Math.min(1, Math.max(0, (level - first) / FADE + 1));
    const place = 3 * (invert ? 255 - level : level);
    for (let part = 0; part < 3; part++) shown[4 * level + part] = Math.round(table[place + part] * kept);
    shown[4 * level + 3] = 255;
  }
  return shown;
}

/** Draws a table, RGBA, into a canvas that is 256 wide and 1 high. */
export function drawLegend(canvas, table) {
  canvas.getContext("2d").putImageData(new ImageData(table, 256, 1), 0, 0);
}
