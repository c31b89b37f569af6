// A viewer's own view: the stream that carries depth, drawn here as this viewer likes.

import { colourTables, shownTable } from "../colours.js";
import { DepthView } from "./depth_view.js";
import { canDraw, drawsFast } from "./gl.js";
import { toggleOwn } from "./stage.js";

const REMEMBERED = "streamdepth own view"; // what the viewer chose before, on this device
export const LAYOUTS = ["overlay", "depth", "side-by-side", "relief", "points"];
export const FIELDS = ["layout", "colormap", "alpha", "cut_beyond", "invert", "refine", "deep", "fog", "blur", "isolates", "tolerance"];
export const IN_SPACE = ["relief", "points"];

const canvas = document.getElementById("drawn");
const stage = document.getElementById("stage");
let look = {
  layout: "overlay",
  colormap: "inferno",
  alpha: 0.6,
  cut_beyond: null,
  invert: false,
  refine: false,
  deep: 4,
  fog: 0,
  blur: 0,
  isolates: false,
  tolerance: 0.12,
  focus: null,
};
let isOn = false;
let view = null;
let onSwitch = () => {};

/** Whether this device can draw one at all. */
export const isPossible = canDraw();

/** Begins: with an own view where the viewer had one before, or where the device draws fast; `changed` is called at a switch. */
export function begin(changed) {
  const before = localStorage.getItem(REMEMBERED);
  onSwitch = changed;
  isOn = isPossible && (before === null ? drawsFast() : before === "yes");
  toggleOwn(isOn);
}

export function isOwn() {
  return isOn;
}

export function choose(wanted) {
  if (wanted === isOn) return;
  isOn = wanted && isPossible;
  localStorage.setItem(REMEMBERED, isOn ? "yes" : "no");
  toggleOwn(isOn);
  onSwitch();
}

export function ownLook() {
  return look;
}

/** Draw otherwise from now on. */
export async function change(wanted) {
  look = { ...look, ...wanted };
  stage.classList.toggle("space", IN_SPACE.includes(look.layout));
  const tables = await colourTables();
  view?.set(look, shownTable(tables[look.colormap], look));
}

/** A new viewing begins: descriptions of earlier pictures do not apply to it. */
export function restart() {
  if (!isOn) return;
  view ??= new DepthView(canvas, stage, () => choose(false));
  view.descriptions = [];
  change({});
}

export function learn(description) {
  view?.learn(description);
}

/** A picture of the video is there; whether it was drawn. */
export function show(video, metadata) {
  return view !== null && isOn && view.show(video, metadata.rtpTimestamp);
}

/** The width and height of the picture that is drawn, or that lies in space. */
export function shape() {
  const [width, height] = view.shape;
  return look.layout === "side-by-side" ? [2 * width, height] : [width, height];
}

/** What is at a point of the canvas: of the picture, in shares of its size; null in space. */
export function pointIn([x, y]) {
  if (!isOn) return [x, y];
  if (IN_SPACE.includes(look.layout)) return null;
  return look.layout === "side-by-side" ? [(2 * x) % 1, y] : [x, y];
}

/** Choose what is sharp, or alone, by a point of the picture. */
export function focusAt(point) {
  if (!isOn) return null;
  const near = view?.at(point) ?? null;
  if (near !== null) change({ focus: near });
  return near;
}

/** Turn the scene by an arrow key; whether it was one. */
export function turnBy(key) {
  return view !== null && isOn && view.orbit.key(key);
}
