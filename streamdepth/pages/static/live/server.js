// How the page asks its server, and what its connections have in common.

import * as asking from "../asking.js";

export { asSentence, AWAY, refusal } from "../asking.js";

const NAME = /^(?:cameras|live)\/([\w-]+)$/.exec(asking.ownPath())?.[1]; // of one camera, where there are several
const OF_CAMERA = {
  "whep": `whep/${NAME}`,
  "whip": `whip/${NAME}`,
  "stream.mjpg": `stream/${NAME}.mjpeg`,
  "snapshot.jpg": `snapshot/${NAME}.jpg`,
  "depth.mkv": `depth/${NAME}.mkv`,
  "api/state": `api/cameras/${NAME}/state`,
  "api/look": `api/cameras/${NAME}/look`,
  "api/source": `api/cameras/${NAME}/source`,
  "api/zones": `api/cameras/${NAME}/zones`,
  "api/metres": `api/cameras/${NAME}/metres`,
  "api/metres/file": `api/cameras/${NAME}/metres/file`,
};

/** Where something is of the camera that this page shows. */
function placeOf(path) {
  const [place, ...query] = path.split("?");
  return NAME === undefined ? path : [OF_CAMERA[place] ?? place, ...query].join("?");
}

/** As `asking.ask`, of this page's camera. */
export function ask(path, options) {
  return asking.ask(placeOf(path), options);
}

/** As `asking.addressWithToken`, of this page's camera. */
export function addressWithToken(path, moment) {
  return asking.addressWithToken(placeOf(path), moment);
}

const GATHER_MS = 300; // the server finds us by our first packet; waiting for every candidate is not worth more

/** The address of what an answer says that it has begun. */
export function begunBy(answer) {
  return new URL(answer.headers.get("Location"), answer.url).href;
}

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
