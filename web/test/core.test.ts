import { expect, test } from "vitest";

import { fromHex } from "../src/core/bytes";
import { CityClock } from "../src/core/clock";
import { present } from "../src/core/code";
import { bare, clockMinute, kilometres, minutesBetween, money } from "../src/core/figures";
import { symbolOf } from "../src/core/qr";
import { roadOf } from "../src/core/road";
import { KeyPair } from "../src/core/sm2";
import { pair, type Reading, type Shown } from "../src/core/tour";
import { city } from "./city";

const CNY = { code: "CNY", minor_digits: 2, symbol: "¥" };
const JPY = { code: "JPY", minor_digits: 0, symbol: "¥" };

test.each([
  [530, CNY, "¥5.30"],
  [-40, CNY, "−¥0.40"],
  [5, CNY, "¥0.05"],
  [0, CNY, "¥0.00"],
  [180, JPY, "¥180"],
])("%i of %o reads %s", (amount, currency, text) => {
  expect(money(amount, currency)).toBe(text);
  expect(bare(amount, currency)).toBe(text.replace("¥", ""));
});

test("distances and times", () => {
  expect(kilometres(22_449)).toBe("22.4");
  expect(clockMinute("2018-09-14T08:12:06+08:00")).toBe("08:12");
  expect(minutesBetween("2018-09-14T08:12:06+08:00", "2018-09-14T00:41:30Z")).toBe(29);
});

test("the city's clock goes on from the server's reading and keeps its offset", () => {
  let machine = 5_000;
  const clock = new CityClock(() => machine);
  clock.set("2018-09-14T08:12:06+08:00");
  machine += 61_500;
  expect(clock.iso()).toBe("2018-09-14T08:13:07+08:00");
  expect(clock.nowS()).toBe(Date.UTC(2018, 8, 14, 0, 13, 7) / 1000);
  clock.set("2018-09-13T23:00:00-04:30");
  expect(clock.iso()).toBe("2018-09-13T23:00:00-04:30");
});

// Vector A of the synthetic ones without its last 69 bytes: user key of 0x33…33, no custom field.
const AUTHORISATION = fromHex(
  "8001492401010000011201011000123000000104040021024467e6043f38645e740050f3d6c9d6a0bf6b13d3b57892842be9b75cca3ce884a7cd5cff96676e184ae1f27107afab3bf4f8037bcc507b7d6daba94676a24cff24064b3fb88d4869fdbf5244ac35b57ef4a60f52bbba2b5318fc2e7666c8cdc9303030303030303030303030303030313105170000000000001f0101100000000001010007d00240fe1d2084a7eb18c6270952e3e642be6e9c74a74c41bcb1dd329179216d26c870dbd880003c001553da4fe8c1e79321b4f6705dd485abe98f7ed6b45234e2269c3b286ef4bd91afcba9926b03d667150997e28b451772837960a052c929c1274313129282473148",
);
const key = new KeyPair(fromHex("33".repeat(32)));
const noEntropy = (bytes: Uint8Array): Uint8Array => bytes;

test("a code is the authorisation, the time, 0x15 and a signature", () => {
  const { bytes } = present(AUTHORISATION, key, 1_767_225_600, noEntropy);
  expect(bytes.length).toBe(332);
  expect(bytes.slice(0, 263)).toEqual(AUTHORISATION);
  expect(bytes.slice(263, 268)).toEqual(fromHex("6955b90015"));
});

test("with entropy that has failed, no two signatures share a nonce", () => {
  const [one, two] = [1, 2].map(() => present(AUTHORISATION, key, 1_767_225_600, noEntropy).bytes);
  expect(one!.slice(268, 300)).not.toEqual(two!.slice(268, 300));
});

test.each([
  ["cut short", AUTHORISATION.slice(0, 262)],
  ["with a byte too many", fromHex("00".repeat(264))],
])("an authorisation %s is refused", (_, bytes) => {
  expect(() => present(bytes, key, 1, noEntropy)).toThrow("fields 1 to 15");
});

test("an authorisation for another key is refused", () => {
  const other = new KeyPair(fromHex("44".repeat(32)));
  expect(() => present(AUTHORISATION, other, 1, noEntropy)).toThrow("another phone");
});

test.each([
  [332, 73],
  [364, 77],
])("%i bytes make a symbol of %i modules and four quiet ones on each side", (length, modules) => {
  const { side, path } = symbolOf(new Uint8Array(length).fill(0xa5));
  expect(side).toBe(modules + 8);
  expect(path.startsWith("M4 4h7v1h-7z")).toBe(true);
});

const nothing: Shown = {
  entry: undefined, exit: undefined, refused: undefined, ride: undefined, price: undefined,
  supply: undefined, supplied: false,
};
const reading = {} as Reading;
const ride = (state: string) => ({ state }) as Shown["ride"];
const price = {} as Shown["price"];

test.each([
  ["a code alone", {}, ["done", "ahead", "ahead", "ahead", "ahead"]],
  ["inside", { entry: reading, ride: ride("open") }, ["done", "done", "done", "ahead", "ahead"]],
  ["refused", { refused: reading }, ["done", "refused", "ahead", "ahead", "ahead"]],
  ["refused at the exit", { entry: reading, ride: ride("open"), refused: reading }, ["done", "refused", "ahead", "ahead", "ahead"]],
  ["arrived", { entry: reading, exit: reading, ride: ride("complete"), price }, ["done", "done", "done", "done", "done"]],
  ["no exit", { entry: reading, ride: ride("missing_exit"), price }, ["done", "done", "done", "held", "held"]],
  ["stop unknown", { entry: reading, exit: reading, ride: ride("unknown_stop") }, ["done", "done", "done", "held", "ahead"]],
] as const)("%s: the road is %j", (_, part, progress) => {
  expect(Object.values(roadOf({ ...nothing, ...part } as Shown, true))).toEqual(progress);
});

test("the first ride that is shown lies on the longest line, between stops with readers", () => {
  const places = ["a", "b", "c", "e"].map((stop) => ({ place: stop, stop, kind: "entry" as const, product: "metro", line: "1" }));
  expect(pair(city, places, "metro")).toEqual(["b", "c"]);
  expect(pair(city, [], "metro")).toEqual(["b", "d"]);
});
