// How the page asks its server, and what its connections have in common.

import { ask } from "/static/asking.js";

export { addressWithToken, ask, refusal } from "/static/asking.js";

const GATHER_MS = 300; // the server finds us by our first packet; waiting for every candidate is not worth more

/** Asks for a change. */
export function change(path, wanted, method = "PATCH") {
  return ask(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) });
}

/** When a connection has found its candidates, or most of them. */
export function gathered(connection) {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    setTimeout(resolve, GATHER_MS);
    connection.addEventListener("icegatheringstatechange", () => {
      if (connection.iceGatheringState === "complete") resolve();
    });
  });
}
