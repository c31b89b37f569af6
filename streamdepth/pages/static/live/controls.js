// What a viewer can turn: input and look of the stream, which are the same for all, or a look of the viewer's own.

import { colourTables, drawLegend, shownTable } from "../colours.js";
import * as own from "./own.js";
import { ask, change } from "./server.js";

const ALPHA_STEP = 0.05;
const TROUBLE_MS = 15_000; // so long the page says why an input is not shown
const SETTLE_MS = 1500; // what the server says next may be older than what was just changed

const controls = document.getElementById("controls");
const legend = document.getElementById("colours");
const input = document.getElementById("input");
const notice = document.getElementById("notice");
const forWhom = document.getElementById("for_whom");
const ownSwitch = document.getElementById("own");
const NAMES = ["layout", "colormap", "alpha", "cut_beyond", "invert", "range_locked", "stabilise", "refine"];
const fields = Object.fromEntries([...new Set([...NAMES, ...own.FIELDS])].map((name) => [name, document.getElementById(name)]));
const PLAIN = {
  overlay: "depth over picture",
  depth: "depth alone",
  "side-by-side": "picture beside depth",
  rgbd: "picture beside grey",
  stereo: "for both eyes",
  anaglyph: "red and cyan glasses",
  focus: "sharp where near",
  relief: "relief in space",
  points: "cloud of points",
};
const BESIDE = ["side-by-side", "rgbd", "stereo"]; // they show each point of the picture twice
const percent = (value) => `${Math.round(value * 100)} %`;
const VALUES = {
  alpha: (value) => `${percent(value)} depth`,
  cut_beyond: (value) => (value < 1 ? `nearest ${percent(value)}` : "everything"),
  deep: (value) => `${value} to 1`,
  fog: (value) => (value > 0 ? percent(value) : "none"),
  blur: (value) => (value > 0 ? percent(value) : "none"),
  tolerance: (value) => `± ${percent(value)}`,
};
let common = null; // the look that all have, and what can be chosen, as the server said last
let changedAt = 0;
let turning = Promise.resolve();
const unanswered = new Set(); // changes of the look of which the server has not said yet what became of them
let trouble = { text: "", at: 0 };
let onKnown = () => {};

/** Calls `listener` each time that the server has said what can be changed. */
export function whenKnown(listener) {
  onKnown = listener;
}

/** Whether the server has said what can be changed. */
export function isKnown() {
  return common !== null;
}

/** Fetches what can be chosen, once there is a server that answers. */
async function begin() {
  const [answer, inputs] = await Promise.all([ask("api/look"), ask("api/source")]);
  if (!answer.ok || !inputs.ok) return;
  const [look, choice] = [await answer.json(), await inputs.json()];
  fill("colormap", look.choices.colormap);
  input.replaceChildren(...choice.names.map((name, number) => new Option(name, number)));
  input.parentElement.hidden = choice.names.length < 2;
  document.getElementById("own_row").hidden = !own.isPossible;
  controls.hidden = false;
  enable(true);
  common = look;
  show();
  showInput(choice);
  onKnown();
}

function fill(name, choices) {
  fields[name].replaceChildren(...choices.map((one) => new Option(PLAIN[one] ?? one, one)));
}

/** Called with what the server sends once a second: another viewer may have changed it. */
export function follow({ look, input: choice }) {
  if (common === null) begin().catch(() => {});
  else if (unanswered.size === 0 && performance.now() - changedAt > SETTLE_MS) {
    common = { ...common, ...look };
    show();
    showInput(choice);
  }
}

/** There may be another server now, with other inputs. */
export function forget() {
  common = null;
  unanswered.clear();
  notice.value = "";
  enable(false);
}

function enable(enabled) {
  for (const field of [...Object.values(fields), input, ownSwitch]) field.disabled = !enabled;
}

/** The look as it is here: of all, with what this viewer has for himself. */
function lookHere() {
  return own.isOwn() ? { ...common, ...own.ownLook() } : common;
}

