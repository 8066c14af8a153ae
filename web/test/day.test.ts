import { expect, test } from "vitest";

import { ApiError, type Api, type Books, type ClosedDay, type Posted, type Trace } from "../src/core/api";
import { dayRoad, dayShown, DayEnd, sumOf, trialRows } from "../src/core/day";
import { capital } from "../src/core/figures";
import { PAGE, pageOf, readLine } from "../src/core/settlement";
import { placesOf, postedOf, wayOf } from "../src/core/way";
import * as money from "../src/core/words/money";

// The example of docs/clearing.md.
const FARE =
  "F,1041,01650001000070008000000000000001,3104870400000000018,shenzhen-metro,tencent,metro,line-1,sz-luohu,1535758200000000,sz-gangxia,1535759520000000,shenzhen-2018,400";
const BACK =
  "F,1046,01650000000070008000000000000000,3104870400000000018,shenzhen-metro,tencent,metro,line-1,sz-luohu,1535671800000000,,,shenzhen-2018,-900";
const CHARGE = "C,1043,01650001000070008000000000000001,3104870400000000018,wechat,4200000171201809010000000001,400";

test.each([
  [FARE, { letter: "F", n: "1041", amount: 400, way: ["sz-luohu", "sz-gangxia"] }],
  [BACK, { letter: "F", n: "1046", amount: -900, way: ["sz-luohu", ""] }],
  [CHARGE, { letter: "C", n: "1043", amount: 400, party: "wechat" }],
  [`A,16,7,${FARE}`, { letter: "A", n: "1041", amount: 400, way: ["sz-luohu", "sz-gangxia"] }],
  [`A,16,7,${CHARGE}`, { letter: "A", n: "1043", amount: 400, party: "wechat" }],
  ["O,shenzhen-metro,3,-200", { letter: "O", party: "shenzhen-metro", lines: 3, amount: -200 }],
  ["P,,1,200", { letter: "P", party: "", lines: 1, amount: 200 }],
  ["T,3,-300,2,-500,1,300", { letter: "T" }],
  ["S,34750f98bd59fcfc,2faf", { letter: "S" }],
])("%s is read", (text, said) => {
  expect(readLine(3, text)).toEqual({ at: 3, text, ...said });
});

test.each(["", "X,1", "F", `${FARE},1`, "C,x,o,a,wechat,t,400", "C,-1,o,a,wechat,t,400", "C,1,o,a,wechat,t,4.00", "O,metro,x,1", "A,16,7", "H,1"])(
  "%s is no line, and leads nowhere",
  (text) => {
    expect(readLine(1, text)).toEqual({ at: 1, text, letter: undefined });
  },
);

test("any bytes are read as some line or none, and keep their text", () => {
  let seed = 7;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  for (let round = 0; round < 2_000; round++) {
    const whole = [FARE, BACK, CHARGE, `A,16,7,${FARE}`, "O,m,3,-200"][next(5)]!;
    const at = next(whole.length);
    const text = whole.slice(0, at) + String.fromCharCode(next(128)) + whole.slice(at + next(3));
    const line = readLine(1, text);
    expect(line.text).toBe(text);
    if (line.n !== undefined) expect(line.n).toMatch(/^\d+$/);
    if (line.amount !== undefined) expect(Number.isInteger(line.amount)).toBe(true);
  }
});

test.each([
  [1, 1],
  [PAGE, 1],
  [PAGE + 1, PAGE + 1],
  [3 * PAGE, 2 * PAGE + 1],
])("line %i is on the page from %i", (line, first) => {
  expect(pageOf(line)).toBe(first);
});

test("the trial balance goes by kinds, and both sides come to the same", () => {
  const rows = trialRows([
    { kind: "rider", party: "", closing: 15_270 },
    { kind: "channel", party: "alipay", closing: 9_740 },
    { kind: "channel", party: "wechat", closing: -40 },
    { kind: "bank", party: "szt", closing: 0 },
    { kind: "wallet", party: "", closing: -24_970 },
  ]);
  expect(rows).toEqual([
    { kind: "rider", debit: 15_270, credit: 0 },
    { kind: "channel", debit: 9_740, credit: 40 },
    { kind: "wallet", debit: 0, credit: 24_970 },
  ]);
  expect(sumOf(rows.map(({ debit }) => debit))).toBe(sumOf(rows.map(({ credit }) => credit)));
});

const answer = { at: "", cleared: 2, cleared_amount: 800, rejected: 0, rejected_amount: 0 };
const file = { number: 1, name: "settlement.csv", lines: 2, fares: 400, charges: 400, answer };
const closed: ClosedDay = { day: "2018-09-14", closed_at: "", journals: 2, root: "ab", files: [file] };

test.each([
  ["running", undefined, "ahead ahead ahead ahead ahead"],
  ["closed", { ...closed, root: null, files: [] }, "done done ahead ahead ahead"],
  ["sealed", { ...closed, files: [] }, "done done done ahead ahead"],
  ["filed", { ...closed, files: [{ ...file, answer: null }] }, "done done done done ahead"],
  ["half answered", { ...closed, files: [file, { ...file, answer: null }] }, "done done done done ahead"],
  ["answered", closed, "done done done done done"],
])("a day that is %s has come so far", (_, day, road) => {
  expect(Object.values(dayRoad(day)).join(" ")).toBe(road);
});

