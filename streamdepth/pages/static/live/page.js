// The page of a stream: plays it, says in words what is wrong, and comes back by itself.

import { addressOf, ownPath } from "../asking.js";
import { begin as beginCamera, forget as forgetCamera, heed, waiting } from "./camera.js";
import { follow, forget, pointOfPicture } from "./controls.js";
import * as distances from "./distances.js";
import { showFigures, showNone } from "./figures.js";
import "./keys.js";
import * as own from "./own.js";
import { Pictures } from "./pictures.js";
import { Pointer } from "./pointer.js";
import "./recording.js";
import { onPicture, setState } from "./stage.js";
import { OVER, Viewing } from "./viewing.js";
import { TokenForm } from "../token.js";

const RETRY_MS = 700;
const AGAIN_MS = 200; // after a viewing that played: whoever hung up may already be back
const NO_WAY_AGAIN_MS = 60_000; // while single pictures are shown instead
const NO_WAY = "WebRTC does not come through (is UDP blocked?): single pictures over HTTP instead";

const video = document.getElementById("video");
const word = document.getElementById("word");
const since = document.getElementById("since"); // beside the words, which are read out when they change
const behind = document.getElementById("behind");
const way = document.getElementById("way");
const pointer = new Pointer((x, y) => viewing?.askDepth(x, y), own.pointIn, click);
const token = new TokenForm(document.getElementById("ask-token"), () => {
  say("connecting");
  play();
});

function say(text, age = null) {
  if (word.textContent !== text) word.textContent = text;
  since.textContent = text !== "" && age >= 1000 ? `for ${Math.floor(age / 1000)} s` : "";
}

/** It lasts as long as its cause, and so has its place beside the picture and not over it. */
function sayBehind(text) {
  if (behind.value !== text) behind.value = text;
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

/** One camera among several says which it is, and leads back to all of them. */
function nameCamera() {
  const camera = /^cameras\/([\w-]+)$/.exec(ownPath())?.[1];
  if (camera === undefined) return;
  document.title = `streamdepth: ${camera}`;
  document.querySelector("h1").textContent = camera;
  const all = document.createElement("a");
  all.href = addressOf(location.hash);
  all.textContent = "all cameras";
  document.getElementById("what").replaceChildren(all);
}

nameCamera();

let viewing = null;
let pictures = null; // while WebRTC does not come through
let timer = null;
let isOver = false; // the last server took its leave, and none has answered since

function show(latest, from) {
  say(wordsOf(latest.condition), latest.age_ms);
  sayBehind(latest.behind);
  setState(latest.condition === "live" ? "live" : "waiting");
  heed(latest.condition);
  follow(latest);
  showFigures(latest, from);
}

/** A viewing is over, in a `state` as of `Viewing.end`. */
function onEnd(words, patience, state = "gone") {
  isOver = words === OVER;
  say(words);
  setState(state);
  if (state === "gone") forgetCamera();
  showNone();
  sayBehind("");
  forget();
  pointer.leave();
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
    onFigures: (latest) => show(latest, mine),
    onEnd: (words) => {
      pictures = null;
      way.value = "";
      if (viewing.ended) onEnd(words, RETRY_MS);
    },
  });
}

function play() {
  own.restart();
  const mine = viewing = new Viewing(video, own.isOwn() ? "depth" : "picture", {
    onServer: beginCamera,
    onStranger: () => {
      onEnd(token.ask() || "This stream asks for a token.", RETRY_MS, "waiting");
      clearTimeout(timer); // it is tried again when the viewer has given one
    },
    onFigures: (latest) => {
      pictures?.end("");
      show(latest, mine);
    },
    onDepth: (answer) => pointer.show(answer),
    onMeaning: own.learn,
    onEnd: (words, state) => {
      if (mine.noWay && pictures === null) showPictures();
      if (pictures === null) onEnd(words, mine.played ? AGAIN_MS : RETRY_MS, state);
      else playAfter(NO_WAY_AGAIN_MS);
    },
  });
  mine.start().catch(() => mine.end(isOver ? OVER : "the server does not answer; this page tries again"));
}

function watchPictures() {
  video.requestVideoFrameCallback?.((_now, metadata) => {
    viewing?.see(metadata);
    if (viewing?.played && !viewing.ended) showPicture(metadata);
    watchPictures();
  });
}

/** A point of what is shown was clicked: one whose distance is known, or that is to be sharp. */
function click(shown) {
  const at = pointOfPicture(shown);
  if (at === null) return;
  if (distances.isTaking()) distances.add(at, shown);
  else own.focusAt(at);
}

/** A picture came: it is in the video, or drawn here. */
function showPicture(metadata) {
  if (!own.isOwn()) onPicture();
  else if (own.show(video, metadata)) onPicture(own.shape());
}

video.addEventListener("playing", () => {
  if (!viewing?.ended) say(""); // a busy browser reports late what it played before the end
  if (!video.requestVideoFrameCallback) showPicture({});
});
document.getElementById("pictures").addEventListener("load", () => onPicture());
window.addEventListener("pagehide", () => viewing?.hangUp());
window.addEventListener("pageshow", (event) => { if (event.persisted) startAgain(); });
window.addEventListener("hashchange", startAgain);

function startAgain() {
  token.hide();
  pictures?.end("connecting");
  viewing?.end("connecting", "waiting");
}

own.begin(startAgain);
watchPictures();
play();
