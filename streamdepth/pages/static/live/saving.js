// Files that this page makes, saved where the browser saves what it loads.

/** A name that says when, as `streamdepth-2026-11-28T093015.png`. */
export function nameNow(what, suffix) {
  return `${what}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.${suffix}`;
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
