// Keys and buttons of the page: what they turn, and how this page shows the picture.

import { isKnown, TURNS, whenKnown } from "./controls.js";
import { turnBy } from "./own.js";
import { nameNow, save } from "./saving.js";
import { draw, toggleFreeze } from "./stage.js";

const KEPT_MS = 5000; // what was pressed longer ago is not what its viewer means any more
const MOST_KEPT = 20;

const keys = document.getElementById("keys");
const details = document.getElementById("details");
const video = document.getElementById("video");
const notice = document.getElementById("notice");
let early = []; // keys pressed before the server said what can be changed

/** Keeps a key until the server has said what can be changed, and says so. */
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
  canvas.toBlob((blob) => save(blob, nameNow("streamdepth", "png")));
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
  ...TURNS,
  d: showDetails,
  f: fullScreen,
  p: pictureInPicture,
  s: snapshot,
  " ": freeze,
  h: showKeys,
  "?": showKeys,
};
const NEED_NO_SERVER = "dfps h?";

/** Whether a key means something to what has the focus: letters to a choice, the space to what it presses. */
function isFor(target, key) {
  if (target.matches("input[type=password], input[type=number]")) return true;
  if (key === " ") return target.matches("button, input, select, summary");
  return target.matches("select, input[type=range]") && key !== "?";
}

for (const button of document.querySelectorAll("button[data-key]")) {
  button.addEventListener("click", () => act(button.dataset.key));
}
document.addEventListener("keydown", (event) => {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey || event.altKey || isFor(event.target, key)) return;
  if (turnBy(key)) event.preventDefault();
  if (!(key in ACTIONS)) return;
  event.preventDefault();
  if (!isKnown() && !NEED_NO_SERVER.includes(key)) keep(key);
  else act(key);
});
if (!document.pictureInPictureEnabled) document.querySelector("button[data-key=p]").hidden = true;
whenKnown(doEarly);
