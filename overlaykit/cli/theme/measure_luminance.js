// Frames (JPEG, base64) → the relative luminance of each cell of a grid.
async ([frames, columns, rows]) => {
  const canvas = new OffscreenCanvas(columns, rows);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const linear = (part) => (part <= 10.3 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const told = [];
  for (const frame of frames) {
    const image = new Image();
    image.src = "data:image/jpeg;base64," + frame;
    await image.decode();
    pen.drawImage(image, 0, 0, columns, rows);
    const { data } = pen.getImageData(0, 0, columns, rows);
    const cells = [];
    for (let at = 0; at < data.length; at += 4) {
      const luminance = 0.2126 * linear(data[at]) + 0.7152 * linear(data[at + 1]) + 0.0722 * linear(data[at + 2]);
      cells.push(Math.round(luminance * 1e4) / 1e4);
    }
    told.push(cells);
  }
  return told;
}
