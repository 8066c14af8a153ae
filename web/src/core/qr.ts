/** The QR symbol of a ride code: byte mode, level M, as one SVG path of dark modules. */

import { correction, generate, mode } from "lean-qr";

/** White modules round the symbol; scanners count on four. */
export const QUIET = 4;

export interface Symbol {
  /** Modules on a side, the quiet zone included. */
  side: number;
  /** Dark modules, row by row, in module units. */
  path: string;
}

export function symbolOf(bytes: Uint8Array): Symbol {
  const bitmap = generate(mode.bytes(bytes), {
    minCorrectionLevel: correction.M,
    maxCorrectionLevel: correction.M,
  });
  let path = "";
  for (let y = 0; y < bitmap.size; y++) {
    for (let x = 0; x < bitmap.size; x++) {
      const from = x;
      while (bitmap.get(x, y)) x++;
      if (x > from) path += `M${from + QUIET} ${y + QUIET}h${x - from}v1h${from - x}z`;
    }
  }
  return { side: bitmap.size + 2 * QUIET, path };
}
