// All cameras on one page: the newest picture of each, how it is, and the way to the page of it alone.

import { addressWithToken, ask, refusal } from "/static/asking.js";
import { TokenForm } from "/static/token.js";

const LOOK_MS = 1000; // between two looks after the list
const PICTURE_MS = 400; // from one picture of a camera to the next: single ones, since browsers open six connections
const SILENT_MS = 4000; // between two tries where no picture came

const tiles = new Map();
const word = document.getElementById("word");
const form = new TokenForm(document.getElementById("token"), look);
let timer = null;

/** What comes of a camera; where nothing does, why and since when; before its first picture, why or where it is. */
function figures(told, reason) {
  if (told.age_ms == null) return reason || told.source;
  return [reason, pace(told)].filter(Boolean).join(", ");
}

function pace(told) {
  const rate = told.rate < 1 ? told.rate : told.rate?.toFixed(1);
  if (told.rate) return `${rate} depth maps/s, ${told.latency_ms} ms, ${told.dropped} dropped`;
  return `last picture ${ago(told.age_ms / 1000)} ago`;
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
    this.element.href = `/cameras/${name}${location.hash}`;
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
    if (document.hidden) this.nextIn(LOOK_MS);
    else this.image.src = `${addressWithToken(`/snapshot/${this.name}.jpg`, Date.now())}&size=small`;
  }

  show(told) {
    const [, state, reason = ""] = /^(\w*)(?: \((.*)\))?$/s.exec(told.condition) ?? [];
    this.element.dataset.state = this.part("condition").textContent = state ?? told.condition;
    this.part("figures").classList.toggle("behind", Boolean(told.behind));
    this.part("figures").textContent = this.part("figures").title = told.behind || figures(told, reason);
  }

  remove() {
    clearTimeout(this.timer);
    this.element.remove();
  }
}

function show(cameras) {
  const named = new Map(cameras.map((told) => [told.name, told]));
  for (const [name, tile] of tiles) {
    if (!named.has(name)) {
      tile.remove();
      tiles.delete(name);
    }
  }
  for (const [name, told] of named) {
    if (!tiles.has(name)) tiles.set(name, new Tile(name));
    tiles.get(name).show(told);
  }
  const live = cameras.filter((told) => told.condition === "live").length;
  word.textContent = cameras.length === 0 ? "there is no camera" : `${live} of ${cameras.length} live`;
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await ask("/api/cameras");
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
