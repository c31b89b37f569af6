// What the stage shows: the video or single pictures, the last of them while nothing comes, or one that is held.

const stage = document.getElementById("stage");
const video = document.getElementById("video");
const pictures = document.getElementById("pictures"); // instead of the video, where WebRTC does not come through
const drawn = document.getElementById("drawn"); // instead of it, where this viewer has an own view
const still = document.getElementById("still");
let frozen = false;

/** What the viewer sees now, and its size in its own pixels. */
export function shown() {
  const part = [still, pictures, drawn, video].find((one) => !one.hidden);
  const [width, height] = part === video
    ? [video.videoWidth, video.videoHeight]
    : [part.naturalWidth ?? part.width, part.naturalHeight ?? part.height];
  return { part, width, height };
}

/** Whether what is drawn here is shown instead of the video, which then only plays. */
export function toggleOwn(isOwn) {
  drawn.hidden = !isOwn;
  stage.classList.toggle("own", isOwn);
}

/** Draws what is shown into a canvas; whether there was anything. */
export function draw(canvas) {
  const { part, width, height } = shown();
  if (!width) return false;
  if (part !== canvas) {
    [canvas.width, canvas.height] = [width, height];
    canvas.getContext("2d").drawImage(part, 0, 0);
  }
  return true;
}

/** How the stream is: `live`, `waiting` for its source, or `gone` with its server; then its last picture stays, dimmed. */
export function setState(state) {
  if (state === "gone") {
    if (still.hidden) still.hidden = !draw(still);
    still.classList.add("past");
  }
  document.body.dataset.state = state;
}

/** A new picture is there to be seen; `shape` is its width and height where it does not tell. */
export function onPicture(shape = null) {
  still.classList.remove("past");
  if (!frozen) still.hidden = true;
  const [width, height] = shape ?? [shown().width, shown().height];
  if (width) stage.style.setProperty("--aspect", `${width} / ${height}`);
}

/** Hold the picture that is shown, or let it go on; whether it is held. */
export function toggleFreeze() {
  frozen = !frozen && draw(still);
  still.hidden = !frozen;
  return frozen;
}

/** Where in the picture an event is, in shares of its size; null beside it. */
export function pointOf({ clientX, clientY }) {
  const { left, top, scale, width, height } = picturesBox();
  const [x, y] = [(clientX - left) / (width * scale), (clientY - top) / (height * scale)];
  return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null;
}

/** Where a point of the picture lies on the stage, in pixels from its corner. */
export function placeOf([x, y]) {
  const { left, top, scale, width, height } = picturesBox();
  const box = stage.getBoundingClientRect();
  return [left - box.left + x * width * scale, top - box.top + y * height * scale];
}

/** The part of the stage that the picture fills. */
function picturesBox() {
  const box = stage.getBoundingClientRect();
  const { width, height } = shown();
  const scale = Math.min(box.width / width, box.height / height);
  return {
    left: box.left + (box.width - width * scale) / 2,
    top: box.top + (box.height - height * scale) / 2,
    scale,
    width,
    height,
  };
}
