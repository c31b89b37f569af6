// All cameras on one page: the newest picture of each, how it is, and the way to the page of it alone.

import { addressOf, addressWithToken, ask, refusal } from "../asking.js";
import { TokenForm } from "../token.js";

const LOOK_MS = 1000; // between two looks after the list
const PICTURE_MS = 400; // from one picture of a camera to the next: single ones, since browsers open six connections
const SILENT_MS = 4000; // between two tries where no picture came
const PATIENCE_MS = 20_000; // for a picture: on a line that was cut it would come no more, and keep one of the six

const tiles = new Map();
const word = document.getElementById("word");
const form = new TokenForm(document.getElementById("token"), look);
let timer = null;

/** What comes of a camera; where nothing does, why and since when; before its first picture, why or where it is. */
function figures(entry, reason) {
  if (entry.age_ms == null) return reason || entry.source;
  return [reason, pace(entry)].filter(Boolean).join(", ");
}

function pace(entry) {
  const rate = entry.rate < 1 ? entry.rate : entry.rate?.toFixed(1);
  if (entry.rate) return `${rate} depth maps/s, ${entry.latency_ms} ms, ${entry.dropped} dropped`;
  return `last picture ${ago(entry.age_ms / 1000)} ago`;
}

function ago(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

class Tile {
  constructor(name) {
    this.name = name;
    this.element = document.getElementById("tile").content.firstElementChild.cloneNode(true);
    this.image = this.element.querySelector("img");
    this.part("name").textContent = name;
    this.element.dataset.camera = name;
    this.element.href = addressOf(`cameras/${name}${location.hash}`);
    this.image.alt = `live depth of ${name}`;
    this.image.addEventListener("load", () => { this.element.classList.add("seen"); this.nextIn(PICTURE_MS); });
    this.image.addEventListener("error", () => this.nextIn(SILENT_MS));
    document.getElementById("cameras").append(this.element);
    this.next();
  }

  part(name) {
    return this.element.querySelector(`.${name}`);
  }

  nextIn(patience) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.next(), patience);
  }

  next() {
    if (document.hidden) return this.nextIn(LOOK_MS);
    this.image.src = `${addressWithToken(`snapshot/${this.name}.jpg`, Date.now())}&size=small`;
    return this.nextIn(PATIENCE_MS);
  }

  show(entry) {
    const [, state, reason = ""] = /^(\w*)(?: \((.*)\))?$/s.exec(entry.condition) ?? [];
    this.element.dataset.state = this.part("condition").textContent = state ?? entry.condition;
    this.part("figures").classList.toggle("behind", Boolean(entry.behind));
    this.part("figures").textContent = this.part("figures").title = entry.behind || figures(entry, reason);
  }

  remove() {
    clearTimeout(this.timer);
    this.element.remove();
  }
}

function show(cameras) {
  const named = new Map(cameras.map((entry) => [entry.name, entry]));
  for (const [name, tile] of tiles) {
    if (!named.has(name)) {
      tile.remove();
      tiles.delete(name);
    }
  }
  for (const [name, entry] of named) {
    if (!tiles.has(name)) tiles.set(name, new Tile(name));
    tiles.get(name).show(entry);
  }
  const live = cameras.filter((entry) => entry.condition === "live").length;
  word.textContent = cameras.length === 0 ? "there is no camera" : `${live} of ${cameras.length} live`;
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await ask("api/cameras");
    if (answer.ok) {
      form.hide();
      show((await answer.json()).cameras);
    } else {
      word.textContent = answer.status === 401 ? form.ask() || "It takes a token." : await refusal(answer);
    }
  } catch {
    word.textContent = "the server does not answer; this page tries again";
  }
  timer = setTimeout(look, LOOK_MS);
}

look();
