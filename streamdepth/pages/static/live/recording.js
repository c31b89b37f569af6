// Records the stream that carries depth: the server's own film of it, kept by the browser until it is saved.

import { nameNow, save } from "./saving.js";
import { ask, refusal } from "./server.js";

const TYPE = "video/x-matroska";
const PART = 8 * 2 ** 20; // bytes that are handed to the browser at a time, which may keep them on disk

const button = document.getElementById("record");
const size = document.getElementById("record_size");
const word = document.getElementById("record_word");
let ending = null; // of the recording that goes on

class Film {
  constructor() {
    this.parts = [];
    this.pieces = [];
    this.waiting = 0;
    this.bytes = 0;
    this.beganAt = performance.now();
  }

  add(piece) {
    this.pieces.push(piece);
    this.waiting += piece.length;
    this.bytes += piece.length;
    if (this.waiting >= PART) this.pack();
    const seconds = Math.floor((performance.now() - this.beganAt) / 1000);
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    size.value = `${clock}, ${(this.bytes / 1e6).toFixed(1)} MB`;
  }

  pack() {
    this.parts.push(new Blob(this.pieces));
    [this.pieces, this.waiting] = [[], 0];
  }

  get whole() {
    this.pack();
    return new Blob(this.parts, { type: TYPE });
  }
}

/** All that comes until it is ended here, or by the server. */
async function gather(film, signal) {
  const answer = await ask("depth.mkv", { signal });
  if (!answer.ok) throw new Error(await refusal(answer));
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return;
    film.add(value);
  }
}

async function record() {
  const film = new Film();
  ending = new AbortController();
  button.setAttribute("aria-pressed", "true");
  word.textContent = "";
  try {
    await gather(film, ending.signal);
    word.textContent = "The stream has ended, and with it the recording.";
  } catch (error) {
    if (!ending.signal.aborted) word.textContent = `The recording has ended: ${error.message}.`;
  }
  ending = null;
  button.setAttribute("aria-pressed", "false");
  size.value = "";
  if (film.bytes) save(film.whole, nameNow("depth", "mkv"));
}

window.addEventListener("beforeunload", (event) => {
  if (ending) event.preventDefault(); // what is not saved would be lost
});
button.addEventListener("click", () => {
  if (ending) ending.abort();
  else record();
});
