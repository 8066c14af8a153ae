import { expect, test } from "vitest";

import { ascii, fromHex, toHex } from "../src/core/bytes";
import { KeyPair } from "../src/core/sm2";
import { hmacSm3, sm3 } from "../src/core/sm3";

test.each([
  // GB/T 32905-2016, appendix A, examples 1 and 2.
  ["abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"],
  ["abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"],
])("SM3 of %s is the standard's", (text, digest) => {
  expect(toHex(sm3(ascii(text)))).toBe(digest);
});

test("HMAC-SM3 as OpenSSL makes it", () => {
  // printf 'hello ride' | openssl dgst -sm3 -hmac 'key'
  expect(toHex(hmacSm3(ascii("key"), ascii("hello ride")))).toBe(
    "df1e62ae90e69a686519e374fc855489aecfe86b90205ccafb36cd7d2d9c9ef7",
  );
});

test("the public key of 0x33…33 is that of the synthetic vectors", () => {
  expect(toHex(new KeyPair(fromHex("33".repeat(32))).publicKey)).toBe(
    "0240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c8",
  );
});

test.each(["00".repeat(32), "ff".repeat(32)])("%s is refused as a private key", (hex) => {
  expect(() => new KeyPair(fromHex(hex))).toThrow("private key");
});
