/** The way of one ride's money as a line with its stations, from the tap to the card company's answer. */

import type { FilePlace, Posted, Trace } from "./api";
import type { Progress } from "./road";

export const WAY = ["tap", "ride", "price", "fare", "order", "payment", "file", "answer"] as const;
export type WayStation = (typeof WAY)[number];

/** The lines of the books on the way, in the order in which they were written. */
export function postedOf(trace: Trace): Posted[] {
  return [...trace.fares, ...(trace.order?.booked ?? [])].sort((a, b) => a.n - b.n);
}

/** Where they stand in settlement files, the newest last. */
export function placesOf(trace: Trace): { posted: Posted; place: FilePlace }[] {
  const places = postedOf(trace).flatMap((posted) => posted.files.map((place) => ({ posted, place })));
  return places.sort((a, b) => a.place.number - b.place.number || a.place.line - b.place.line);
}

/**
 * Its stations and how far each is. What there is not is no station: the difference of a day is of
 * no single ride, and a fare that goes into it has no order of its own.
 */
export function wayOf(trace: Trace): { station: WayStation; progress: Progress }[] {
  const { ride, order } = trace;
  const there = (station: WayStation): boolean => {
    if (station === "order" || station === "payment") return order !== null;
    return ride !== null || station === "file" || station === "answer";
  };
  return WAY.filter(there).map((station) => ({ station, progress: progressOf(trace, station) }));
}

function progressOf(trace: Trace, station: WayStation): Progress {
  const { prices, fares, order } = trace;
  const so = (is: boolean): Progress => (is ? "done" : "ahead");
  switch (station) {
    case "price": return so(prices.length > 0);
    case "fare": return so(fares.length > 0);
    case "order": return order!.state === "refused" || order!.breaks.length ? "held" : "done";
    case "payment": return so(order!.booked.length > 0);
    case "file": return so(placesOf(trace).length > 0);
    case "answer": return answered(placesOf(trace).map(({ place }) => place));
    default: return "done";
  }
}

function answered(places: FilePlace[]): Progress {
  if (!places.length) return "ahead";
  if (places.some(({ state }) => state === "rejected")) return "refused";
  return places.every(({ state }) => state === "cleared") ? "done" : "held";
}
