// What a viewer can turn: the look of the stream, which is the same for all, and how this page shows it.

import { ask } from "/static/server.js";

const ALPHA_STEP = 0.05;
const SETTLE_MS = 1500; // what the server tells next may be older than what was just changed

const controls = document.getElementById("controls");
const keys = document.getElementById("keys");
const video = document.getElementById("video");
const fields = Object.fromEntries(
  ["layout", "colormap", "alpha", "invert", "range_locked"].map((name) => [name, document.getElementById(name)]),
);
let look = null;
let changedAt = 0;

/** Fetches what can be chosen, once there is a server that tells. */
async function begin() {
  const answer = await ask("/api/look");
  if (!answer.ok) return;
  const told = await answer.json();
  for (const name of ["layout", "colormap"]) {
    fields[name].replaceChildren(...told.choices[name].map((choice) => new Option(choice)));
  }
  controls.hidden = false;
  show(told);
}

/** Called with the look that the server tells once a second: another viewer may have changed it. */
export function follow(told) {
  if (look === null) begin().catch(() => {});
  else if (performance.now() - changedAt > SETTLE_MS) show(told);
}

function show(told) {
  look = told;
  for (const [name, field] of Object.entries(fields)) {
    if (field === document.activeElement && name === "alpha") continue; // it is being drawn
    if (field.type === "checkbox") field.checked = told[name];
    else field.value = told[name];
  }
}

async function change(wanted) {
  changedAt = performance.now();
  const answer = await ask("/api/look", {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wanted),
  });
  if (answer.ok) show(await answer.json());
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

/** Saves the picture as it is shown here, as a PNG. */
function snapshot() {
  if (!video.videoWidth) return;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `streamdepth-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
}

function showKeys() {
  if (keys.open) keys.close();
  else keys.showModal();
}

const ACTIONS = {
  c: () => change(next("colormap")),
  l: () => change(next("layout")),
  "+": () => change(blend(ALPHA_STEP)),
  "-": () => change(blend(-ALPHA_STEP)),
  i: () => change({ invert: !look.invert }),
  r: () => change({ range_locked: !look.range_locked }),
  f: fullScreen,
  p: pictureInPicture,
  s: snapshot,
  "?": showKeys,
};

for (const [name, field] of Object.entries(fields)) {
  const value = () => (field.type === "checkbox" ? field.checked : field.type === "range" ? Number(field.value) : field.value);
  field.addEventListener("change", () => change({ [name]: value() }).catch(() => {}));
}
for (const button of document.querySelectorAll("button[data-key]")) {
  button.addEventListener("click", () => ACTIONS[button.dataset.key]());
}
document.addEventListener("keydown", (event) => {
  const action = ACTIONS[event.key];
  const types = event.target.matches("select, input[type=range]") && event.key.length === 1 && event.key !== "?";
  if (!action || event.ctrlKey || event.metaKey || event.altKey || types || (look === null && event.key !== "?")) return;
  event.preventDefault();
  Promise.resolve(action()).catch(() => {});
});
if (!document.pictureInPictureEnabled) document.querySelector("button[data-key=p]").hidden = true;
