/**
 * The city as it moves, and what a visitor may do to it. Its figures are the server's; this file
 * only remembers what happened at the gates for as long as it is shown.
 */

import { ApiError, type Api, type GateEvent, type Live } from "./api";
import type { CityClock } from "./clock";

export const SPEEDS = [1, 10, 30, 60, 120] as const;
export const LIVE_POLL_MS = 1000;
/** How long an opening is seen on the map. */
export const FLASH_MS = 1400;
/** More than these at once are a blur. */
const FLASHES_MOST = 120;

export interface Flash extends GateEvent {
  /** When it shows, after it was read: one poll's events are spread over the time to the next. */
  delayMs: number;
  readAt: number;
}

export type Deed = "speed" | "network" | "ingest" | "rollback" | "loss";

export interface LiveState {
  live: Live | undefined;
  flashes: Flash[];
  /** What the visitor did last, until something else is done. */
  did: Deed | undefined;
  busy: boolean;
  refused: string | undefined;
}

export class LiveCity {
  state: LiveState = { live: undefined, flashes: [], did: undefined, busy: false, refused: undefined };
  #asking = false;

  constructor(
    private readonly api: Api,
    private readonly changed: (state: LiveState) => void,
    private readonly clock: CityClock,
    private readonly ticking: () => number = () => performance.now(),
  ) {}

  /** Read what happened since the last time. A server that is gone takes the figures away. */
  async poll(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#read(await this.api.live(this.state.live?.seq ?? 0));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#set({ live: undefined, flashes: [] });
    } finally {
      this.#asking = false;
    }
  }

  setSpeed(speed: number): Promise<void> {
    return this.#do("speed", () => this.api.setSpeed(speed));
  }

  setNetwork(stop: string, connected: boolean): Promise<void> {
    return this.#do("network", () => this.api.setNetwork(stop, connected));
  }

  setIngest(running: boolean): Promise<void> {
    return this.#do("ingest", () => this.api.setIngest(running));
  }

  rollBack(): Promise<void> {
    return this.#do("rollback", () => this.api.rollBack());
  }

  reportLoss(account: string): Promise<void> {
    return this.#do("loss", () => this.api.reportLoss(account));
  }

  async #do(did: Deed, deed: () => Promise<Live>): Promise<void> {
    if (this.state.busy) return;
    this.#set({ busy: true, refused: undefined });
    try {
      // Its answer tells of no gate: what happened meanwhile comes with the next poll.
      const seq = this.state.live?.seq ?? 0;
      const live = await deed();
      this.clock.set(live.now, live.speed);
      this.#set({ live: { ...live, seq }, did });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#set({ refused: error.code || "down" });
    }
    this.#set({ busy: false });
  }

  #read(live: Live): void {
    this.clock.set(live.now, live.speed);
    const now = this.ticking();
    const seen = this.state.live?.seq;
    const kept = this.state.flashes.filter(({ readAt, delayMs }) => readAt + delayMs + FLASH_MS > now);
    const step = LIVE_POLL_MS / Math.max(1, live.events.length);
    // What happened before the page was opened is no news.
    const news = seen === undefined ? [] : live.events;
    const flashes = news.map((event, i) => ({ ...event, delayMs: Math.round(i * step), readAt: now }));
    this.#set({ live, flashes: [...kept, ...flashes].slice(-FLASHES_MOST) });
  }

  #set(part: Partial<LiveState>): void {
    this.state = { ...this.state, ...part };
    this.changed(this.state);
  }
}
