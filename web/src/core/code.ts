/**
 * The phone's part of a ride code (JT/T 1179-2018): fields 16 and 17 after the server's 1 to 15.
 *
 * Offsets are the standard's: 1 version, 5 card account, 10 user key, 13 length of the custom
 * field, whose N bytes make the authorisation 263 + N bytes and the whole code 332 + N.
 */

import { concat, fromNumber, toHex } from "./bytes";
import { DEFAULT_USER_ID, type Entropy, type KeyPair } from "./sm2";

const LEAST = 263;
const VERSION_LOCAL = 0x81;
const FORMAT_BYTE = Uint8Array.of(0x15);

/** A whole code: good from `madeS` for the authorisation's validity. */
export interface RideCode {
  bytes: Uint8Array;
  /** UTC seconds. */
  madeS: number;
}

/** The code of this second, with no network. */
export function present(
  authorisation: Uint8Array,
  key: KeyPair,
  nowS: number,
  entropy: Entropy,
): RideCode {
  if (authorisation.length !== LEAST + (authorisation[197] ?? -1)) {
    throw new Error("not fields 1 to 15 of a ride code");
  }
  if (toHex(authorisation.subarray(158, 191)) !== toHex(key.publicKey)) {
    throw new Error("an authorisation for another phone's key");
  }
  const signed = concat(authorisation, fromNumber(BigInt(nowS), 4));
  const local = authorisation[0] === VERSION_LOCAL;
  const userId = local ? authorisation.slice(136, 146) : DEFAULT_USER_ID;
  return { bytes: concat(signed, FORMAT_BYTE, key.sign(signed, entropy, userId)), madeS: nowS };
}
