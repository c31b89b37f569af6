// The page: a picture comes in, the service answers, and what it says is shown.

import { ask, refusal } from "/static/asking.js";
import { Comparison } from "/static/picture/comparison.js";
import { readDepth, readPalette } from "/static/picture/depth.js";
import { Film, isFilm } from "/static/picture/films.js";
import { TokenForm } from "/static/token.js";

const AGAIN_MS = 2000;
const PATIENCE_MS = 60000;

const element = (id) => document.getElementById(id);
const word = element("word");
const token = new TokenForm(element("ask-token"), () => prepare().then(show));
const comparison = new Comparison(element("figure"), element("split"), element("point"));
let picture = null; // the file that is shown
let film = null; // that is rendered
let takesFilms = false;
let turn = 0; // counts what was asked for: an answer that comes after a later question is not shown

function say(sentence, wrong = false) {
  word.textContent = sentence;
  word.classList.toggle("wrong", wrong);
}

function question() {
  const asked = new URLSearchParams();
  for (const id of ["colormap", "model"]) {
    if (element(id).value) asked.set(id, element(id).value); // a picture may come before there is a choice
  }
  return asked;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The answer about the picture in one form; null where another was asked for meanwhile. Rejected with a sentence. */
async function answer(accept, more, mine) {
  for (;;) {
    const asked = question();
    for (const [name, value] of Object.entries(more)) asked.set(name, value);
    let response = null;
    try {
      response = await ask(`/v1/depth?${asked}`, {
        method: "POST",
        body: picture,
        headers: { Accept: accept, "Content-Type": "application/octet-stream" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      element("result").classList.add("away");
      if (mine !== turn) return null;
      say("The service does not answer. It is asked again …", true);
      await pause(AGAIN_MS);
    }
    if (mine !== turn) return null;
    if (response === null) continue;
    if (response.ok) return response;
    const seconds = Number(response.headers.get("Retry-After"));
    const sentence = await refusal(response);
    if (response.status === 401) token.ask();
    if (![429, 503].includes(response.status) || !seconds) throw new Error(sentence);
    say(`${sentence}. It is asked again in ${seconds} s …`);
    await pause(seconds * 1000);
    if (mine !== turn) return null;
  }
}

async function show() {
  if (picture === null) return;
  const mine = (turn += 1);
  say("Working …");
  try {
    const heat = await answer("image/png", {}, mine);
    const values = heat && (await answer("application/x-npy", { size: "network" }, mine));
    if (!values) return;
    const bytes = await heat.arrayBuffer();
    const depth = readDepth(await values.arrayBuffer());
    if (mine !== turn) return;
    element("result").hidden = false;
    element("result").classList.remove("away");
    document.body.classList.add("shown");
    await comparison.show(picture, new Blob([bytes], { type: "image/png" }), depth);
    draw(readPalette(bytes));
    say(`Done, by ${heat.headers.get("Depth-Model")}.`);
  } catch (error) {
    if (mine === turn) say(error.message, true);
  }
}

/** The legend: the palette of the heat map itself. */
function draw(colours) {
  const context = element("colours").getContext("2d");
  const image = context.createImageData(256, 1);
  colours.forEach((colour, place) => image.data.set([...colour, 255], 4 * place));
  context.putImageData(image, 0, 0);
}

function give(file) {
  if (!file) return;
  film?.cancel();
  film = null;
  element("film").hidden = true;
  if (isFilm(file)) return giveFilm(file);
  picture = file;
  show();
}

async function giveFilm(file) {
  picture = null;
  turn += 1;
  element("result").hidden = true;
  if (!takesFilms) return say("This service takes pictures and no films (it is started without --jobs).", true);
  const mine = new Film(file, (record) => mine === film && tell(record));
  film = mine;
  for (const id of ["movie", "keep"]) element(id).hidden = true;
  for (const id of ["film", "progress", "cancel"]) element(id).hidden = false;
  try {
    const colormap = element("colormap").value;
    const done = await mine.render(new URLSearchParams({ layout: "side-by-side", ...(colormap && { colormap }) }));
    if (mine !== film || done === null) return;
    const address = URL.createObjectURL(done);
    [element("movie").src, element("save-film").href] = [address, address];
    for (const id of ["movie", "keep"]) element(id).hidden = false;
    for (const id of ["progress", "cancel"]) element(id).hidden = true;
    say("Done: your film beside its depth.");
  } catch (error) {
    if (mine !== film) return;
    element("film").hidden = true;
    say(error instanceof TypeError ? "The service does not answer. Send the film again later." : error.message, true);
  }
}

/** How far a film is. */
function tell({ state, progress, seconds_left: left }) {
  const bar = element("progress");
  if (progress === null || progress === undefined) bar.removeAttribute("value");
  else bar.value = progress;
  const words = { sent: "The film is being sent …", waiting: "The film waits for its turn …" };
  const rest = left ? `, about ${Math.ceil(left)} s to go` : "";
  say(words[state] ?? `The film is being rendered${rest} …`);
}

async function download(button) {
  const mine = turn;
  try {
    const response = await answer(button.dataset.accept, {}, mine);
    if (response === null) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), AGAIN_MS);
    say(`${button.dataset.name} is saved.`);
  } catch (error) {
    say(error.message, true);
  }
}

/** What can be chosen; asked until the service is ready. */
async function prepare() {
  for (;;) {
    const response = await ask("/v1/choices").catch(() => null);
    if (response?.ok) {
      const choices = await response.json();
      fill("colormap", choices.colormaps);
      fill("model", choices.models);
      takesFilms = choices.films;
      element("live").hidden = !choices.live;
      if (takesFilms) element("choose").textContent = "Choose a picture or a film";
      element("models").hidden = choices.models.length < 2;
      return picture === null && film === null && say("");
    }
    if (response?.status === 401) {
      return say(token.ask(), true);
    }
    say(response?.status === 503 ? "The network is being loaded …" : "The service does not answer …", response === null);
    await pause(AGAIN_MS);
  }
}

function fill(id, names) {
  element(id).replaceChildren(...names.map((name) => new Option(name, name)));
}

element("take").hidden = !matchMedia("(pointer: coarse)").matches;
element("choose").addEventListener("click", () => element("file").click());
element("live").addEventListener("click", () => location.assign(`/live${location.hash}`)); // in which a token may be
element("take").addEventListener("click", () => element("shot").click());
for (const id of ["file", "shot"]) {
  element(id).addEventListener("change", ({ target }) => {
    give(target.files[0]);
    target.value = ""; // the same file may be chosen again
  });
}
for (const id of ["colormap", "model"]) element(id).addEventListener("change", show);
element("buttons").addEventListener("click", ({ target }) => target.dataset.accept && download(target));
element("cancel").addEventListener("click", () => {
  film?.cancel();
  film = null;
  element("film").hidden = true;
  say("Cancelled.");
});
addEventListener("paste", ({ clipboardData }) => give(clipboardData?.files[0]));
addEventListener("dragover", (event) => {
  event.preventDefault();
  element("over").hidden = false;
});
addEventListener("dragleave", ({ relatedTarget }) => (element("over").hidden = relatedTarget === null));
addEventListener("drop", (event) => {
  event.preventDefault();
  element("over").hidden = true;
  give(event.dataTransfer.files[0]);
});
prepare();
