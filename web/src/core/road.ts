/** How far a ride has come on the road code → gate → tap → ride → price. */

import type { Shown } from "./tour";

export const STATIONS = ["code", "gate", "tap", "ride", "price"] as const;
export type Station = (typeof STATIONS)[number];
/** `held`: the ride went on, but something is missing that the rider can mend. */
export type Progress = "ahead" | "done" | "held" | "refused";

export function roadOf(shown: Shown, hasCode: boolean): Record<Station, Progress> {
  const { entry, exit, refused, ride, price } = shown;
  const complete = ride?.state === "complete";
  const held = ride !== undefined && !complete && ride.state !== "open";
  const read = entry !== undefined || exit !== undefined;
  return {
    code: hasCode ? "done" : "ahead",
    gate: refused ? "refused" : read ? "done" : "ahead",
    tap: refused ? "ahead" : read ? "done" : "ahead",
    ride: refused || !ride ? "ahead" : held ? "held" : complete ? "done" : "ahead",
    price: refused || !price ? "ahead" : held ? "held" : "done",
  };
}
