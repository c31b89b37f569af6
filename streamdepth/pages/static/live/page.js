// The page of a stream: plays it, says in words what is wrong, and comes back by itself.

import { waiting } from "/static/live/camera.js";
import { follow, forget } from "/static/live/controls.js";
import { showFigures, showNone } from "/static/live/figures.js";
import { Pictures } from "/static/live/pictures.js";
import { OVER, Viewing } from "/static/live/viewing.js";

const RETRY_MS = 700;
const AGAIN_MS = 200; // after a viewing that played: whoever hung up may already be back
const NO_WAY_AGAIN_MS = 60_000; // while single pictures are shown instead
const POINT_EVERY_MS = 100;
const NO_WAY = "WebRTC does not come through (is UDP blocked?): single pictures over HTTP instead";

const video = document.getElementById("video");
const word = document.getElementById("word");
const since = document.getElementById("since"); // beside the words, which are read out when they change
const way = document.getElementById("way");
const pointer = document.getElementById("pointer");

function say(text, age = null) {
  if (word.textContent !== text) word.textContent = text;
  since.textContent = text !== "" && age >= 1000 ? `for ${Math.floor(age / 1000)} s` : "";
}

/** What the server says of its source, in words; none while all is well. */
function wordsOf(condition) {
  const [, state, reason] = /^(\w+)(?: \((.*)\))?$/.exec(condition) ?? [null, condition];
  switch (state) {
    case "live": return "";
    case "starting": return "the first picture is on its way";
    case "frozen": return `the picture stands still: ${reason ?? "nothing new comes from the source"}`;
    case "away": return waiting(reason) ?? `the source is away${reason ? `: ${reason}` : ""}; it is tried again`;
    default: return condition;
  }
}

function showDepth(told) {
  pointer.value = told.depth === null
    ? ""
    : `${metresOf(told)}depth ${told.depth.toPrecision(3)}, nearer than ${Math.round(told.nearer_than * 100)} %`;
}

/** Of a camera whose distances are known. */
function metresOf(told) {
  if (told.metres === undefined) return "";
  return told.metres === null ? `no metres: ${told.withheld}; ` : `${told.metres.toPrecision(3)} m; `;
}

/** Where in the picture the pointer is, in shares of its size; null beside it. */
function pointOf(event) {
  const box = video.getBoundingClientRect();
  const scale = Math.min(box.width / video.videoWidth, box.height / video.videoHeight);
  const x = (event.clientX - box.left - box.width / 2) / (video.videoWidth * scale) + 0.5;
  const y = (event.clientY - box.top - box.height / 2) / (video.videoHeight * scale) + 0.5;
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null;
}

let viewing = null;
let pictures = null; // while WebRTC does not come through
let timer = null;
let isOver = false; // the last server took its leave, and none has answered since

function show(told, from) {
  say(wordsOf(told.condition), told.age_ms);
  follow(told);
  showFigures(told, from);
}

function onEnd(words, patience) {
  isOver = words === OVER;
  say(words);
  showNone();
  forget();
  playAfter(patience);
}

function playAfter(patience) {
  clearTimeout(timer);
  timer = setTimeout(play, patience);
}

/** Shows single pictures until WebRTC comes through or the server is gone. */
function showPictures() {
  way.value = NO_WAY;
  const mine = pictures = new Pictures(document.getElementById("pictures"), {
    onFigures: (told) => show(told, mine),
    onEnd: (words) => {
      pictures = null;
      way.value = "";
      if (viewing.ended) onEnd(words, RETRY_MS);
    },
  });
}

function play() {
  const mine = viewing = new Viewing(video, {
    onFigures: (told) => {
      pictures?.end("");
      show(told, mine);
    },
    onDepth: showDepth,
    onEnd: (words) => {
      if (mine.noWay && pictures === null) showPictures();
      if (pictures === null) onEnd(words, mine.played ? AGAIN_MS : RETRY_MS);
      else playAfter(NO_WAY_AGAIN_MS);
    },
  });
  mine.start().catch(() => mine.end(isOver ? OVER : "the server does not answer; this page tries again"));
}

function watchPictures() {
  video.requestVideoFrameCallback?.((_now, metadata) => {
    viewing?.see(metadata);
    watchPictures();
  });
}

let asking = false;
function point(event) {
  const at = pointOf(event);
  if (at === null || asking || viewing === null) return;
  asking = true;
  setTimeout(() => { asking = false; }, POINT_EVERY_MS);
  viewing.askDepth(...at);
}
video.addEventListener("pointermove", point);
video.addEventListener("pointerdown", point);
video.addEventListener("pointerleave", ({ pointerType }) => {
  if (pointerType !== "touch") pointer.value = ""; // a finger leaves as soon as it has pointed
});
video.addEventListener("playing", () => say(""));
window.addEventListener("pagehide", () => viewing?.hangUp());
window.addEventListener("pageshow", (event) => { if (event.persisted) startAgain(); });
window.addEventListener("hashchange", startAgain);

function startAgain() {
  pictures?.end("connecting");
  viewing?.end("connecting");
}

watchPictures();
play();
