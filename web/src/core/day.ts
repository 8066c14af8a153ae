/**
 * The day's end: the books, closing a business day, its file, its audit, and the way of one ride's
 * money. Every figure is an answer of the server; when it is gone they are dropped.
 */

import {
  ApiError, type Api, type Audit, type Balance, type Books, type ClosedDay, type FileLines, type FilePlace, type Price,
  type Trace,
} from "./api";
import type { Progress } from "./road";
import { PAGE, pageOf } from "./settlement";
import type { Fault } from "./tour";

/** How often the books are asked how far a close has come. */
export const CLOSING_POLL_MS = 500;

export interface DayState {
  books: Books | undefined;
  /** The business day that is being closed. */
  closing: string | undefined;
  audit: Audit | undefined;
  file: FileLines | undefined;
  /** The line of the file that is looked at. */
  marked: number | undefined;
  trace: Trace | undefined;
  /** Its ride's price with words; none where there is no ride, or no price. */
  price: Price | undefined;
  busy: boolean;
  fault: Fault | undefined;
}

const NOTHING_OPEN = { audit: undefined, file: undefined, marked: undefined, trace: undefined, price: undefined };

export class DayEnd {
  state: DayState = { books: undefined, closing: undefined, busy: false, fault: undefined, ...NOTHING_OPEN };
  #asking = false;
  /** Goes up with each close: an answer that was asked for before it is old. */
  #closed = 0;

  constructor(
    private readonly api: Api,
    private readonly changed: (state: DayState) => void,
  ) {}

  /** Read the books again; while a day is closed they tell how far that has come. */
  async poll(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const asked = this.#closed;
    await this.#guard(async () => {
      const books = await this.api.money();
      if (asked === this.#closed) this.#set({ books });
    });
    this.#asking = false;
  }

  /** End the business day that runs. The clock goes on to its end. */
  close(): Promise<void> {
    const day = this.state.books?.day;
    if (!day) return Promise.resolve();
    return this.#act(async () => {
      this.#set({ closing: day, ...NOTHING_OPEN });
      const books = await this.api.closeDay();
      this.#closed++;
      this.#set({ books });
    });
  }

  audit(day: string): Promise<void> {
    return this.#act(async () => this.#set({ audit: await this.api.audit(day) }));
  }

  /** Open a settlement file at the page that begins with a line. */
  open(number: number, first = 1): Promise<void> {
    return this.#act(async () => {
      this.#set({ file: await this.api.fileLines(number, first, PAGE), marked: undefined });
    });
  }

  /** Open a file where a line of the books stands in it. */
  find({ number, line }: FilePlace): Promise<void> {
    return this.#act(async () => {
      this.#set({ file: await this.api.fileLines(number, pageOf(line), PAGE), marked: line });
    });
  }

  /** The way of the money of a tap, an order or a line of the books; `marked` is that line in the file. */
  trace(of: string, marked = this.state.marked): Promise<void> {
    return this.#act(async () => {
      const trace = await this.api.trace(of);
      const price = trace.ride && trace.prices.length ? await this.api.price(trace.ride.ride_id) : undefined;
      this.#set({ trace, price, marked });
    });
  }

  async #act(deed: () => Promise<void>): Promise<void> {
    if (this.state.busy) return;
    this.#set({ busy: true, fault: undefined });
    await this.#guard(deed);
    this.#set({ busy: false, closing: undefined });
  }

  async #guard(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.down) return this.#set({ books: undefined, ...NOTHING_OPEN });
      this.#set({ fault: { code: error.code, what: error.message, remedy: error.remedy } });
    }
  }

  #set(part: Partial<DayState>): void {
    this.state = { ...this.state, ...part };
    this.changed(this.state);
  }
}

export const DAY_STATIONS = ["book", "close", "seal", "file", "answer"] as const;
export type DayStation = (typeof DAY_STATIONS)[number];

/** The day that is being closed, as far as the books know it, else the newest that is closed. */
export function dayShown(books: Books | undefined, closing: string | undefined): ClosedDay | undefined {
  return closing ? books?.days.find(({ day }) => day === closing) : books?.days[0];
}

/** How far a day has come on the road book → close → seal → file → answer. */
export function dayRoad(day: ClosedDay | undefined): Record<DayStation, Progress> {
  const so = (is: boolean | undefined): Progress => (is ? "done" : "ahead");
  const files = day?.files ?? [];
  return {
    book: so(day !== undefined),
    close: so(day !== undefined),
    seal: so(day?.root != null),
    file: so(files.length > 0),
    answer: so(files.length > 0 && files.every(({ answer }) => answer !== null)),
  };
}

export interface TrialRow {
  kind: string;
  debit: number;
  credit: number;
}

/** The trial balance by kinds, in the chart's order; what has no balance is left out. */
export function trialRows(balances: Balance[]): TrialRow[] {
  const rows = new Map<string, TrialRow>();
  for (const { kind, closing } of balances) {
    const row = rows.get(kind) ?? { kind, debit: 0, credit: 0 };
    rows.set(kind, row);
    if (closing > 0) row.debit += closing;
    else row.credit -= closing;
  }
  return [...rows.values()].filter(({ debit, credit }) => debit || credit);
}

/** A column's sum. */
export const sumOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
