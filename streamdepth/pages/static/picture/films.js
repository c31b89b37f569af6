// A film goes to the service as a job: uploaded, watched, cancelled, and played when it is done.

import { ask, refusal } from "/static/asking.js";

const UPLOAD_MS = 3_600_000;
const AGAIN_MS = 300;

/** Whether a file is a film by what the browser, or its name, says of it. */
export function isFilm(file) {
  return file.type.startsWith("video/") || /\.(mkv|mov|mp4|webm|avi|ts|m2ts)$/i.test(file.name);
}

/** Each change of a job as the service tells it, up to the last. */
async function* changes(address) {
  const response = await ask(`${address}/events`, { signal: AbortSignal.timeout(UPLOAD_MS) });
  if (!response.ok) throw new Error(await refusal(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice(6));
    }
  }
}

/** A film that is rendered by the service; `told` hears how far it is. */
export class Film {
  constructor(file, told) {
    this.file = file;
    this.told = told;
    this.address = null;
  }

  /** The finished film as a blob, or null where it was cancelled. Rejected with a sentence. */
  async render(query) {
    this.told({ state: "sent" });
    const response = await ask(`/v1/jobs?${query}`, {
      method: "POST",
      body: this.file,
      headers: { "Content-Type": "application/octet-stream" },
      signal: AbortSignal.timeout(UPLOAD_MS),
    });
    if (!response.ok) throw new Error(await refusal(response));
    this.address = response.headers.get("Location");
    let last = null;
    while (last === null || ["waiting", "running"].includes(last.state)) {
      for await (const record of changes(this.address)) {
        last = record;
        this.told(record);
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS)); // the service may have been started anew
    }
    if (last.state === "failed") throw new Error(last.reason);
    if (last.state !== "done") return null;
    const result = await ask(`${this.address}/result`, { signal: AbortSignal.timeout(UPLOAD_MS) });
    if (!result.ok) throw new Error(await refusal(result));
    return result.blob();
  }

  /** It is wanted no more, and removed from the service. */
  async cancel() {
    if (this.address) await ask(this.address, { method: "DELETE" }).catch(() => null);
  }
}
