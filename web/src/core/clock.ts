/** The city's clock as this page knows it: the server's last reading, carried on by our own. */

export class CityClock {
  #serverMs = 0;
  #readAt = 0;
  /** Seconds of the city in one of ours. */
  #speed = 1;
  /** Minutes east of UTC, as the server writes its times. */
  #offset = "+00:00";

  /** `ticking` gives milliseconds that only go forward, whatever is done to the machine's clock. */
  constructor(private readonly ticking: () => number = () => performance.now()) {}

  set(iso: string, speed = this.#speed): void {
    this.#serverMs = Date.parse(iso);
    this.#speed = speed;
    this.#readAt = this.ticking();
    this.#offset = /[+-]\d\d:\d\d$/.exec(iso)?.[0] ?? "+00:00";
  }

  nowMs(): number {
    return this.#serverMs + (this.ticking() - this.#readAt) * this.#speed;
  }

  nowS(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  /** A moment as the server writes it: ISO 8601 on the city's own clock, whole seconds. */
  iso(ms: number = this.nowMs()): string {
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(this.#offset)!;
    const shift = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
    return new Date(ms + shift).toISOString().slice(0, 19) + this.#offset;
  }
}
