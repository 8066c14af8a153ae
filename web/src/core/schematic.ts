/**
 * A ride as a line map: its stops at even steps along the eight directions of a metro map, with
 * short strokes of the lines that cross. The picture keeps the lie of the land, not its scale.
 */

import type { City, Line, Stop } from "./api";
import { linesOf, neighbours, type Leg } from "./route";

export interface Point {
  x: number;
  y: number;
}

export interface DrawnStop extends Point {
  stop: Stop;
  role: "end" | "change" | "crossing" | "stop";
}

export interface Stroke {
  line: Line;
  points: Point[];
}

export interface Drawing {
  stops: DrawnStop[];
  /** The ride itself, one stroke a leg. */
  ride: Stroke[];
  /** Lines that cross it, from the crossing outwards; the last point bears the line's badge. */
  crossing: Stroke[];
  /** Pixels from stop to stop along an axis. */
  step: number;
  /**
   * Where the names stand: `around` their stops; `aslant` above a ride that runs flat with its
   * stops close together; `beside` a ride that is drawn as one upright strip.
   */
  names: "around" | "aslant" | "beside";
}

/** Share of the ride's extent by which a stop may lie off a straight stroke. */
const STRAIGHT = 0.06;
const EIGHTH = Math.PI / 4;
const MARGIN = { x: 46, y: 46 };
const STEP_MOST = 96;
/** Below this step, upright names of neighbouring stops would meet. */
const CLOSE = 44;
/** Below this width a ride of more stops than this is drawn as a strip. */
const NARROW = 420;
const MAPPED_MOST = 8;
const STRIP_STEP = 27;
const STRIP_X = 84;
const SOUTH = 2;
/** The directions that names leave to no crossing line. */
const KEPT_FREE = { around: [], aslant: [5, 6, 7], beside: [7, 0, 1] };
const STUB = 46;
/** How often a line shows, however often it meets the ride. */
const STROKES_MOST = 2;

function stopsOf(legs: Leg[]): Stop[] {
  return legs.flatMap((leg, i) => (i === 0 ? leg.stops : leg.stops.slice(1)));
}

/**
 * How high a ride wants to be drawn where the frame is narrow and the ride long: as an upright
 * strip, with every name beside it. 0 where it fits as a map.
 */
export function stripHeight(legs: Leg[], width: number): number {
  const count = stopsOf(legs).length;
  return width < NARROW && count > MAPPED_MOST ? (count - 1) * STRIP_STEP + 2 * MARGIN.y : 0;
}

export function draw(city: City, legs: Leg[], width: number, height: number): Drawing {
  const stops = stopsOf(legs);
  if (stops.length < 2) return { stops: [], ride: [], crossing: [], step: 0, names: "around" };
  const strip = stripHeight(legs, width) > 0;
  const turns = strip ? stops.slice(1).map(() => SOUTH) : directions(stops.map(project));
  const { points, step } = fitted(walked(turns), width, height);
  if (strip) points.forEach((point) => (point.x = STRIP_X));
  const flat = turns.filter((turn) => turn % 4 === 0).length > 0.6 * turns.length;
  const names = strip ? "beside" : flat && step < CLOSE ? "aslant" : "around";
  const product = legs[0]!.line.product;
  const used = new Set(legs.map((leg) => leg.line.id));
  const drawn = stops.map((stop, i) => ({
    stop,
    ...points[i]!,
    role: roleOf(stop, i, stops.length, legs, linesOf(city, product)),
  }));
  const others = linesOf(city, product).filter((line) => !used.has(line.id));
  return {
    stops: drawn,
    ride: strokesOf(legs, points),
    crossing: crossings(city, others, drawn, turns, KEPT_FREE[names], { width, height }),
    step,
    names,
  };
}

function project(stop: Stop): Point {
  return { x: stop.lon * Math.cos((stop.lat * Math.PI) / 180), y: -stop.lat };
}

function roleOf(stop: Stop, i: number, count: number, legs: Leg[], lines: Line[]): DrawnStop["role"] {
  if (i === 0 || i === count - 1) return "end";
  if (legs.slice(1).some((leg) => leg.stops[0] === stop)) return "change";
  return lines.filter((line) => line.stops.includes(stop.id)).length > 1 ? "crossing" : "stop";
}

function strokesOf(legs: Leg[], points: Point[]): Stroke[] {
  let at = 0;
  return legs.map((leg) => {
    const from = at;
    at += leg.stops.length - 1;
    return { line: leg.line, points: points.slice(from, at + 1) };
  });
}

/** For each step from stop to stop one of the eight directions, 0 east, 2 south, 4 west, 6 north. */
export function directions(points: Point[]): number[] {
  const corners = simplified(points, STRAIGHT * extent(points));
  const steps: number[] = [];
  for (let i = 1; i < corners.length; i++) {
    const [from, to] = [corners[i - 1]!, corners[i]!];
    const a = points[from]!;
    const b = points[to]!;
    const eighth = (Math.round(Math.atan2(b.y - a.y, b.x - a.x) / EIGHTH) + 8) % 8;
    const before = steps.at(-1);
    // A line that turns back on itself would lie on itself: it goes round the corner instead.
    const turned = before !== undefined && (eighth + 4) % 8 === before ? (eighth + 1) % 8 : eighth;
    for (let step = from; step < to; step++) steps.push(turned);
  }
  return steps;
}

