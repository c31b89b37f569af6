// The files that a page is given.

export const UNREADABLE = "That cannot be read: it is a folder, or was changed or moved meanwhile. Choose a file again.";

/** Whether there is something to read in a file that was given: a folder can be dropped, too. */
export function canBeRead(file) {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

/** Whether a file is a film by what the browser, or its name, says of it. */
export function isFilm(file) {
  return file.type.startsWith("video/") || /\.(mkv|mov|mp4|webm|avi|ts|m2ts)$/i.test(file.name);
}
