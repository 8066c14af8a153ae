import { expect, test } from "vitest";

import { ApiError, type Api, type Live } from "../src/core/api";
import { mapOf } from "../src/core/citymap";
import { CityClock } from "../src/core/clock";
import { FLASH_MS, LiveCity } from "../src/core/live";
import { city } from "./city";

const LIVE: Live = {
  now: "2018-08-31T17:30:00+08:00", speed: 10, seq: 40, arriving_s: 2, opened: 10, stored: 8, waiting: 2, quarantined: 0,
  priced: 3, lag_s: 0.2, ingest: "up", cut: [], bundle: { version: 3, behind: 0, refused: null }, denied: 0,
  events: [], suspects: [],
};
const event = (seq: number) => ({ seq, stop: "a", kind: "entry" as const, opened: true });

function living(answers: (Partial<Live> | ApiError)[]) {
  const asked: unknown[] = [];
  let now = 0;
  const next = (what: unknown): Promise<Live> => {
    asked.push(what);
    const answer = answers.shift()!;
    return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve({ ...LIVE, ...answer });
  };
  const api = { live: next, setSpeed: next, setNetwork: next, setIngest: next, rollBack: next, reportLoss: next };
  const clock = new CityClock(() => now);
  const made = new LiveCity(api as unknown as Api, () => undefined, clock, () => now);
  return { made, clock, asked, wait: (ms: number) => (now += ms) };
}

test("what happened before the page was opened does not light up; what comes after does, for a while", async () => {
  const { made, asked, wait } = living([{ events: [event(39), event(40)] }, { seq: 42, events: [event(41), event(42)] }, { seq: 42 }]);
  await made.poll();
  expect(made.state.flashes).toEqual([]);
  wait(1000);
  await made.poll();
  expect(made.state.flashes.map(({ seq, delayMs }) => [seq, delayMs])).toEqual([[41, 0], [42, 500]]);
  wait(500 + FLASH_MS);
  await made.poll();
  expect(made.state.flashes).toEqual([]);
  expect(asked).toEqual([0, 40, 42]);
});

test("an act keeps the place in the story: what happened meanwhile comes with the next poll", async () => {
  const { made, asked } = living([{}, { seq: 90, ingest: "down" }, { seq: 90, events: [event(90)] }]);
  await made.poll();
  await made.setIngest(false);
  expect([made.state.live!.ingest, made.state.did, made.state.busy]).toEqual(["down", "ingest", false]);
  await made.poll();
  expect(asked.at(-1)).toBe(40);
  expect(made.state.flashes).toHaveLength(1);
});

test("the page's clock goes at the city's pace as soon as it is told", async () => {
  const { made, clock, wait } = living([{ speed: 60 }, { speed: 1, now: "2018-08-31T18:00:00+08:00" }]);
  await made.poll();
  wait(1000);
  expect(clock.iso()).toBe("2018-08-31T17:31:00+08:00");
  await made.setSpeed(1);
  wait(1000);
  expect(clock.iso()).toBe("2018-08-31T18:00:01+08:00");
});

test("a server that is gone takes the figures away; one that refuses leaves them", async () => {
  const { made } = living([{}, new ApiError(403, "RefusedError", "no", ""), new ApiError(0, "", "", "")]);
  await made.poll();
  await made.rollBack();
  expect([made.state.live?.opened, made.state.refused, made.state.did]).toEqual([10, "RefusedError", undefined]);
  await made.poll();
  expect(made.state.live).toBeUndefined();
});

test("the city lies inside its frame, north up, and a loop closes", () => {
  const { lines, stops } = mapOf(city, 400, 200);
  for (const { x, y } of stops.values()) {
    expect(x).toBeGreaterThanOrEqual(14);
    expect(x).toBeLessThanOrEqual(386);
    expect(y).toBeGreaterThanOrEqual(14);
    expect(y).toBeLessThanOrEqual(186);
  }
  expect(stops.get("n")!.y).toBeLessThan(stops.get("s")!.y);
  expect(stops.get("a")!.x).toBeLessThan(stops.get("g")!.x);
  const loop = lines.find(({ line }) => line.loop)!.points;
  expect(loop.at(-1)).toEqual(loop[0]);
  expect(mapOf({ ...city, lines: [] }, 400, 200).stops.size).toBe(0);
});
