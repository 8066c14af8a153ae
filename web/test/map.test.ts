import { expect, test } from "vitest";

import { boxesOf, letter, overlap } from "../src/core/labels";
import { routeOf } from "../src/core/route";
import { directions, draw, pathOf, stripHeight } from "../src/core/schematic";
import { city } from "./city";

const frame = { width: 420, height: 280 };
const ids = (from: string, to: string): string[] =>
  routeOf(city, "metro", from, to).map((leg) => `${leg.line.id}: ${leg.stops.map(({ id }) => id).join(" ")}`);

test.each([
  ["a", "e", ["1: a b c d e"]],
  ["e", "a", ["1: e d c b a"]],
  ["n", "d", ["2: n c", "1: c d"]],
  ["h", "e", ["3: h e"]],
  ["a", "a", []],
  ["a", "nowhere", []],
])("from %s to %s the ride is drawn along %j", (from, to, legs) => {
  expect(ids(from, to)).toEqual(legs);
});

test("directions are kept to eighths of a turn, one for each step", () => {
  const points = [[0, 0], [1, 0], [2, 0.05], [3, 1], [4, 2], [4, 3]].map(([x, y]) => ({ x: x!, y: y! }));
  expect(directions(points)).toEqual([0, 0, 1, 1, 2]);
});

test("a line that turns back goes round the corner, not over itself", () => {
  const there = [[0, 0], [5, 0], [10, 0], [5, 0.01], [0, 0.02]].map(([x, y]) => ({ x: x!, y: y! }));
  const [first, , third] = directions(there);
  expect(first).toBe(0);
  expect(third).not.toBe(4);
});

const pairs = city.stops.flatMap((a) => city.stops.filter((b) => b !== a).map((b) => [a.id, b.id] as const));

test.each(pairs)("%s to %s: stops in the frame, even steps, no name on another", (from, to) => {
  const drawing = draw(city, routeOf(city, "metro", from, to), frame.width, frame.height);
  for (const { x, y } of drawing.stops) {
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(frame.width);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(frame.height);
  }
  const { labels } = letter(drawing, ({ stop }) => stop.name.en, frame);
  expect(labels.filter(({ stop }) => stop.role === "end")).toHaveLength(2);
  for (const [i, label] of labels.entries()) {
    for (const other of labels.slice(i + 1)) {
      const met = boxesOf(label).some((box) => boxesOf(other).some((taken) => overlap(box, taken)));
      expect(met, `${label.text} and ${other.text}`).toBe(false);
    }
  }
});

test("lines that cross the ride show where they leave it; the ride's own do not", () => {
  const drawing = draw(city, routeOf(city, "metro", "a", "e"), frame.width, frame.height);
  expect(drawing.crossing.map(({ line }) => line.id).sort()).toEqual(["2", "2", "3", "3"]);
  expect(drawing.stops.map(({ role }) => role)).toEqual(["end", "stop", "crossing", "stop", "end"]);
});

test("a long ride in a narrow frame is an upright strip with every stop named", () => {
  const stops = Array.from({ length: 10 }, (_, i) => ({ ...city.stops[0]!, id: `x${i}`, lon: i * 0.01 }));
  const legs = [{ line: city.lines[0]!, stops }];
  expect(stripHeight(legs, 419)).toBe(9 * 27 + 92);
  expect(stripHeight(legs, 420)).toBe(0);
  expect(stripHeight([{ line: city.lines[0]!, stops: stops.slice(0, 8) }], 300)).toBe(0);
  const drawing = draw(city, legs, 300, stripHeight(legs, 300));
  expect(new Set(drawing.stops.map(({ x }) => x)).size).toBe(1);
  const { labels } = letter(drawing, ({ stop }) => stop.id, { width: 300, height: 335 });
  expect(labels).toHaveLength(10);
});

test("a long flat ride in a wide frame has its names aslant, all of them", () => {
  const stops = Array.from({ length: 15 }, (_, i) => ({ ...city.stops[0]!, id: `x${i}`, lon: i * 0.01 }));
  const drawing = draw(city, [{ line: city.lines[0]!, stops }], 440, 300);
  expect(drawing.names).toBe("aslant");
  const { labels } = letter(drawing, () => "会展中心", { width: 440, height: 300 });
  expect(labels).toHaveLength(15);
  expect(labels.filter(({ aslant }) => aslant)).toHaveLength(13);
});

test("a corner is rounded, a straight is one stroke", () => {
  const straight = [{ x: 0, y: 0 }, { x: 5, y: 0 }, { x: 10, y: 0 }];
  expect(pathOf(straight, 4)).toBe("M0 0L10 0");
  expect(pathOf([...straight, { x: 10, y: 10 }], 4)).toBe("M0 0L6 0Q10 0 10 4L10 10");
});