const books: Books = { as_of: "", day: "2018-09-15", balanced: true, balances: [], days: [closed] };

test("the road is that of the day that is being closed, not of the one before", () => {
  expect(dayShown(books, undefined)).toBe(closed);
  expect(dayShown(books, "2018-09-14")).toBe(closed);
  expect(dayShown(books, "2018-09-15")).toBeUndefined();
  expect(dayShown(undefined, undefined)).toBeUndefined();
});

const place = { number: 1, name: "settlement.csv", line: 2, state: "cleared", reason: null } as const;
const fare: Posted = { n: 4, flow: "fare", amount: 400, day: "2018-09-14", number: "", files: [place] };
const charge: Posted = { ...fare, n: 7, flow: "charged", number: "42", files: [{ ...place, line: 3 }] };
const trace: Trace = {
  account: "1",
  ride: {
    ride_id: "r", operator_name: { zh: "", en: "" }, entry_stop: "a", exit_stop: "b", entry_at: null, exit_at: null,
    taps: [],
  },
  prices: [{ version: 1, tariff: "t", amount: 400 }],
  fares: [fare],
  order: {
    number: "o", channel_name: { zh: "", en: "" }, amount: 400, state: "paid", owed: 0, breaks: [], booked: [charge],
  },
};
const road = (of: Trace): string => wayOf(of).map(({ station, progress }) => `${station} ${progress}`).join(", ");
const withFare = (files: Posted["files"]): Trace => ({ ...trace, fares: [{ ...fare, files }] });

test("a settled ride is a line with all its stations", () => {
  expect(road(trace)).toBe(
    "tap done, ride done, price done, fare done, order done, payment done, file done, answer done",
  );
  expect(postedOf(trace).map(({ n }) => n)).toEqual([4, 7]);
  expect(placesOf(trace).map(({ place }) => place.line)).toEqual([2, 3]);
});

test.each([
  ["of an open day", withFare([]), { ...trace.order!, booked: [] }, "payment ahead, file ahead, answer ahead"],
  ["rejected", withFare([{ ...place, state: "rejected", reason: "wrong_amount" }]), trace.order, "file done, answer refused"],
  ["unanswered", withFare([{ ...place, state: "unanswered" }]), trace.order, "file done, answer held"],
  ["refused", trace, { ...trace.order!, state: "refused", booked: [] }, "order held, payment ahead, file done, answer done"],
  ["paid twice", trace, { ...trace.order!, breaks: ["paid_more"] }, "order held, payment done, file done, answer done"],
])("a ride that is %s says so at its station", (_, of, order, end) => {
  expect(road({ ...of, order })).toMatch(new RegExp(`, ${end}$`));
});

test("a fare without an order, and a difference without a ride, have no empty stations", () => {
  expect(road({ ...trace, order: null })).toBe("tap done, ride done, price done, fare done, file done, answer done");
  expect(road({ ...trace, ride: null, prices: [], fares: [] })).toBe(
    "order done, payment done, file done, answer done",
  );
});

/** A server that answers as it is told to. */
function served(answers: Partial<Api>): DayEnd {
  return new DayEnd(answers as Api, () => undefined);
}

test("an answer that was asked for before the day was closed does not bring the open day back", async () => {
  let told: (books: Books) => void = () => undefined;
  const before: Books = { ...books, day: "2018-09-14", days: [] };
  const answers: Promise<Books>[] = [Promise.resolve(before), new Promise((tell) => (told = tell))];
  const end = served({ money: () => answers.shift()!, closeDay: () => Promise.resolve(books) });
  await end.poll();
  const late = end.poll();
  await end.close();
  told(before);
  await late;
  expect(end.state.books).toBe(books);
  expect(end.state.closing).toBeUndefined();
});

test("a server that is gone takes every figure away; one that refuses is quoted", async () => {
  const refusal = new ApiError(404, "NotFoundError", "There is no such file.", "Ask for another.");
  let error = refusal;
  const end = served({ money: () => Promise.resolve(books), audit: () => Promise.reject(error) });
  await end.poll();
  await end.audit("2018-09-14");
  expect(end.state).toMatchObject({ books, busy: false, fault: { what: "There is no such file." } });
  error = new ApiError(0, "", "", "");
  await end.audit("2018-09-14");
  expect(end.state).toMatchObject({ books: undefined, busy: false, fault: undefined });
});

test("a place is found on its page, and marked", async () => {
  const asked: number[][] = [];
  const end = served({
    fileLines: (...of) => (asked.push(of), Promise.resolve({ number: 1, name: "", lines: 90, shown: [] })),
  });
  await end.find({ ...place, line: PAGE + 3 });
  expect(asked).toEqual([[1, PAGE + 1, PAGE]]);
  expect(end.state.marked).toBe(PAGE + 3);
});

test.each(Object.entries(money))("%s are said in both languages", (_, words) => {
  for (const [name, { zh, en }] of Object.entries(words)) {
    expect(zh, name).toMatch(/^\p{Script=Han}+$/u);
    expect(en, name).toMatch(/^[a-z', ]+$/);
  }
});

test("a row begins with a large letter", () => {
  expect(capital("owed by riders")).toBe("Owed by riders");
  expect(capital("应收")).toBe("应收");
});
