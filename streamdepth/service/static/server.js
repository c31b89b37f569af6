// How the page asks its server.

const PATIENCE_MS = 5000;

/** The token is in the part of the address that no server sees. */
function token() {
  return new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
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
