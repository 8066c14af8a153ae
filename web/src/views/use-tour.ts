/** The tour for the views: its state, the second that ticks, language, theme, and the words. */

import { computed, inject, onScopeDispose, provide, ref, shallowRef, watchEffect, type InjectionKey } from "vue";

import { api } from "../core/api";
import { CLOSING_POLL_MS, DayEnd } from "../core/day";
import { money } from "../core/figures";
import { LIVE_POLL_MS, LiveCity } from "../core/live";
import { POLL_S, Tour } from "../core/tour";
import { firstLanguage, say, type Key, type Language, type Values, type Words } from "../core/words";

const KEY: InjectionKey<ReturnType<typeof makeTour>> = Symbol("tour");
const TICK_MS = 250;

export const VIEWS = ["city", "ride", "day"] as const;
export type View = (typeof VIEWS)[number];

export function provideTour() {
  const made = makeTour();
  provide(KEY, made);
  return made;
}

export function useTour() {
  return inject(KEY)!;
}

function makeTour() {
  const state = shallowRef<Tour["state"]>();
  const tour = new Tour(api, (changed) => (state.value = changed));
  state.value = tour.state;
  const living = shallowRef<LiveCity["state"]>();
  const city = new LiveCity(api, (changed) => (living.value = changed), tour.clock);
  living.value = city.state;
  const ending = shallowRef<DayEnd["state"]>();
  const day = new DayEnd(api, (changed) => (ending.value = changed));
  ending.value = day.state;
  const view = ref<View>("city");
  const beat = ref(0);
  const { language, toggleLanguage } = useLanguage();
  const { theme, toggleTheme } = useTheme();

  const t = (key: Key, values?: Values): string => say(language.value, key, values);
  const w = (words: Words): string => words[language.value];
  const known = computed(() => state.value!);
  const stopNames = computed(() => new Map(known.value.city?.stops.map(({ id, name }) => [id, name])));
  const stopName = (id: string): string => {
    const name = stopNames.value.get(id);
    return name ? w(name) : id;
  };
  /** Two stops as a way; a bus ride, and one whose exit is missing, has only the first. */
  const between = (from: string, to: string): string =>
    from && to ? t("fromTo", { from: stopName(from), to: stopName(to) }) : stopName(from || to);
  const cash = (amount: number): string => money(amount, known.value.city!.currency);
  /** Anything that is read off the clock reads this first, so that it is read anew each tick. */
  const ticking = <T>(read: () => T) => computed(() => (void beat.value, void state.value, read()));

  const tick = (): void => {
    tour.tick();
    beat.value++;
  };
  const timers = [
    window.setInterval(tick, TICK_MS),
    window.setInterval(() => tour.poll(), POLL_S * 1000),
    window.setInterval(() => document.hidden || view.value !== "city" || city.poll(), LIVE_POLL_MS),
    window.setInterval(() => document.hidden || view.value !== "day" || day.poll(), POLL_S * 1000),
    window.setInterval(() => day.state.closing && day.poll(), CLOSING_POLL_MS),
  ];
  // A page that was hidden has slept: the code is remade before anybody sees it.
  document.addEventListener("visibilitychange", tick);
  onScopeDispose(() => {
    timers.forEach(clearInterval);
    document.removeEventListener("visibilitychange", tick);
  });
  void tour.connect();

  return {
    tour, state: known, city, living: computed(() => living.value!), day, ending: computed(() => ending.value!), view,
    ticking, language, toggleLanguage, theme, toggleTheme, t, w, stopName, between, cash,
  };
}

function useLanguage() {
  const language = ref<Language>(firstLanguage(remembered("language"), navigator.languages));
  watchEffect(() => {
    document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
    document.title = say(language.value, "title");
  });
  const toggleLanguage = (): void => {
    language.value = language.value === "zh" ? "en" : "zh";
    remember("language", language.value);
  };
  return { language, toggleLanguage };
}

function useTheme() {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const systemDark = ref(system.matches);
  system.addEventListener("change", () => (systemDark.value = system.matches));
  const chosen = ref(remembered("theme"));
  const theme = computed(() => chosen.value ?? (systemDark.value ? "dark" : "light"));
  watchEffect(() => (document.documentElement.dataset.theme = theme.value));
  const toggleTheme = (): void => {
    chosen.value = theme.value === "dark" ? "light" : "dark";
    remember("theme", chosen.value);
  };
  return { theme, toggleTheme };
}

// Storage throws where a browser forbids it; the page does without.
function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`ridecode.${name}`);
  } catch {
    return null;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`ridecode.${name}`, value);
  } catch {
    return;
  }
}
