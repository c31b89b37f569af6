// What is seen of a film: how far it is, and when it is done, the film.

import { keyOf } from "../asking.js";
import { colourTables, drawLegend, shownTable } from "../colours.js";
import { Film, newAddress } from "./films.js";

const KEPT = keyOf("film"); // for this tab: after a reload it is gone on with
const COLOURS = keyOf("film colours"); // and these are its colours
const WORDS = {
  sent: "The film is being sent …",
  waiting: "The film waits for its turn …",
  cancelled: "The film is being cancelled …",
};

/** Seconds, in words that do not change with each of them: a screen reader says every change. */
function about(seconds) {
  if (seconds <= 5) return "a few seconds";
  if (seconds < 55) return `about ${10 * Math.ceil(seconds / 10)} s`;
  const minutes = Math.round(seconds / 60);
  return `about ${minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`}`;
}

/** How far a film is, in words. */
function sentence({ state, sentence, isAway, seconds_left: left }) {
  if (sentence) return sentence;
  if (isAway && state === "cancelled") {
    return "The service does not answer. The film is cancelled when it does: leave this page open until then …";
  }
  if (isAway) return "The service does not answer. It is asked again, and the film goes on with it …";
  return WORDS[state] ?? `The film is being rendered${left ? `, ${about(left)} to go` : ""} …`;
}

export class FilmView {
  /** `say` shows a sentence, `letIn` is resolved when there is another token. */
  constructor(section, say, letIn) {
    this.section = section;
    this.say = say;
    this.letIn = letIn;
    this.film = null;
    this.open = new Set(); // all of this page, also those that are still to be removed
    [this.bar, this.button, this.movie, this.legend, this.keep] = section.querySelectorAll("progress, button, video, .legend, #keep");
    this.button.addEventListener("click", () => this.cancel());
    addEventListener("beforeunload", (event) => [...this.open].some((film) => film.needsPage) && event.preventDefault());
  }

  /** A film that this tab had before it was loaded anew. Returns whether there is one. */
  restore() {
    const address = sessionStorage.getItem(KEPT);
    if (address) this.show(address, () => null);
    return address !== null;
  }

  /** Another film, sent and shown when it is done. */
  give(file, query) {
    sessionStorage.setItem(COLOURS, query.get("colormap") ?? "");
    this.show(newAddress(), (film) => film.send(file, query));
  }

  /** It is wanted no more: something else is shown. */
  drop() {
    this.film?.cancel();
    this.forget();
  }

  async show(address, begin) {
    const film = new Film(address, (record) => film === this.film && this.update(record), this.letIn);
    this.film = film;
    this.open.add(film);
    sessionStorage.setItem(KEPT, address);
    this.keep.hidden = this.movie.hidden = this.legend.hidden = true;
    this.section.hidden = this.bar.hidden = this.button.hidden = false;
    this.bar.removeAttribute("value");
    try {
      await begin(film);
      const done = await film.result();
      if (film === this.film) this.play(done);
    } catch (error) {
      if (film !== this.film || film.isCancelled) return;
      this.forget();
      this.say(error.message, true);
    }
  }

  play(film) {
    URL.revokeObjectURL(this.movie.src);
    this.movie.src = this.keep.querySelector("a").href = URL.createObjectURL(film);
    this.keep.hidden = this.movie.hidden = false;
    this.bar.hidden = this.button.hidden = true;
    this.explain(sessionStorage.getItem(COLOURS));
    this.say("Done: your film beside its depth.");
  }

  /** The legend, as a picture has it. */
  async explain(name) {
    const table = (await colourTables())[name];
    if (!table) return;
    drawLegend(this.legend.querySelector("canvas"), shownTable(table));
    this.legend.hidden = this.movie.hidden;
  }

  update(record) {
    if (typeof record.progress === "number") this.bar.value = record.progress;
    else this.bar.removeAttribute("value");
    this.say(sentence(record), record.isAway);
  }

  async cancel() {
    const { film } = this;
    this.button.hidden = true;
    const why = await film.cancel();
    this.open.delete(film);
    if (film !== this.film) return;
    this.forget();
    this.say(why || "Cancelled.", why !== "");
  }

  forget() {
    this.film = null;
    this.section.hidden = true;
    sessionStorage.removeItem(KEPT);
    sessionStorage.removeItem(COLOURS);
  }
}
