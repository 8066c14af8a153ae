/**
 * The tour: what the page knows, and the acts of a rider. Every figure in its state is an answer
 * of the server; when the server is gone they are dropped, so that none can be taken for live.
 */

import {
  ApiError, type Api, type City, type Kind, type Place, type Price, type Quote, type Ride, type Scan,
  type Summary,
} from "./api";
import { toHex } from "./bytes";
import { CityClock } from "./clock";
import type { RideCode } from "./code";
import { Phone } from "./phone";
import { groundMetres, linesOf, routeOf } from "./route";

/** One reading at a gate: which code was shown where, and what the reader said. */
export interface Reading {
  place: Place;
  scan: Scan;
  code: RideCode;
}

/** The ride that the page shows, as far as it has come. */
export interface Shown {
  entry: Reading | undefined;
  exit: Reading | undefined;
  refused: Reading | undefined;
  ride: Ride | undefined;
  price: Price | undefined;
  /** An exit that the rider could supply: where, and when by the ride's likely time. */
  supply: { stop: string; at: string } | undefined;
  supplied: boolean;
}

export interface Fault {
  code: string;
  what: string;
  remedy: string;
}

export interface State {
  link: "loading" | "up" | "down";
  /** What the server said when it refused an act. */
  fault: Fault | undefined;
  noPlace: boolean;
  busy: boolean;
  city: City | undefined;
  places: Place[];
  product: string;
  from: string;
  to: string;
  quote: Quote | undefined;
  /** The reading by which the rider went in and has not come out. */
  inside: Reading | undefined;
  /** The tap that began the rider's last ride. */
  rode: string | undefined;
  shown: Shown;
  /** The old code that the phone shows in place of the live one. */
  screenshot: RideCode | undefined;
  summary: Summary | undefined;
}

export const POLL_S = 4;
/** How long a rider who forgot to tap out stays in town before going home. */
const IN_TOWN_S = 2 * 3_600;
/** Metres a second between stops, stopping times included, and the way to and from the platform. */
const PACE: Record<string, number> = { metro: 9.5, bus: 5, ferry: 10, cable_car: 4 };
const ON_FOOT_S = 240;
/** Metres a second between two places, by whatever road. */
const ON_THE_ROAD = 8;

/** A tap is verified, matched and priced within a second or so; a busy machine takes longer. */
const FOLLOW_MS = 250;
const FOLLOW_TRIES = 40;
const hasBegun = (ride: Ride): boolean => ride.state === "open" || ride.amount !== null;
const isOver = (ride: Ride): boolean => ride.state !== "open" && ride.amount !== null;
const pause = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));

const NOTHING_SHOWN: Shown = {
  entry: undefined, exit: undefined, refused: undefined, ride: undefined, price: undefined,
  supply: undefined, supplied: false,
};

export class Tour {
  state: State = {
    link: "loading", fault: undefined, noPlace: false, busy: false, city: undefined, places: [],
    product: "", from: "", to: "", quote: undefined, inside: undefined, rode: undefined,
    shown: NOTHING_SHOWN, screenshot: undefined, summary: undefined,
  };
  readonly clock: CityClock;
  readonly phone: Phone;
  #polling = false;
  /** Where a gate opened for this phone last. */
  #lastRead: string | undefined;

  constructor(
    private readonly api: Api,
    private readonly changed: (state: State) => void,
    clock = new CityClock(),
  ) {
    this.clock = clock;
    this.phone = new Phone(api, clock);
  }

