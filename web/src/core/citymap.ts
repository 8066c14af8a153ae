/** The whole city as a map: every line, north up, drawn to fill a frame. */

import type { City, Line, Stop } from "./api";
import type { Point } from "./schematic";

export interface CityMap {
  /** Thin lines first, so that the metro lies on top. */
  lines: { line: Line; points: Point[]; main: boolean }[];
  stops: Map<string, Point>;
}

const MARGIN = 14;

export function mapOf(city: City, width: number, height: number): CityMap {
  const used = new Set(city.lines.flatMap((line) => line.stops));
  const stops = city.stops.filter(({ id }) => used.has(id));
  if (!stops.length) return { lines: [], stops: new Map() };
  const main = mainProduct(city);
  const shaping = new Set(city.lines.filter(({ product }) => product === main).flatMap((line) => line.stops));
  const place = fitted(stops.filter(({ id }) => shaping.has(id)), width, height);
  const at = new Map(stops.map((stop) => [stop.id, place(stop)]));
  const lines = city.lines.map((line) => {
    const ids = line.loop ? [...line.stops, line.stops[0]!] : line.stops;
    return { line, main: line.product === main, points: ids.map((id) => at.get(id)!) };
  });
  return { lines: lines.sort((a, b) => Number(a.main) - Number(b.main)), stops: at };
}

/** The product with most stops: the one that gives the city its shape. */
function mainProduct(city: City): string {
  const count = new Map<string, number>();
  for (const { product, stops } of city.lines) count.set(product, (count.get(product) ?? 0) + stops.length);
  return [...count].reduce((best, one) => (one[1] > best[1] ? one : best), ["", 0])[0];
}

/**
 * Each axis is drawn half by distance and half by order, so that the crowded middle of the city has
 * room and north stays up. The main lines fill the frame; what lies far outside stands at its edge.
 */
function fitted(stops: Stop[], width: number, height: number): (stop: Stop) => Point {
  const x = axis(stops.map(({ lon }) => lon), MARGIN, width - MARGIN);
  const y = axis(stops.map(({ lat }) => -lat), MARGIN, height - MARGIN);
  return ({ lat, lon }) => ({ x: x(lon), y: y(-lat) });
}

function axis(values: number[], from: number, to: number): (value: number) => number {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const [least, most] = [sorted[0]!, sorted.at(-1)!];
  return (value) => {
    const inside = Math.min(most, Math.max(least, value));
    const share = ((inside - least) / (most - least || 1) + order(sorted, inside)) / 2;
    return Math.round((from + share * (to - from)) * 10) / 10;
  };
}

/** Where a value stands among sorted ones, from 0 to 1; between two of them in proportion. */
function order(sorted: number[], value: number): number {
  const after = sorted.findIndex((each) => each >= value);
  if (after <= 0) return 0;
  const [low, high] = [sorted[after - 1]!, sorted[after]!];
  return (after - 1 + (value - low) / (high - low)) / (sorted.length - 1);
}
