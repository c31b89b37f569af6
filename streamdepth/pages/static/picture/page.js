// The page: a picture comes in, the service answers, and what it says is shown.

import { addressOf, asSentence, ask, AWAY, refusal } from "../asking.js";
import { Comparison } from "./comparison.js";
import { readDepth, readPalette } from "./depth.js";
import { canBeRead, isFilm, UNREADABLE } from "./files.js";
import { FilmView } from "./film_view.js";
import { TokenForm } from "../token.js";

const AGAIN_MS = 2000;
const PATIENCE_MS = 60000; // for the answer
const SLOW = "The answer takes too long on this line. Choose a smaller picture.";
const SLOWEST = 50; // bytes a millisecond, as the service waits for them

const element = (id) => document.getElementById(id);
const word = element("word");
const token = new TokenForm(element("ask-token"), begin);
const comparison = new Comparison(element("figure"), element("split"), element("point"));
const films = new FilmView(element("film"), say, another);
let picture = null; // the file that is asked about
let shown = null; // the one that is seen
let takesFilms = null; // not known yet
let early = null; // a film that came before that was known
let turn = 0; // counts what was asked for: an answer that comes after a later question is not shown
const letIn = []; // who waits for another token

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

/** The answer about the picture in one form, with its whole `body`; null where another was asked for meanwhile. Rejected with a sentence. */
async function answer(accept, more, mine) {
  for (;;) {
    const asked = question();
    for (const [name, value] of Object.entries(more)) asked.set(name, value);
    let [response, body] = [null, null];
    try {
      response = await ask(`v1/depth?${asked}`, {
        method: "POST",
        body: picture,
        headers: { Accept: accept, "Content-Type": "application/octet-stream" },
        signal: AbortSignal.timeout(PATIENCE_MS + picture.size / SLOWEST),
      });
      if (response.ok) body = await response.arrayBuffer();
    } catch (error) {
      if (mine !== turn) return null;
      if (response && error.name === "TimeoutError") throw new Error(SLOW);
      response = null;
      if (!(await canBeRead(picture))) throw new Error(UNREADABLE);
      element("result").classList.add("away");
      say("The service does not answer. It is asked again …", true);
      await pause(AGAIN_MS);
    }
    if (mine !== turn) return null;
    if (response === null) continue;
    if (body) return { body, headers: response.headers };
    const seconds = Number(response.headers.get("Retry-After")) || AGAIN_MS / 1000;
    if (response.status === 401) {
      say(token.ask(), true); // the picture is asked for again with the token
      return null;
    }
    const sentence = asSentence(await refusal(response));
    if (![429, ...AWAY].includes(response.status)) throw new Error(sentence);
    say(`${sentence} It is asked again in ${seconds} s …`);
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
    const depth = readDepth(values.body);
    element("result").hidden = false;
    element("result").classList.remove("away");
    document.body.classList.add("shown");
    shown = picture;
    await comparison.show(picture, new Blob([heat.body], { type: "image/png" }), depth);
    if (mine !== turn) return;
    draw(readPalette(heat.body));
    say(`Done, by ${heat.headers.get("Depth-Model")}.`);
  } catch (error) {
    if (mine === turn) refuse(error.message);
  }
}

/** Says why there is no answer; the depth of another picture is not left beside that. */
function refuse(sentence) {
  if (shown !== picture) element("result").hidden = true;
  say(sentence, true);
}

/** The legend: the palette of the heat map itself. */
function draw(colours) {
  const context = element("colours").getContext("2d");
  const image = context.createImageData(256, 1);
  colours.forEach((colour, place) => image.data.set([...colour, 255], 4 * place));
  context.putImageData(image, 0, 0);
}

async function give(files) {
  const [file] = files ?? [];
  if (!file) return;
  element("others").textContent = files.length > 1 ? `One file at a time: of ${files.length} this is ${file.name}.` : "";
  const mine = (turn += 1);
  films.drop();
  early = picture = null;
  element("result").classList.add("away");
  const isReadable = await canBeRead(file);
  if (mine !== turn) return;
  if (!isReadable) return refuse(UNREADABLE);
  if (isFilm(file)) return giveFilm(file);
  picture = file;
  show();
}

function giveFilm(file) {
  element("result").hidden = true;
  early = takesFilms === null ? file : null;
  if (early) return say("The film is sent when the service is ready.");
  if (!takesFilms) return say("This service takes pictures and no films (it is started without --jobs).", true);
  document.body.classList.add("shown");
  const colormap = element("colormap").value;
  films.give(file, new URLSearchParams({ layout: "side-by-side", ...(colormap && { colormap }) }));
}

/** Resolved when another token was given: the one that there is, if any, is not let in. */
function another() {
  say(token.ask(), true);
  return new Promise((resolve) => letIn.push(resolve));
}

/** With another token, or none yet: what waited for it goes on. */
async function begin() {
  if (!(await prepare())) return;
  letIn.splice(0).forEach((goOn) => goOn());
  if (early) giveFilm(early);
  else if (picture) show();
  else if (films.film === null && films.restore()) document.body.classList.add("shown");
}

async function download(button) {
  const mine = turn;
  try {
    const found = await answer(button.dataset.accept, {}, mine);
    if (found === null) return;
    element("result").classList.remove("away");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([found.body], { type: found.headers.get("Content-Type") }));
    link.download = button.dataset.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), AGAIN_MS);
    say(`${button.dataset.name} is saved.`);
  } catch (error) {
    say(error.message, true);
  }
}

/** What can be chosen; asked until the service is ready. Returns whether it is, which it is not for a wrong token. */
async function prepare() {
  for (;;) {
    const response = await ask("v1/choices").catch(() => null);
    const choices = response?.ok ? await response.json().catch(() => null) : null;
    if (choices) {
      fill("colormap", choices.colormaps);
      fill("model", choices.models);
      takesFilms = choices.films;
      element("live").hidden = !choices.live;
      if (takesFilms) element("choose").textContent = "Choose a picture or a film";
      element("models").hidden = choices.models.length < 2;
      if (picture === null && films.film === null) say("");
      return true;
    }
    if (response?.status === 401) {
      say(token.ask(), true);
      return false;
    }
    say(response?.status === 503 ? "The network is being loaded …" : "The service does not answer …", response === null);
    await pause(AGAIN_MS);
  }
}

function fill(id, names) {
  const chosen = element(id).value;
  element(id).replaceChildren(...names.map((name) => new Option(name, name, false, name === chosen)));
}

element("take").hidden = !matchMedia("(pointer: coarse)").matches;
element("choose").addEventListener("click", () => element("file").click());
element("live").addEventListener("click", () => location.assign(addressOf(`live${location.hash}`))); // in which a token may be
element("take").addEventListener("click", () => element("shot").click());
for (const id of ["file", "shot"]) {
  element(id).addEventListener("change", ({ target }) => {
    give([...target.files]); // which empties with the next line
    target.value = ""; // the same file may be chosen again
  });
}
for (const id of ["colormap", "model"]) element(id).addEventListener("change", show);
element("buttons").addEventListener("click", ({ target }) => target.dataset.accept && download(target));
addEventListener("paste", ({ clipboardData }) => give(clipboardData?.files));
addEventListener("dragover", (event) => {
  event.preventDefault();
  element("over").hidden = false;
});
addEventListener("dragleave", ({ relatedTarget }) => (element("over").hidden = relatedTarget === null));
addEventListener("drop", (event) => {
  event.preventDefault();
  element("over").hidden = true;
  const { files } = event.dataTransfer;
  if (files.length > 0) give(files);
  else say("That is not a file. Save it as one, and drop that.", true);
});
begin();
