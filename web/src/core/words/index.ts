/** The page's words in both languages. What the server says comes in both already (`Words`). */

import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh" | "en";
export type Words = Record<Language, string>;
export type Key = keyof typeof zh;
export type Values = Record<string, string | number>;

export const dictionaries: Record<Language, Record<Key, string>> = { zh, en };

export function say(language: Language, key: Key, values: Values = {}): string {
  return dictionaries[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** The language that was chosen here before, else the browser's own. */
export function firstLanguage(chosen: string | null, browsers: readonly string[]): Language {
  if (chosen === "zh" || chosen === "en") return chosen;
  const known = browsers.find((language) => /^(zh|en)\b/i.test(language));
  return known?.toLowerCase().startsWith("en") ? "en" : "zh";
}
