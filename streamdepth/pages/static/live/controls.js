// What a viewer can turn: input and look of the stream, which are the same for all, and how this page shows it.

import { colourTables, drawLegend, shownTable } from "/static/colours.js";
import { ask, change } from "/static/live/server.js";
import { draw, toggleFreeze } from "/static/live/stage.js";

const ALPHA_STEP = 0.05;
const TROUBLE_MS = 15_000; // so long the page says why an input is not shown
const KEPT_MS = 5000; // what was pressed longer ago is not what its viewer means any more
const MOST_KEPT = 20;
const SETTLE_MS = 1500; // what the server tells next may be older than what was just changed

const controls = document.getElementById("controls");
const keys = document.getElementById("keys");
const details = document.getElementById("details");
const video = document.getElementById("video");
const legend = document.getElementById("colours");
const input = document.getElementById("input");
const notice = document.getElementById("notice");
const NAMES = ["layout", "colormap", "alpha", "cut_beyond", "invert", "range_locked", "stabilise", "refine"];
const fields = Object.fromEntries(NAMES.map((name) => [name, document.getElementById(name)]));
const PLAIN = {
  overlay: "depth over the picture",
  depth: "depth alone",
  "side-by-side": "picture beside depth",
  rgbd: "picture beside grey",
  stereo: "for both eyes",
  anaglyph: "red and cyan glasses",
};
const VALUES = {
  alpha: (value) => `${Math.round(value * 100)} % depth`,
  cut_beyond: (value) => (value < 1 ? `nearest ${Math.round(value * 100)} %` : "everything"),
};
let look = null;
let changedAt = 0;
let turning = Promise.resolve();
let trouble = { text: "", at: 0 };
let early = []; // keys pressed before the server told what there is to turn

/** Fetches what can be chosen, once there is a server that tells. */
async function begin() {
  const [answer, inputs] = await Promise.all([ask("/api/look"), ask("/api/source")]);
  if (!answer.ok || !inputs.ok) return;
  const [told, choice] = [await answer.json(), await inputs.json()];
  for (const name of ["layout", "colormap"]) {
    fields[name].replaceChildren(...told.choices[name].map((one) => new Option(PLAIN[one] ?? one, one)));
  }
  input.replaceChildren(...choice.names.map((name, number) => new Option(name, number)));
  input.parentElement.hidden = choice.names.length < 2;
  controls.hidden = false;
  enable(true);
  show(told);
  showInput(choice);
  doEarly();
}

/** Keeps a key until the server has told what there is to turn, and says so. */
function keep(key) {
  early = [...early, { key, at: performance.now() }].slice(-MOST_KEPT);
  notice.value = "the keys wait for the server";
}

function doEarly() {
  const kept = early.filter(({ at }) => performance.now() - at < KEPT_MS);
  early = [];
  for (const { key } of kept) act(key);
}

function act(key) {
  Promise.resolve(ACTIONS[key]()).catch(() => {});
}

/** Called with what the server tells once a second: another viewer may have changed it. */
export function follow(told) {
  if (look === null) begin().catch(() => {});
  else if (performance.now() - changedAt > SETTLE_MS) {
    show(told.look);
    showInput(told.input);
  }
}

/** There may be another server now, with other inputs. */
export function forget() {
  look = null;
  notice.value = "";
  enable(false);
}

function enable(enabled) {
  for (const field of [...Object.values(fields), input]) field.disabled = !enabled;
}

function show(told) {
  look = told;
  for (const [name, field] of Object.entries(fields)) {
    if (field === document.activeElement && field.type === "range") continue; // it is being drawn
    if (field.type === "checkbox") field.checked = told[name];
    else field.value = told[name] ?? field.max;
    if (name in VALUES) showValue(field);
  }
  colourTables().then((tables) => drawLegend(legend, shownTable(tables[told.colormap], told))).catch(() => {});
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

async function turn(wanted) {
  const mine = changedAt = performance.now();
  show({ ...look, ...wanted }); // at once: the next key may come before the answer
  turning = turning.then(() => change("/api/look", wanted)).catch(() => null); // in the order of the keys
  const told = await turning;
  if (told && mine === changedAt) show(told);
}

async function choose(number) {
  const told = await change("/api/source", { shown: number });
  if (told) showInput(told);
}

function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  if (field.type !== "range") return field.value;
  // "Reach" at its end cuts nothing off.
  return field.id === "cut_beyond" && field.value === field.max ? null : Number(field.value);
}

function next(name) {
  const choices = [...fields[name].options].map((option) => option.value);
  return { [name]: choices[(choices.indexOf(look[name]) + 1) % choices.length] };
}

function blend(step) {
  return { alpha: Math.min(1, Math.max(0, Math.round((look.alpha + step) * 100) / 100)) };
}

async function fullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else if (document.documentElement.requestFullscreen) await document.documentElement.requestFullscreen();
  else video.webkitEnterFullscreen?.(); // an iPhone gives the whole screen to a video only
}

async function pictureInPicture() {
  if (document.pictureInPictureElement) await document.exitPictureInPicture();
  else await video.requestPictureInPicture?.();
}

/** Holds the picture here, for this viewer alone. */
function freeze() {
  document.querySelector("button[data-key=' ']").setAttribute("aria-pressed", String(toggleFreeze()));
}

/** Saves the picture as it is shown here, as a PNG. */
function snapshot() {
  const canvas = document.createElement("canvas");
  if (!draw(canvas)) return;
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `streamdepth-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

function showDetails() {
  details.hidden = !details.hidden;
  const button = document.querySelector("button[data-key=d]");
  button.setAttribute("aria-expanded", String(!details.hidden));
}

function showKeys() {
  if (keys.open) return keys.close();
  keys.showModal();
  keys.scrollTop = 0; // the button that has the focus is at its end
}

const ACTIONS = {
  c: () => turn(next("colormap")),
  l: () => turn(next("layout")),
  "+": () => turn(blend(ALPHA_STEP)),
  "=": () => turn(blend(ALPHA_STEP)), // the same key without Shift
  "-": () => turn(blend(-ALPHA_STEP)),
  i: () => turn({ invert: !look.invert }),
  r: () => turn({ range_locked: !look.range_locked }),
  t: () => turn({ stabilise: !look.stabilise }),
  e: () => turn({ refine: !look.refine }),
  n: () => input.options.length > 1 && choose((Number(input.value) + 1) % input.options.length),
  d: showDetails,
  f: fullScreen,
  p: pictureInPicture,
  s: snapshot,
  " ": freeze,
  h: showKeys,
  "?": showKeys,
};
const NEED_NO_SERVER = "dfps h?";

for (const [name, field] of Object.entries(fields)) {
  field.addEventListener("change", () => turn({ [name]: valueOf(field) }).catch(() => {}));
  if (name in VALUES) field.addEventListener("input", () => showValue(field));
}
input.addEventListener("change", () => choose(Number(input.value)).catch(() => {}));
for (const button of document.querySelectorAll("button[data-key]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.key]());
}
document.addEventListener("keydown", (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!(key in ACTIONS) || event.ctrlKey || event.metaKey || event.altKey || isFor(event.target, key)) return;
  event.preventDefault();
  if (look === null && !NEED_NO_SERVER.includes(key)) keep(key);
  else act(key);
});

/** Whether a key means something to what has the focus: letters to a choice, the space to what it presses. */
function isFor(target, key) {
  if (target.matches("input[type=password]")) return true;
  if (key === " ") return target.matches("button, input, select, summary");
  return target.matches("select, input[type=range]") && key !== "?";
}
if (!document.pictureInPictureEnabled) document.querySelector("button[data-key=p]").hidden = true;
