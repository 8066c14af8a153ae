/** What the page asks the server, and in which shape it answers. The only file that fetches. */

import type { Words } from "./words";

export interface Stop {
  id: string;
  name: Words;
  lat: number;
  lon: number;
}

export interface Line {
  id: string;
  name: Words;
  number: string;
  colour: string;
  product: string;
  stops: string[];
  loop: boolean;
}

export interface City {
  id: string;
  name: Words;
  version: string;
  currency: { code: string; minor_digits: number; symbol: string };
  products: { id: string; name: Words; mode: string }[];
  lines: Line[];
  stops: Stop[];
}

export type Kind = "entry" | "exit" | "single";

/** A reader and where it stands. */
export interface Place {
  place: string;
  stop: string;
  kind: Kind;
  product: string;
  line: string;
}

export interface Authorisation {
  /** Fields 1 to 15, hexadecimal. */
  authorisation: string;
  card_account: string;
  until: string;
  validity_s: number;
  issuer: string;
  platform: string;
}

export interface Tap {
  tap_id: string;
  at: string;
  kind: Kind;
  stop: string;
  line: string;
  /** Whether it is at the centre; else it waits in the gate's journal. */
  stored: boolean;
}

export interface Scan {
  verdict: string;
  words: Words;
  opened: boolean;
  judged_us: number;
  /** Version of what the reader trusts. */
  bundle: string;
  tap: Tap;
}

export type RideState =
  | "complete"
  | "open"
  | "missing_exit"
  | "missing_entry"
  | "overtime"
  | "unknown_stop";

export interface Ride {
  ride_id: string;
  state: RideState;
  product: string;
  line: string;
  entry_stop: string;
  exit_stop: string;
  entry_at: string | null;
  exit_at: string | null;
  distance_m: number | null;
  /** null while it has no price. */
  amount: number | null;
  remedy_until: string | null;
  /** Line by line, the stops in order; empty while it is not known. */
  way: [string, string[]][];
  co2_saved_g: number | null;
}

export interface PriceLine {
  rule: string;
  amount: number;
  words: Words;
}

export interface Price {
  tariff: string;
  amount: number;
  lines: PriceLine[];
}

export interface Quote extends Price {
  distance_m: number | null;
}

/** Figures of the current business day. */
export interface Summary {
  riders: number;
  rides: number;
  refused: number;
  exceptions: number;
  amount: number;
  as_of: string;
}

export interface ClockReading {
  now: string;
  /** Seconds of the city in one of the machine's. */
  speed: number;
}

/** Something that happened at a gate. */
export interface GateEvent {
  seq: number;
  stop: string;
  kind: Kind;
  opened: boolean;
}

/** A tap that the centre keeps aside, and why. */
export interface Suspect {
  tap_id: string;
  at: string;
  stop: string;
  why: Words;
}

/** The city as it moves. Every opening is at the centre (`stored`) or in a gate's journal (`waiting`). */
export interface Live extends ClockReading {
  seq: number;
  /** Taps stored in a second of the machine's clock, over the last ten. */
  arriving_s: number;
  opened: number;
  stored: number;
  waiting: number;
  quarantined: number;
  priced: number;
  /** Seconds by which prices are behind the taps; null while that is not known. */
  lag_s: number | null;
  ingest: "up" | "down";
  /** Stops whose gates have no network. */
  cut: string[];
  bundle: { version: number; behind: number; refused: Words | null };
  denied: number;
  events: GateEvent[];
  suspects: Suspect[];
}

/** An account of the trial balance; of all riders' accounts of a kind there is one. */
export interface Balance {
  kind: string;
  party: string;
  /** Debits minus credits. */
  closing: number;
}

/** What the card company said to a settlement file. */
export interface Answer {
  at: string;
  cleared: number;
  cleared_amount: number;
  rejected: number;
  rejected_amount: number;
}

export interface SettlementFile {
  number: number;
  name: string;
  /** Lines F, C and A. */
  lines: number;
  fares: number;
  charges: number;
  answer: Answer | null;
}

export interface ClosedDay {
  day: string;
  closed_at: string;
  /** null while it is not sealed. */
  journals: number | null;
  root: string | null;
  files: SettlementFile[];
}

/** The books of this moment, and the latest closed days, the newest first. */
export interface Books {
  as_of: string;
  /** The business day that runs. */
  day: string;
  balanced: boolean;
  balances: Balance[];
  days: ClosedDay[];
}

