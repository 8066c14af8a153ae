/**
 * SM2 signatures (GB/T 32918.2-2016) of a phone: the curve from @noble/curves, the scheme here.
 *
 * WebCrypto has no SM2, so the private scalar lies in this page's memory. The nonce is hedged: an
 * HMAC over key, digest, fresh entropy and a counter, so that a weak or repeating source of
 * randomness can neither repeat a nonce nor tell the key.
 */

import { weierstrass } from "@noble/curves/abstract/weierstrass.js";

import { ascii, concat, fromNumber, toNumber } from "./bytes";
import { hmacSm3, sm3 } from "./sm3";

const CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
};
const Point = weierstrass(CURVE);
const HEAD = [CURVE.a, CURVE.b, CURVE.Gx, CURVE.Gy].map((value) => fromNumber(value, 32));

export const DEFAULT_USER_ID = ascii("1234567812345678");

/** Fills bytes with randomness: `crypto.getRandomValues` in a browser. */
export type Entropy = (bytes: Uint8Array) => Uint8Array;

export class KeyPair {
  /** The compressed point, 33 bytes. */
  readonly publicKey: Uint8Array;
  readonly #d: bigint;
  readonly #xy: Uint8Array;
  #signed = 0;

  constructor(privateKey: Uint8Array) {
    this.#d = toNumber(privateKey);
    // n − 1 is left out: signing divides by 1 + d.
    if (this.#d < 1n || this.#d >= CURVE.n - 1n) throw new Error("not an SM2 private key");
    const point = Point.BASE.multiply(this.#d);
    this.publicKey = point.toBytes(true);
    this.#xy = point.toBytes(false).slice(1);
  }

  static generate(entropy: Entropy): KeyPair {
    for (;;) {
      const candidate = entropy(new Uint8Array(32));
      const d = toNumber(candidate);
      if (d >= 1n && d < CURVE.n - 1n) return new KeyPair(candidate);
    }
  }

  /** r ‖ s, 64 bytes. */
  sign(message: Uint8Array, entropy: Entropy, userId = DEFAULT_USER_ID): Uint8Array {
    const digest = this.#digest(message, userId);
    for (;;) {
      const signature = this.#attempt(toNumber(digest), this.#nonce(digest, entropy));
      if (signature) return signature;
    }
  }

  /** SM3 of ZA ‖ message, where ZA binds user id, curve and key. */
  #digest(message: Uint8Array, userId: Uint8Array): Uint8Array {
    const bits = fromNumber(BigInt(userId.length * 8), 2);
    return sm3(concat(sm3(concat(bits, userId, ...HEAD, this.#xy)), message));
  }

  #nonce(digest: Uint8Array, entropy: Entropy): bigint {
    const fresh = entropy(new Uint8Array(32));
    const count = fromNumber(BigInt(++this.#signed), 8);
    return toNumber(hmacSm3(fromNumber(this.#d, 32), concat(digest, fresh, count)));
  }

  /** One try with nonce k; nothing where the standard asks for another k. */
  #attempt(e: bigint, k: bigint): Uint8Array | undefined {
    if (k < 1n || k >= CURVE.n) return undefined;
    const r = modulo(e + Point.BASE.multiply(k).toAffine().x);
    if (r === 0n || r + k === CURVE.n) return undefined;
    const s = modulo(inverse(1n + this.#d) * modulo(k - r * this.#d));
    return s === 0n ? undefined : concat(fromNumber(r, 32), fromNumber(s, 32));
  }
}

const modulo = (value: bigint): bigint => ((value % CURVE.n) + CURVE.n) % CURVE.n;

/** By the extended Euclid; `value` is not 0 modulo n, which is prime. */
function inverse(value: bigint): bigint {
  let [a, b, x, y] = [modulo(value), CURVE.n, 1n, 0n];
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
  return modulo(x);
}
