/** Where the names of stops go on a line map, so that none lies on another or on a line. */

import type { Drawing, DrawnStop, Point, Stroke } from "./schematic";

export interface Label extends Point {
  stop: DrawnStop;
  text: string;
  anchor: "start" | "middle" | "end";
  size: number;
  /** Whether it rises to the right at 45°. */
  aslant: boolean;
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const SIZE = { end: 15, change: 14, crossing: 13, stop: 13 } as const;
const SIZE_ASLANT = 12;
const RANK = { end: 0, change: 1, crossing: 2, stop: 3 } as const;
const GAP = 12;
/** How near a name may come to a line's middle. */
const CLEAR = 5;

/** Chinese letters are as wide as they are high; Latin ones a good half of it. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) width += letter.charCodeAt(0) > 0x2e7f ? size : size * 0.58;
  return width;
}

export interface Frame {
  width: number;
  height: number;
}

/**
 * Ends and changes are named first and in any case; then come the crossing lines that leave those
 * names free, then the names of crossings and stops, where there is room. Names in a row come before
 * the crossing lines, which have the other side of the ride.
 */
export function letter(
  drawing: Drawing,
  nameOf: (stop: DrawnStop) => string,
  frame: Frame,
): { labels: Label[]; crossing: Stroke[] } {
  const board = new Board(frame, drawing.stops, drawing.ride);
  const order = [...drawing.stops].sort((a, b) => RANK[a.role] - RANK[b.role]);
  const choices = (stop: DrawnStop): Label[] => candidates(stop, nameOf(stop), drawing.names);
  const must = (stop: DrawnStop): boolean => stop.role === "end" || stop.role === "change";
  order.filter(must).forEach((stop) => board.nameAnyway(choices(stop)));
  const cross = (): Stroke[] => drawing.crossing.filter((stroke) => board.cross(stroke));
  const inRow = drawing.names !== "around";
  const crossedFirst = inRow ? [] : cross();
  order.filter((stop) => !must(stop)).forEach((stop) => board.name(choices(stop)));
  return { labels: board.labels, crossing: inRow ? cross() : crossedFirst };
}

class Board {
  readonly labels: Label[] = [];
  readonly #taken: Box[];
  readonly #lines: Point[][];

  constructor(
    private readonly frame: Frame,
    stops: DrawnStop[],
    ride: Stroke[],
  ) {
    this.#taken = stops.map((stop) => around(stop, stop.role === "end" ? 9 : 7));
    this.#lines = ride.map(({ points }) => points);
  }

  name(choices: Label[]): void {
    const label = choices.find((choice) => this.#cost(choice) === 0);
    if (label) this.#keep(label);
  }

  nameAnyway(choices: Label[]): void {
    this.#keep(choices.reduce((best, label) => (this.#cost(label) < this.#cost(best) ? label : best)));
  }

  /** Draw a crossing line, unless it would run through a name. */
  cross(stroke: Stroke): boolean {
    const badge = around(stroke.points.at(-1)!, 12);
    const names = this.labels.flatMap(boxesOf);
    if (names.some((box) => overlap(box, badge) || crossed(box, [stroke.points]))) return false;
    this.#taken.push(badge);
    this.#lines.push(stroke.points);
    return true;
  }

  /** 0 where a name is free; outside the frame is worst, then on another name, then on a line. */
  #cost(label: Label): number {
    const boxes = boxesOf(label);
    const { width, height } = this.frame;
    const outside = boxes.some(
      (box) => box.left < 2 || box.top < 2 || box.right > width - 2 || box.bottom > height - 2,
    );
    const hits = this.#taken.filter((other) => boxes.some((box) => overlap(box, other))).length;
    const onLine = boxes.some((box) => crossed(box, this.#lines));
    return (outside ? 100 : 0) + 10 * hits + (onLine ? 1 : 0);
  }

  #keep(label: Label): void {
    this.labels.push(label);
    this.#taken.push(...boxesOf(label).map((box) => grown(box, label.aslant ? 0 : 2)));
  }
}

/** The room that a name takes: one box, or aslant a stair of boxes, half a letter each. */
export function boxesOf(label: Label): Box[] {
  if (!label.aslant) return [boxOf(label)];
  const { x, y, size } = label;
  const steps = Math.ceil(textWidth(label.text, size) / (size / 2));
  return Array.from({ length: steps }, (_, i) => {
    const along = ((i + 0.5) * size * Math.SQRT1_2) / 2;
    return around({ x: x + along - size * 0.25, y: y - along - size * 0.25 }, size * 0.36);
  });
}

function boxOf({ x, y, text, anchor, size }: Label): Box {
  const width = textWidth(text, size);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - size * 0.88, bottom: y + size * 0.24 };
}

function candidates(stop: DrawnStop, text: string, names: Drawing["names"]): Label[] {
  const size = SIZE[stop.role];
  const gap = stop.role === "end" ? GAP + 3 : GAP;
  const place = (dx: number, dy: number, anchor: Label["anchor"]): Label => ({
    stop, text, size, anchor, x: stop.x + dx, y: stop.y + dy, aslant: false,
  });
  const middle = size * 0.36;
  const slant = gap * 0.72;
  const above = place(0, -gap, "middle");
  const below = place(0, gap + size * 0.8, "middle");
  const rising = { ...place(4, -gap + 1, "start"), aslant: true, size: SIZE_ASLANT };
  const right = place(gap, middle, "start");
  const row = stop.role === "end" ? [below, above] : [rising];
  if (names === "beside") return [{ ...right, x: right.x + 4 }];
  return [
    ...(names === "aslant" ? row : [above, below]),
    right,
    place(-gap, middle, "end"),
    place(slant, -slant, "start"),
    place(slant, slant + size * 0.7, "start"),
    place(-slant, -slant, "end"),
    place(-slant, slant + size * 0.7, "end"),
  ];
}

export function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

const around = ({ x, y }: Point, by: number): Box => ({ left: x - by, right: x + by, top: y - by, bottom: y + by });
const grown = (box: Box, by: number): Box => ({
  left: box.left - by, right: box.right + by, top: box.top - by, bottom: box.bottom + by,
});

/** Whether a line runs through a box; its points are near enough one another to be sampled. */
function crossed(box: Box, lines: Point[][]): boolean {
  const wide = grown(box, CLEAR);
  return lines.some((points) =>
    points.slice(1).some((b, i) => {
      const a = points[i]!;
      const samples = Math.ceil(Math.hypot(b.x - a.x, b.y - a.y) / 4);
      for (let n = 0; n <= samples; n++) {
        const x = a.x + ((b.x - a.x) * n) / samples;
        const y = a.y + ((b.y - a.y) * n) / samples;
        if (x > wide.left && x < wide.right && y > wide.top && y < wide.bottom) return true;
      }
      return false;
    }),
  );
}
