/** No face may show half a language: keys, templates and source are held against both. */

import { expect, test } from "vitest";
import { parse } from "vue/compiler-sfc";

import { STATIONS } from "../src/core/road";
import { dictionaries, firstLanguage, say } from "../src/core/words";

const texts = import.meta.glob<string>("../src/views/*", { query: "?raw", import: "default", eager: true });
const files = Object.entries(texts).map(([path, text]) => ({ name: path.split("/").at(-1)!, text }));
const components = files.filter(({ name }) => name.endsWith(".vue"));

/** Names of things, which are the same in every language. */
const PROPER = ["ridecode"];
const SPOKEN_ATTRIBUTES = ["aria-label", "aria-description", "title", "alt", "placeholder"];

interface Node {
  type: number;
  content?: unknown;
  props?: { name: string }[];
  children?: Node[];
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children ?? []) yield* walk(child);
}

test("both dictionaries have the same keys, and the same values in each text", () => {
  const [zh, en] = [dictionaries.zh, dictionaries.en] as Record<string, string>[];
  expect(Object.keys(en!).sort()).toEqual(Object.keys(zh!).sort());
  for (const [key, text] of Object.entries(zh!)) {
    const holes = (said: string): string[] => (said.match(/\{\w+\}/g) ?? []).sort();
    expect(holes(en![key]!), key).toEqual(holes(text));
  }
});

test("Chinese texts are Chinese, English ones have no Chinese letter in them", () => {
  for (const [key, text] of Object.entries(dictionaries.en)) {
    if (key !== "otherLanguage") expect(text, key).not.toMatch(/\p{Script=Han}/u);
  }
  const figures = ["otherLanguage", "fromTo", "join"];
  for (const [key, text] of Object.entries(dictionaries.zh)) {
    if (!figures.includes(key)) expect(text, key).toMatch(/\p{Script=Han}/u);
  }
});

test("every key is used", () => {
  const source = files.map(({ text }) => text).join("\n");
  // The stations of the road are keys by their own names.
  const used = (key: string): boolean =>
    (STATIONS as readonly string[]).includes(key) || source.includes(`"${key}"`) || source.includes(`'${key}'`);
  expect(Object.keys(dictionaries.zh).filter((key) => !used(key))).toEqual([]);
});

test.each(components)("$name has no text of its own", ({ text }) => {
  const { descriptor } = parse(text);
  for (const node of walk(descriptor.template!.ast as unknown as Node)) {
    if (node.type === 2 && !PROPER.includes(String(node.content).trim())) {
      expect(String(node.content)).not.toMatch(/\p{L}/u);
    }
    for (const attribute of node.props ?? []) expect(SPOKEN_ATTRIBUTES).not.toContain(attribute.name);
  }
});

test.each(files)("$name has no Chinese in its code", ({ text }) => {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  expect(code).not.toMatch(/\p{Script=Han}/u);
});

test("values are put into their holes", () => {
  expect(say("zh", "validFor", { seconds: 37 })).toBe("有效 37 秒");
  expect(say("en", "fromTo", { from: "Luohu", to: "OCT" })).toBe("Luohu → OCT");
});

test.each([
  ["en", ["zh-CN"], "en"],
  [null, ["fr-FR", "en-GB", "zh-CN"], "en"],
  [null, ["zh-TW"], "zh"],
  [null, ["fr-FR"], "zh"],
  ["klingon", ["en"], "en"],
] as const)("chosen %s, browser %s: %s", (chosen, browsers, language) => {
  expect(firstLanguage(chosen, browsers)).toBe(language);
});
