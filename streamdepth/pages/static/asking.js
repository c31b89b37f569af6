// How a page asks its server: with the token, and not for ever.

const ROOT = new URL("..", import.meta.url); // of the service, which may stand below a path of its host
const PATIENCE_MS = 5000;
/** What a proxy answers while its service is away, and a service that cannot yet. */
export const AWAY = [502, 503, 504];
const KEPT = keyOf("token"); // typed by the viewer, for this tab and this address: also after a reload

/** The token is in the part of the address that no server sees, unless the viewer typed another one. */
function token() {
  const [address, given] = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  if (address === location.hash) return given;
  const found = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
  return found.replaceAll(" ", "+"); // no token has a space: a plus that nobody wrote as %2B is read as one
}

/** The name under which a browser keeps something of this service: a host may have several. */
export function keyOf(what) {
  return `streamdepth ${what} of ${ROOT.pathname}`;
}

/** Take another token from now on. */
export function keepToken(given) {
  sessionStorage.setItem(KEPT, JSON.stringify([location.hash, given]));
}

/** Whether there is a token to ask with, right or wrong. */
export function hasToken() {
  return token() !== "";
}

/** Where something of the service is (`api/cameras`); a whole address stays as it is. */
export function addressOf(path) {
  return new URL(path, ROOT).href;
}

/** Where this page is, below the service. */
export function ownPath() {
  return location.pathname.slice(ROOT.pathname.length);
}

/** The address of something that is shown and not fetched; `moment` makes it another one than before. */
export function addressWithToken(path, moment) {
  return `${addressOf(path)}?${new URLSearchParams({ ...(token() && { token: token() }), at: moment })}`;
}

/** A request with the token; rejected where the server does not answer in time. */
export function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  return fetch(addressOf(path), { signal: AbortSignal.timeout(PATIENCE_MS), ...options, headers });
}

/** Why an answer was no, in words. */
export async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  return body.detail ?? body.error ?? `the server answered ${response.status}`;
}

/** Words of the server where the page speaks in sentences. */
export function asSentence(words) {
  return `${words[0].toUpperCase()}${words.slice(1)}.`;
}
