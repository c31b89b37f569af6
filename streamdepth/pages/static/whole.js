// Loads a page again of which a script or a style did not come: a browser gives up on them when its network changes.
// Stands in the page itself, so that it cannot be what is missing. The page is left when the server answers again.
// The first page needs its slash: from /depth its parts would be looked for beside it, and from /depth/ they are below.
// A proxy that leads /depth/ back to /depth would do so for ever: there the page says itself where its parts are.

{
  const AGAIN_MS = 1000;
  const PATIENCE_MS = 5000; // a line that is cut answers neither yes nor no
  const { pathname, search, hash } = location;

  const wasLed = performance.getEntriesByType("navigation").some(({ redirectCount }) => redirectCount > 0);

  if (document.currentScript.dataset.page === "/" && !pathname.endsWith("/")) {
    if (wasLed) document.head.append(Object.assign(document.createElement("base"), { href: `${pathname}/` }));
    else location.replace(`${pathname}/${search}${hash}`);
  }

  const again = () => fetch(pathname, { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) })
    .then((answer) => { if (answer.ok) location.reload(); else throw answer; })
    .catch(() => setTimeout(again, AGAIN_MS));

  addEventListener("error", ({ target }) => {
    if (target instanceof HTMLScriptElement || target instanceof HTMLLinkElement) setTimeout(again, AGAIN_MS);
  }, true); // such errors do not bubble
}
