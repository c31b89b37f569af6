// How the page asks its server, and what its connections have in common.

const GATHER_MS = 300; // the server finds us by our first packet; waiting for every candidate is not worth more
const PATIENCE_MS = 5000;

/** The token is in the part of the address that no server sees. */
function token() {
  return new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
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

/** Asks for a change and gives what the server then tells, or null where it refused. */
export async function change(path, wanted) {
  const answer = await ask(path, {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(wanted),
  });
  return answer.ok ? answer.json() : null;
}

/** Why an answer was no, in words. */
export async function refusal(response) {
  if (response.status === 401) return "the token is missing or wrong: open the address that streamdepth printed";
  const body = await response.json().catch(() => ({}));
  return body.error ?? `the server answered ${response.status}`;
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
