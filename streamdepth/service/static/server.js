// How the page asks its server.

/** The token is in the part of the address that no server sees. */
function token() {
  return new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
}

export function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  return fetch(path, { ...options, headers });
}
