"""How a page reads what it shows."""

PIXELS_OF = """(shown, width, height) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  context.drawImage(shown, 0, 0);
  const data = context.getImageData(0, 0, width, height).data;
  let text = "";
  for (let at = 0; at < data.length; at += 4) text += String.fromCharCode(data[at], data[at + 1], data[at + 2]);
  return { width, height, pixels: btoa(text) };
}"""
"""A function of a picture or a video and its size; its pixels are RGB in base64."""