function extent(points: Point[]): number {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  return Math.hypot(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
}

/** Douglas and Peucker: the indexes of the corners that keep every point within `most`. */
function simplified(points: Point[], most: number, from = 0, to = points.length - 1): number[] {
  let far = from;
  let distance = 0;
  for (let i = from + 1; i < to; i++) {
    const off = offLine(points[i]!, points[from]!, points[to]!);
    if (off > distance) [far, distance] = [i, off];
  }
  if (distance <= most) return [from, to];
  return [...simplified(points, most, from, far), ...simplified(points, most, far, to).slice(1)];
}

function offLine(point: Point, a: Point, b: Point): number {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  if (length === 0) return Math.hypot(point.x - a.x, point.y - a.y);
  return Math.abs((b.x - a.x) * (a.y - point.y) - (a.x - point.x) * (b.y - a.y)) / length;
}

const unit = (eighth: number): Point => ({
  x: Math.round(Math.cos(eighth * EIGHTH)),
  y: Math.round(Math.sin(eighth * EIGHTH)),
});

function walked(steps: number[]): Point[] {
  const points = [{ x: 0, y: 0 }];
  for (const step of steps) {
    const { x, y } = points.at(-1)!;
    points.push({ x: x + unit(step).x, y: y + unit(step).y });
  }
  return points;
}

/** Scaled evenly and centred, with room at the margins for names. */
function fitted(points: Point[], width: number, height: number): { points: Point[]; step: number } {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [across, down] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const room = { x: width - 2 * MARGIN.x, y: height - 2 * MARGIN.y };
  const scale = Math.min(room.x / (across || 1), room.y / (down || 1), STEP_MOST);
  const placed = points.map(({ x, y }) => ({
    x: round(MARGIN.x + (room.x - across * scale) / 2 + (x - left) * scale),
    y: round(MARGIN.y + (room.y - down * scale) / 2 + (y - top) * scale),
  }));
  return { points: placed, step: scale };
}

const round = (value: number): number => Math.round(value * 2) / 2;

interface Frame {
  width: number;
  height: number;
}

/** Strokes of other lines at the stops where they meet the ride, where there is room for them. */
function crossings(
  city: City,
  others: Line[],
  drawn: DrawnStop[],
  turns: number[],
  keptFree: number[],
  frame: Frame,
): Stroke[] {
  const positions = new Map(city.stops.map((stop) => [stop.id, stop]));
  const onRide = new Set(drawn.map(({ stop }) => stop.id));
  const strokes: Stroke[] = [];
  drawn.forEach((at, i) => {
    const [onward, back] = [turns[i], turns[i - 1] === undefined ? undefined : (turns[i - 1]! + 4) % 8];
    const taken = new Set([onward, back, ...keptFree]);
    // Every line gets one stroke before any gets its second, for which a row of names has no room.
    for (const which of keptFree.length ? [0] : [0, 1]) {
      for (const line of others) {
        const next = beyond(line, at.stop.id, onRide)[which];
        const shown = strokes.filter((stroke) => stroke.line === line).length;
        if (!next || shown === STROKES_MOST) continue;
        const stroke = outward(at, positions.get(next)!, line, taken, strokes, drawn, frame);
        if (stroke) strokes.push(stroke);
      }
    }
  });
  return strokes;
}

/** Neighbours of a stop on a line, off the ride. */
function beyond(line: Line, stop: string, onRide: Set<string>): string[] {
  return neighbours(line)
    .filter((pair) => pair.includes(stop))
    .map(([a, b]) => (a === stop ? b : a))
    .filter((next) => !onRide.has(next));
}

function outward(
  at: DrawnStop,
  next: Stop,
  line: Line,
  taken: Set<number | undefined>,
  strokes: Stroke[],
  drawn: DrawnStop[],
  frame: Frame,
): Stroke | undefined {
  const [a, b] = [project(at.stop), project(next)];
  const wished = (Math.round(Math.atan2(b.y - a.y, b.x - a.x) / EIGHTH) + 8) % 8;
  for (const turn of [0, 1, -1, 2, -2]) {
    const eighth = (wished + turn + 8) % 8;
    const { x, y } = unit(eighth);
    const length = x && y ? STUB * 0.8 : STUB;
    const end = { x: at.x + x * length, y: at.y + y * length };
    if (taken.has(eighth) || !inside(end, frame) || crowded(at, end, strokes, drawn)) continue;
    taken.add(eighth);
    return { line, points: [{ x: at.x, y: at.y }, end] };
  }
  return undefined;
}

const inside = ({ x, y }: Point, { width, height }: Frame): boolean =>
  x > 14 && y > 14 && x < width - 14 && y < height - 14;

/** Whether a stroke would come too near the ride elsewhere or another stroke's end. */
function crowded(at: DrawnStop, end: Point, strokes: Stroke[], drawn: DrawnStop[]): boolean {
  const half = { x: (at.x + end.x) / 2, y: (at.y + end.y) / 2 };
  const near = (a: Point, b: Point, least: number): boolean => Math.hypot(a.x - b.x, a.y - b.y) < least;
  return (
    drawn.some((other) => other !== at && (near(other, end, 22) || near(other, half, 12))) ||
    strokes.some((stroke) => near(stroke.points.at(-1)!, end, 26))
  );
}

/** An SVG path through the points, its corners rounded with `radius`. */
export function pathOf(points: Point[], radius = 0): string {
  const corners = points.filter((point, i) => {
    const [before, after] = [points[i - 1], points[i + 1]];
    return !before || !after || offLine(point, before, after) > 0.6;
  });
  return corners
    .map((point, i) => {
      const [before, after] = [corners[i - 1], corners[i + 1]];
      if (!before) return `M${point.x} ${point.y}`;
      if (!after) return `L${point.x} ${point.y}`;
      const into = toward(point, before, radius);
      const out = toward(point, after, radius);
      return `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`;
    })
    .join("");
}

function toward(from: Point, to: Point, most: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = Math.min(most, length / 2) / (length || 1);
  return { x: round(from.x + (to.x - from.x) * share), y: round(from.y + (to.y - from.y) * share) };
}
