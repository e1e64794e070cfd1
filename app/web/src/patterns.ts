/** Images of the map, drawn here pixel by pixel so that none is fetched. */

export interface Image {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

type Pixel = readonly [colour: string, alpha: number];

/** Diagonal lines on nothing; the tile repeats without a seam. `size` and `line` in pixels. */
export function hatch(colour: string, size: number, line: number): Image {
  return paint(size, (x, y) => [colour, (x + y) % size < line ? 1 : 0]);
}

/** An upright triangle that touches three sides of its square. */
export function triangle(colour: string, size: number): Image {
  const middle = (size - 1) / 2;
  return paint(size, (x, y) => [colour, Math.abs(x - middle) <= y / 2 ? 1 : 0]);
}

/** A disc with a rim and a text in its middle, drawn at `scale` pixels per pixel of the page. */
export function badge(
  text: string,
  fill: string,
  ink: string,
  edge: string,
  scale: number,
): ImageData {
  const size = 23;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * scale;
  const pen = canvas.getContext("2d")!;
  pen.scale(scale, scale);
  for (const [radius, colour] of [
    [size / 2, edge],
    [size / 2 - 1.5, fill],
  ] as const) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(size / 2, size / 2, radius, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.fillStyle = ink;
  pen.font = `bold ${text.length > 1 ? 11 : 13}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, size / 2, size / 2 + 0.5);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function paint(size: number, pixel: (x: number, y: number) => Pixel): Image {
  const data = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [colour, alpha] = pixel(x, y);
      const channels = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
      data.set([...channels, Math.round(255 * alpha)], (y * size + x) * 4);
    }
  }
  return { width: size, height: size, data };
}