export interface Audit {
  day: string;
  journals: number;
  root: string;
  findings: { fault: string; line: number | null; what: string }[];
  /** Findings beyond those. */
  more: number;
}

export interface FileLines {
  number: number;
  name: string;
  /** Lines F, C and A of the whole file. */
  lines: number;
  shown: { at: number; text: string }[];
}

/** Where a line of the books stands in a settlement file. */
export interface FilePlace {
  number: number;
  name: string;
  line: number;
  state: "unanswered" | "cleared" | "rejected";
  reason: string | null;
}

/** A line of the books. */
export interface Posted {
  n: number;
  flow: string;
  amount: number;
  day: string;
  /** The channel's number of the payment or refund; empty for a fare. */
  number: string;
  files: FilePlace[];
}

/** The way of one ride's money; without a ride it is the difference of a rider's day. */
export interface Trace {
  account: string;
  ride: {
    ride_id: string;
    operator_name: Words;
    entry_stop: string;
    exit_stop: string;
    entry_at: string | null;
    exit_at: string | null;
    taps: string[];
  } | null;
  /** Every version, the oldest first. */
  prices: { version: number; tariff: string; amount: number }[];
  fares: Posted[];
  order: {
    number: string;
    channel_name: Words;
    amount: number;
    state: string;
    owed: number;
    breaks: string[];
    booked: Posted[];
  } | null;
}

/** What the server said in place of an answer; `status` 0 where it said nothing. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    what: string,
    readonly remedy: string,
  ) {
    super(what);
  }

  /** The server or what it needs is not there, as against a request that it refuses. */
  get down(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

const PATIENCE_MS = 8_000;
/** A day of a whole city has many lines. */
const DAY_PATIENCE_MS = 180_000;

async function ask<T>(path: string, body?: unknown, patienceMs = PATIENCE_MS): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      signal: AbortSignal.timeout(patienceMs),
      cache: "no-store",
      ...(body !== undefined && {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new ApiError(0, "", "", "");
  }
  // A proxy's error page is no JSON: its status says enough.
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said as T;
  const { code = "", what = "", remedy = "" } = said.error ?? {};
  throw new ApiError(answer.status, code, what, remedy);
}

const query = (values: Record<string, string>): string => `?${new URLSearchParams(values)}`;

export const api = {
  city: () => ask<City>("/v1/city"),
  places: () => ask<Place[]>("/v1/places"),
  summary: () => ask<Summary>("/v1/summary"),
  clock: () => ask<ClockReading>("/v1/demo/clock"),
  advance: (seconds: number) => ask<ClockReading>("/v1/demo/clock/advance", { seconds }),
  live: (after: number) => ask<Live>(`/v1/demo/live${query({ after: String(after) })}`),
  setSpeed: (speed: number) => ask<Live>("/v1/demo/speed", { speed }),
  setNetwork: (stop: string, connected: boolean) => ask<Live>("/v1/demo/network", { stop, connected }),
  setIngest: (running: boolean) => ask<Live>("/v1/demo/ingest", { running }),
  rollBack: () => ask<Live>("/v1/demo/rollback", {}),
  reportLoss: (account: string) => ask<Live>("/v1/demo/loss", { account }),
  authorise: (userKey: string) => ask<Authorisation>("/v1/authorisations", { user_key: userKey }),
  scan: (place: string, code: string) =>
    ask<Scan>(`/v1/places/${encodeURIComponent(place)}/scans`, { code }),
  rides: (account: string) => ask<Ride[]>(`/v1/rides${query({ account })}`),
  price: (id: string) => ask<Price>(`/v1/rides/${id}/price`),
  remedy: (id: string, stop: string, at: string) =>
    ask<Ride>(`/v1/rides/${id}/remedy`, { stop, at }),
  quote: (product: string, from: string, to: string) =>
    ask<Quote>(`/v1/fares${query({ product, from, to })}`),
  money: () => ask<Books>("/v1/money"),
  closeDay: () => ask<Books>("/v1/demo/day", {}, DAY_PATIENCE_MS),
  audit: (day: string) => ask<Audit>(`/v1/money/days/${day}/audit`, undefined, DAY_PATIENCE_MS),
  fileLines: (number: number, first: number, most: number) =>
    ask<FileLines>(`/v1/money/files/${number}${query({ first: String(first), most: String(most) })}`),
  trace: (of: string) => ask<Trace>(`/v1/money/trace/${encodeURIComponent(of)}`),
};

export type Api = typeof api;
