/**
 * The phone in the rider's hand. It makes its key here, fetches an authorisation while it has a
 * network, and from then on makes whole codes by itself.
 */

import type { Api, Authorisation } from "./api";
import { fromHex, toHex } from "./bytes";
import type { CityClock } from "./clock";
import { present, type RideCode } from "./code";
import { KeyPair, type Entropy } from "./sm2";

const machineEntropy: Entropy = (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
/** How long before its end an authorisation is renewed, in seconds. */
const RENEW_S = 3_600;
/** How far ahead of the gates a phone may be, in seconds. */
const AHEAD_S = 5;
/** How old the screenshot is that somebody sends round, beyond the code's validity. */
const SCREENSHOT_S = 240;

export class Phone {
  /** Whether its network is on. The gate is another device and does not care. */
  online = true;
  authorisation: Authorisation | undefined;
  code: RideCode | undefined;
  readonly #key: KeyPair;

  constructor(
    private readonly api: Api,
    private readonly clock: CityClock,
    private readonly entropy: Entropy = machineEntropy,
  ) {
    this.#key = KeyPair.generate(entropy);
  }

  get publicKey(): string {
    return toHex(this.#key.publicKey);
  }

  get validityS(): number {
    return this.authorisation?.validity_s ?? 0;
  }

  /** Seconds for which the present code is still good; 0 where there is none, or none of now. */
  leftS(): number {
    if (!this.code) return 0;
    const age = this.clock.nowS() - this.code.madeS;
    // A city that slows down leaves a code behind that is of a later moment.
    return age < -AHEAD_S ? 0 : Math.max(0, Math.min(this.validityS, this.validityS - age));
  }

  /** Fetch an authorisation where one is wanted and the network is on. */
  async renew(): Promise<void> {
    if (!this.online || !this.#wantsRenewal()) return;
    this.authorisation = await this.api.authorise(this.publicKey);
  }

  refresh(): void {
    if (this.authorisation) this.code = this.#present(this.clock.nowS());
  }

  /** A code of some minutes ago, as somebody's screenshot keeps it. */
  screenshot(): RideCode {
    return this.#present(this.clock.nowS() - this.validityS - SCREENSHOT_S);
  }

  #present(nowS: number): RideCode {
    if (!this.authorisation) throw new Error("the phone has no authorisation yet");
    return present(fromHex(this.authorisation.authorisation), this.#key, nowS, this.entropy);
  }

  #wantsRenewal(): boolean {
    if (!this.authorisation) return true;
    return Date.parse(this.authorisation.until) / 1000 - this.clock.nowS() < RENEW_S;
  }
}
