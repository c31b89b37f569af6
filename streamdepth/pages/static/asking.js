// How a page asks its server: with the token, and not for ever.

const PATIENCE_MS = 5000;
let kept = ""; // typed by the viewer, where the address has none

/** The token is in the part of the address that no server sees. */
function token() {
  return kept || (new URLSearchParams(location.hash.slice(1)).get("token") ?? "");
}

/** Take another token from now on. */
export function keepToken(given) {
  kept = given;
}

/** The address of something that is shown and not fetched; `moment` makes it another one than before. */
export function addressWithToken(path, moment) {
  return `${path}?${new URLSearchParams({ ...(token() && { token: token() }), at: moment })}`;
}

/** A request with the token; rejected where the server does not answer in time. */
export function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  return fetch(path, { signal: AbortSignal.timeout(PATIENCE_MS), ...options, headers });
}

/** Why an answer was no, in words. */
export async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  return body.detail ?? body.error ?? `the server answered ${response.status}`;
}