function show() {
  const [look, isOwn] = [lookHere(), own.isOwn()];
  const layouts = isOwn ? own.LAYOUTS : common.choices.layout;
  if (layouts.join() !== [...fields.layout.options].map(({ value }) => value).join()) fill("layout", layouts);
  ownSwitch.checked = isOwn;
  document.getElementById("own_controls").hidden = !isOwn;
  for (const one of document.querySelectorAll("[data-space]")) one.hidden = !own.IN_SPACE.includes(look.layout);
  forWhom.textContent = isOwn
    ? "Only you see this, but for Hold and Steady. Click the picture to choose what is sharp, or singled out."
    : "This changes the picture for everybody who watches.";
  for (const [name, field] of Object.entries(fields)) {
    if (!(name in look)) continue;
    if (field === document.activeElement && field.type === "range") continue; // it is being drawn
    if (field.type === "checkbox") field.checked = look[name];
    else field.value = look[name] ?? field.max;
    if (name in VALUES) showValue(field);
  }
  colourTables().then((tables) => drawLegend(legend, shownTable(tables[look.colormap], look)));
}

function showValue(field) {
  const words = VALUES[field.id](Number(field.value));
  document.getElementById(`${field.id}_value`).value = words;
  field.setAttribute("aria-valuetext", words);
}

function showInput({ shown, coming, trouble: text }) {
  input.value = coming ?? shown;
  const now = performance.now();
  if (text !== trouble.text) trouble = { text, at: now };
  const fresh = now - trouble.at < TROUBLE_MS ? text : "";
  notice.value = coming === null ? fresh : `opening ${input.selectedOptions[0]?.text ?? ""}`;
}

/** Which point of the picture one of what is shown is, in shares of its size; null where there is none. */
export function pointOfPicture(shown) {
  if (own.isOwn()) return own.pointIn(shown);
  return BESIDE.includes(common?.layout) ? [(2 * shown[0]) % 1, shown[1]] : shown;
}

/** Change some of the look: for this viewer alone what an own view has of its own, the rest for all. */
async function turn(wanted) {
  const [name] = Object.keys(wanted);
  if (own.isOwn() && own.FIELDS.includes(name)) {
    await own.change(wanted);
    return show();
  }
  unanswered.add(wanted);
  common = { ...common, ...wanted }; // at once: the next key may come before the answer
  show();
  turning = turning.then(() => changed("api/look", wanted)).catch(() => null); // in the order of the keys
  const look = await turning;
  if (!unanswered.delete(wanted)) return null; // there may be another server now
  changedAt = performance.now();
  if (look && unanswered.size === 0) {
    common = look;
    show();
  }
  return null;
}

/** What the server answers to a change, or null where it refused. */
async function changed(path, wanted) {
  const answer = await change(path, wanted);
  return answer.ok ? answer.json() : null;
}

async function choose(number) {
  const choice = await changed("api/source", { shown: number });
  if (choice) showInput(choice);
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type !== "range") return field.value;
  // "Reach" at its end cuts nothing off.
  return field.id === "cut_beyond" && field.value === field.max ? null : Number(field.value);
}

function next(name) {
  const choices = [...fields[name].options].map((option) => option.value);
  return { [name]: choices[(choices.indexOf(lookHere()[name]) + 1) % choices.length] };
}

function blend(step) {
  return { alpha: Math.min(1, Math.max(0, Math.round((lookHere().alpha + step) * 100) / 100)) };
}

const opposite = (name) => ({ [name]: !lookHere()[name] });

/** What keys turn. */
export const TURNS = {
  c: () => turn(next("colormap")),
  l: () => turn(next("layout")),
  "+": () => turn(blend(ALPHA_STEP)),
  "=": () => turn(blend(ALPHA_STEP)), // the same key without Shift
  "-": () => turn(blend(-ALPHA_STEP)),
  i: () => turn(opposite("invert")),
  r: () => turn(opposite("range_locked")),
  t: () => turn(opposite("stabilise")),
  e: () => turn(opposite("refine")),
  n: () => input.options.length > 1 && choose((Number(input.value) + 1) % input.options.length),
  v: () => own.choose(!own.isOwn()),
};

for (const [name, field] of Object.entries(fields)) {
  field.addEventListener("change", () => turn({ [name]: valueOf(field) }).catch(() => {}));
  if (!(name in VALUES)) continue;
  field.addEventListener("input", () => {
    showValue(field);
    if (own.isOwn()) own.change({ [name]: valueOf(field) }); // nobody else has to follow
  });
}
input.addEventListener("change", () => choose(Number(input.value)).catch(() => {}));
ownSwitch.addEventListener("change", () => own.choose(ownSwitch.checked));
