/**
 * Which way a ride probably goes, for drawing it: shortest over the ground, few changes of line.
 * Distances and fares never come from here but from the server.
 */

import type { City, Line, Stop } from "./api";

export interface Leg {
  line: Line;
  stops: Stop[];
}

/** What a change of line is worth in metres, when drawing. */
const CHANGE_M = 800;

export function groundMetres(a: Stop, b: Stop): number {
  const north = (a.lat - b.lat) * 111_320;
  const east = (a.lon - b.lon) * 111_320 * Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
  return Math.hypot(north, east);
}

export function linesOf(city: City, product: string): Line[] {
  return city.lines.filter((line) => line.product === product);
}

/** Pairs of neighbouring stops on a line; of a loop the last one meets the first. */
export function neighbours(line: Line): [string, string][] {
  const pairs = line.stops.slice(1).map((stop, i): [string, string] => [line.stops[i]!, stop]);
  if (line.loop) pairs.push([line.stops.at(-1)!, line.stops[0]!]);
  return pairs;
}

interface Step {
  stop: string;
  line: Line | undefined;
  metres: number;
  before: Step | undefined;
}

/** Dijkstra over (stop, line): a few hundred states, so that a sorted array will do. */
export function routeOf(city: City, product: string, from: string, to: string): Leg[] {
  const stops = new Map(city.stops.map((stop) => [stop.id, stop]));
  const edges = edgesOf(linesOf(city, product));
  const ahead: Step[] = [{ stop: from, line: undefined, metres: 0, before: undefined }];
  const done = new Set<string>();
  for (let step = ahead.shift(); step; step = ahead.shift()) {
    if (step.stop === to) return legsOf(step, stops);
    const state = `${step.stop} ${step.line?.id}`;
    if (done.has(state)) continue;
    done.add(state);
    for (const [next, line] of edges.get(step.stop) ?? []) {
      const change = step.line && step.line !== line ? CHANGE_M : 0;
      const metres = groundMetres(stops.get(step.stop)!, stops.get(next)!) + change;
      ahead.push({ stop: next, line, metres: step.metres + metres, before: step });
    }
    ahead.sort((a, b) => a.metres - b.metres);
  }
  return [];
}

function edgesOf(lines: Line[]): Map<string, [string, Line][]> {
  const edges = new Map<string, [string, Line][]>();
  const add = (a: string, b: string, line: Line): void => {
    edges.set(a, [...(edges.get(a) ?? []), [b, line]]);
  };
  for (const line of lines) {
    for (const [a, b] of neighbours(line)) {
      add(a, b, line);
      add(b, a, line);
    }
  }
  return edges;
}

function legsOf(last: Step, stops: Map<string, Stop>): Leg[] {
  const legs: Leg[] = [];
  for (let step: Step | undefined = last; step?.before; step = step.before) {
    const leg = legs[0];
    const start = stops.get(step.before.stop)!;
    if (leg && leg.line === step.line) leg.stops.unshift(start);
    else legs.unshift({ line: step.line!, stops: [start, stops.get(step.stop)!] });
  }
  return legs;
}

/** The legs of a way as the server tells it. */
export function legsOfWay(city: City, way: [string, string[]][]): Leg[] {
  const stops = new Map(city.stops.map((stop) => [stop.id, stop]));
  const lines = new Map(city.lines.map((line) => [line.id, line]));
  return way.map(([line, ids]) => ({
    line: lines.get(line)!,
    stops: ids.map((id) => stops.get(id)!),
  }));
}
