// A film goes to the service as a job: uploaded, watched, cancelled, and played when it is done.

import { asSentence, ask, AWAY, refusal } from "../asking.js";
import { canBeRead, UNREADABLE } from "./files.js";

const LONGEST_MS = 3_600_000; // of one answer; a film that takes longer is watched anew
const BEGIN_MS = 30_000; // of an answer, which on a line that was cut would never come
const SILENT_MS = 45_000; // the service says each 15 s that it is there
const AGAIN_MS = 300;
const AWAY_MS = 2000;
const LATER = [409, 429]; // with the seconds to wait
const OVER = ["done", "failed", "cancelled"];
const GONE = "The film is not at the service: it did not arrive whole, or was removed. Send it again.";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The address of a job that nobody has had. It is known before the upload, so that this can be sent again. */
export function newAddress() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `v1/jobs/${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** An answer that begins in time, and ends in a longer one. */
async function begun(path, options, until) {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), BEGIN_MS);
  const signal = AbortSignal.any([until, late.signal, AbortSignal.timeout(LONGEST_MS)]);
  try {
    return await ask(path, { ...options, signal });
  } finally {
    clearTimeout(timer);
  }
}

/** Rejected after so long without a word. */
function silence() {
  return new Promise((_resolve, reject) => {
    AbortSignal.timeout(SILENT_MS).addEventListener("abort", () => reject(new TypeError("silent"))); // as fetch says it
  });
}

/** Each change of a job in an answer that goes on, up to its end. */
async function* changes(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await Promise.race([reader.read(), silence()]);
      if (done) return;
      text += value;
      const events = text.split("\n\n");
      text = events.pop();
      for (const event of events) {
        const data = event.split("\n").find((line) => line.startsWith("data: "));
        if (data) yield JSON.parse(data.slice(6));
      }
    }
  } finally {
    reader.cancel().catch(() => null); // of one that is silent, which would keep one of the browser's few connections
  }
}

/** A film that is rendered by the service; `onChange` is called with each record of it, `letIn` is resolved with a new token. */
export class Film {
  constructor(address, onChange, letIn) {
    this.address = address;
    this.onChange = onChange;
    this.letIn = letIn;
    this.last = { state: "unknown" };
    this.ending = new AbortController();
    this.removed = null;
    this.isSent = this.isRemoved = false; // just now
  }

  get isCancelled() {
    return this.ending.signal.aborted;
  }

  /** Whether what it does is lost with the page. */
  get needsPage() {
    return this.isRemoved || (this.isSent && !this.isCancelled);
  }

  /** Sends it: once more where the service went away meanwhile, to which the same again is the same job. */
  async send(file, query) {
    this.isSent = true;
    this.update({ state: "sent" });
    const headers = { "Content-Type": "application/octet-stream" };
    try {
      await this.answer(`${this.address}?${query}`, { method: "PUT", body: file, headers });
    } finally {
      this.isSent = false;
    }
  }

  /** The finished film as a blob. Rejected with a sentence. */
  async result() {
    const { state, reason } = await this.end();
    if (state !== "done") throw new Error(reason ? asSentence(reason) : "The film was cancelled.");
    for (;;) {
      const response = await this.answer(`${this.address}/result`);
      const film = await response.blob().catch(() => null);
      if (film) return film;
      await this.away();
    }
  }

  /** Removes it from the service; resolved when it is gone, or with a sentence where it cannot be. */
  cancel() {
    this.ending.abort();
    this.removed ??= this.remove();
    return this.removed;
  }

  async remove() {
    this.isRemoved = true;
    this.update({ state: "cancelled" });
    try {
      await this.answer(this.address, { method: "DELETE" }, new AbortController().signal);
      return "";
    } catch (error) {
      return `The film could not be cancelled. ${error.message}`;
    } finally {
      this.isRemoved = false;
    }
  }

  update(record) {
    this.last = record;
    this.onChange(record);
  }

  /** Its last record. */
  async end() {
    for (;;) {
      const response = await this.answer(`${this.address}/events`);
      try {
        for await (const record of changes(response)) this.update(record);
        if (OVER.includes(this.last.state)) return this.last;
        await pause(AGAIN_MS);
      } catch (error) {
        if (!this.isCancelled && error.name !== "TimeoutError") await this.away();
      }
    }
  }

  /** An answer, waited for where the service is away, full, or wants a token. Rejected with a sentence, and by `until`. */
  async answer(path, options = {}, until = this.ending.signal) {
    for (;;) {
      const asked = options.body ? ask(path, { ...options, signal: until }) : begun(path, options, until);
      const response = await asked.catch(() => null);
      until.throwIfAborted();
      if (response?.ok || (response?.status === 404 && options.method === "DELETE")) return response;
      const seconds = Number(response?.headers.get("Retry-After"));
      if (response === null && options.body && !(await canBeRead(options.body))) throw new Error(UNREADABLE);
      if (response?.status === 401) await this.letIn();
      else if (response?.status === 404) throw new Error(GONE);
      else if (response === null || AWAY.includes(response.status)) await this.away();
      else if (seconds && LATER.includes(response.status)) await this.later(asSentence(await refusal(response)), seconds);
      else throw new Error(asSentence(await refusal(response)));
    }
  }

  away() {
    this.onChange({ ...this.last, isAway: true });
    return pause(AWAY_MS);
  }

  later(sentence, seconds) {
    this.onChange({ ...this.last, sentence: `${sentence} It is asked again in ${seconds} s …` });
    return pause(1000 * seconds);
  }
}