  /** Read city, clock and day; also the way back after the server was gone. */
  async connect(): Promise<void> {
    await this.#guard(async () => {
      const [city, places, reading, summary] = await Promise.all([
        this.api.city(), this.api.places(), this.api.clock(), this.api.summary(),
      ]);
      this.clock.set(reading.now, reading.speed);
      this.#set({ city, places, summary, link: "up", fault: undefined });
      if (!this.state.from) this.#preset(city, places);
      await this.phone.renew();
      this.tick();
      await this.#ask();
    });
  }

  /** Ask for the day's figures again; finds out whether the server is there. */
  async poll(): Promise<void> {
    if (this.state.busy || this.#polling) return;
    this.#polling = true;
    await (this.state.link === "up" ? this.#guard(() => this.#day()) : this.connect());
    this.#polling = false;
  }

  /** The business day was closed: the clock is at its end, and whoever was inside has long left. */
  dayClosed(): Promise<void> {
    if (this.state.inside) this.#set({ inside: undefined, shown: NOTHING_SHOWN });
    return this.#guard(async () => {
      await this.#day();
      await this.phone.renew();
      // Meanwhile a code may have been made by an authorisation that has ended with the day.
      if (!this.state.screenshot) this.#renewCode();
    });
  }

  /** Keep the code on the phone good; `hidden` codes are remade when the page is seen again. */
  tick(): void {
    if (!this.state.screenshot && this.phone.leftS() === 0) this.#renewCode();
  }

  choose(choice: Partial<Pick<State, "product" | "from" | "to">>): Promise<void> {
    if (choice.product) {
      const [from, to] = pair(this.state.city!, this.state.places, choice.product);
      this.#set({ from, to, inside: undefined });
    }
    this.#set({ ...choice, shown: NOTHING_SHOWN, quote: undefined, noPlace: false, fault: undefined });
    return this.#guard(() => this.#ask());
  }

  swap(): Promise<void> {
    return this.choose({ from: this.state.to, to: this.state.from });
  }

  setNetwork(online: boolean): Promise<void> {
    this.phone.online = online;
    this.#set({});
    return this.#guard(() => this.phone.renew());
  }

  /** The one main act: in, out, or the single reading that is the whole ride. */
  main(): Promise<void> {
    return this.#act(() => (this.state.inside ? this.#out() : this.#in()));
  }

  showScreenshot(): Promise<void> {
    return this.#act(async () => {
      const code = this.phone.screenshot();
      this.#set({ screenshot: code, shown: NOTHING_SHOWN });
      const kind = this.state.inside ? "exit" : "entry";
      await this.#read(this.state.inside ? this.state.to : this.state.from, kind, code);
    });
  }

  /** Go in, forget to tap out, and go home hours later: the first ride lacks its exit. */
  forget(): Promise<void> {
    return this.#act(async () => {
      if (!this.state.inside) await this.#in();
      const first = this.state.inside;
      if (!first) return;
      const arrived = this.clock.iso(Date.parse(first.scan.tap.at) + this.likelyS() * 1000);
      await this.#forward(IN_TOWN_S);
      this.#lastRead = undefined;
      const { from, to } = this.state;
      this.#set({ from: to, to: from, inside: undefined, shown: NOTHING_SHOWN });
      await this.#in();
      if (!this.state.inside) return;
      const shown = { ...NOTHING_SHOWN, entry: first, supply: { stop: to, at: arrived } };
      this.#set({ shown });
      // The second entry says that the first ride has ended, as soon as it is matched.
      await this.#follow(first.scan.tap.tap_id, isOver);
    });
  }

  /** 补登: the rider supplies the missing exit. */
  supply(): Promise<void> {
    return this.#act(async () => {
      const { ride, supply } = this.state.shown;
      if (!ride || !supply) return;
      await this.api.remedy(ride.ride_id, supply.stop, supply.at);
      this.#show({ supply: undefined, supplied: true });
      await this.#follow(ride.ride_id, isOver);
    });
  }

  /** Seconds that the chosen ride probably takes, walking included, in whole minutes. */
  likelyS(): number {
    const mode = this.state.city?.products.find(({ id }) => id === this.state.product)?.mode ?? "";
    const riding = (this.state.quote?.distance_m ?? 0) / (PACE[mode] ?? 8);
    return Math.ceil((ON_FOOT_S + riding) / 60) * 60;
  }

  /** Whether one reading is the whole ride here. */
  get single(): boolean {
    return this.#placeAt(this.state.from, "entry")?.kind === "single";
  }

  async #in(): Promise<void> {
    this.#set({ shown: NOTHING_SHOWN });
    await this.#getThere(this.state.from);
    const reading = await this.#read(this.state.from, "entry", this.#ready());
    if (!reading?.scan.opened) return;
    const single = reading.place.kind === "single";
    this.#show({ entry: reading });
    this.#set({ inside: single ? undefined : reading, rode: reading.scan.tap.tap_id });
    await this.#follow(reading.scan.tap.tap_id);
  }

  /** Nobody is in two places: whoever begins elsewhere than the last reading was takes time to get there. */
  async #getThere(stop: string): Promise<void> {
    const stops = new Map(this.state.city!.stops.map((one) => [one.id, one]));
    const [last, next] = [stops.get(this.#lastRead ?? stop), stops.get(stop)];
    if (!last || !next || last === next) return;
    await this.#forward(Math.ceil((ON_FOOT_S + groundMetres(last, next) / ON_THE_ROAD) / 60) * 60);
  }

  async #out(): Promise<void> {
    const entry = this.state.inside!;
    await this.#forward(this.likelyS());
    this.#set({ shown: { ...NOTHING_SHOWN, entry } });
    const exit = await this.#read(this.state.to, "exit", this.#ready());
    if (!exit?.scan.opened) return;
    this.#show({ exit });
    this.#set({ inside: undefined });
    await this.#follow(entry.scan.tap.tap_id, isOver);
  }

  /** Hold a code to the reader of a stop. The gate's camera, not the phone, sends it on. */
  async #read(stop: string, kind: Kind, code: RideCode): Promise<Reading | undefined> {
    const place = this.#placeAt(stop, kind);
    if (!place) {
      this.#set({ noPlace: true });
      return undefined;
    }
    const reading = { place, code, scan: await this.api.scan(place.place, toHex(code.bytes)) };
    if (!reading.scan.opened) this.#show({ refused: reading });
    else this.#lastRead = stop;
    return reading;
  }

  /** A reader of this kind at a stop, or the one whose reading is the whole ride, going our way. */
  #placeAt(stop: string, kind: Kind): Place | undefined {
    const { city, places, product, from, to } = this.state;
    const here = places.filter((place) => place.stop === stop && place.product === product);
    const wanted = here.find((place) => place.kind === kind);
    if (wanted || kind !== "entry" || !city) return wanted;
    const single = here.filter((place) => place.kind === "single");
    const line = single.length > 1 ? routeOf(city, product, from, to)[0]?.line.id : undefined;
    return single.find((place) => place.line === line) ?? single[0];
  }

  /** What became of the ride of this entry tap, and its price where it has one. */
  async #follow(rideId: string, isSo = hasBegun): Promise<void> {
    const ride = await this.#rideOf(rideId, isSo);
    if (!ride) return;
    this.#show({ ride });
    if (ride.state !== "open") this.#show({ price: await this.api.price(rideId) });
  }

  /** The ride that a tap began, or none while the tap waits in its gate. */
  async #rideOf(id: string, isSo: (ride: Ride) => boolean): Promise<Ride | undefined> {
    const { entry, exit } = this.state.shown;
    const waits = (exit ?? entry)?.scan.tap.stored === false;
    for (let left = waits ? 1 : FOLLOW_TRIES; left > 0; left--) {
      const rides = await this.api.rides(this.phone.authorisation!.card_account);
      const ride = rides.find(({ ride_id }) => ride_id === id);
      if (ride && isSo(ride)) return ride;
      if (left > 1) await pause(FOLLOW_MS);
    }
    return undefined;
  }

  async #forward(seconds: number): Promise<void> {
    const { now, speed } = await this.api.advance(seconds);
    this.clock.set(now, speed);
    await this.phone.renew();
  }

  async #day(): Promise<void> {
    const [summary, reading] = await Promise.all([this.api.summary(), this.api.clock()]);
    this.clock.set(reading.now, reading.speed);
    this.#set({ summary });
    const { entry, exit, ride } = this.state.shown;
    // What waited in its gate may have come to the centre meanwhile.
    if (entry && (!ride || (exit && ride.state === "open"))) {
      await this.#follow(entry.scan.tap.tap_id, exit ? isOver : hasBegun);
    }
  }

  async #ask(): Promise<void> {
    const { product, from, to } = this.state;
    this.#set({ quote: from === to ? undefined : await this.api.quote(product, from, to) });
  }

  /** The live code that the phone shows, in place of any screenshot. */
  #ready(): RideCode {
    this.#set({ screenshot: undefined });
    this.tick();
    return this.phone.code!;
  }

  #renewCode(): void {
    this.phone.refresh();
    this.#set({});
  }

  #preset(city: City, places: Place[]): void {
    const product = city.products.find(({ id }) => linesOf(city, id).length)!.id;
    const [from, to] = pair(city, places, product);
    this.#set({ product, from, to });
  }

  async #act(deed: () => Promise<void>): Promise<void> {
    if (this.state.busy || this.state.link !== "up" || !this.phone.code) return;
    this.#set({ busy: true, fault: undefined, noPlace: false });
    try {
      await this.#guard(async () => {
        await deed();
        // A gate takes a code once.
        if (!this.state.screenshot) this.#renewCode();
        this.#set({ summary: await this.api.summary() });
      });
    } finally {
      this.#set({ busy: false });
    }
  }

  /** The server's refusals become words on the page; its absence takes every figure off it. */
  async #guard(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const fault = { code: error.code, what: error.message, remedy: error.remedy };
      if (!error.down) return this.#set({ fault });
      this.#set({ link: "down", fault: undefined, summary: undefined, quote: undefined, shown: NOTHING_SHOWN });
    }
  }

  #show(part: Partial<Shown>): void {
    this.#set({ shown: { ...this.state.shown, ...part } });
  }

  #set(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    this.changed(this.state);
  }
}

/**
 * A first ride that is worth showing: on the product's longest line, from one third of it to near
 * its end, at stops where a reader stands.
 */
export function pair(city: City, places: Place[], product: string): [string, string] {
  const read = new Set(places.map(({ stop }) => stop));
  const lines = linesOf(city, product).map((line) => {
    const stops = line.stops.filter((stop) => read.has(stop));
    return stops.length > 1 ? stops : line.stops;
  });
  const longest = lines.reduce((best, stops) => (stops.length > best.length ? stops : best), []);
  const last = longest.length - 1;
  return [longest[Math.round(last * 0.3)] ?? "", longest[Math.round(last * 0.8)] ?? ""];
}
