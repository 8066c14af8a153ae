/** A small city: a cross of two metro lines, a branch, and a loop, on a grid of a kilometre. */

import type { City } from "../src/core/api";

const KM = 0.009;

function stop(id: string, east: number, north: number) {
  return { id, name: { zh: `站${id}`, en: `Stop ${id}` }, lat: north * KM, lon: east * KM };
}

function line(id: string, stops: string[], loop = false) {
  return { id, name: { zh: `${id}号线`, en: `Line ${id}` }, number: id, colour: "#00b140", product: "metro", stops, loop };
}

export const city: City = {
  id: "tiny",
  name: { zh: "小城", en: "Tiny" },
  version: "1",
  currency: { code: "CNY", minor_digits: 2, symbol: "¥" },
  products: [{ id: "metro", name: { zh: "地铁", en: "Metro" }, mode: "metro" }],
  lines: [
    line("1", ["a", "b", "c", "d", "e"]),
    line("2", ["n", "c", "s"]),
    line("3", ["e", "f", "g", "h"], true),
  ],
  stops: [
    stop("a", 0, 0), stop("b", 1, 0), stop("c", 2, 0), stop("d", 3, 0), stop("e", 4, 0),
    stop("n", 2, 1), stop("s", 2, -1),
    stop("f", 5, 0), stop("g", 5, 1), stop("h", 4, 1),
  ],
};
